/** @file Processors that leave out unlikely tokens. Each keeps the `keep` likeliest at least: beams need one that is no end. */
import { before, border, kthLargest } from '../border'
import { largest, max, softmax } from '../numeric'
import { type LogitsProcessor, NEVER, perRow } from './processor'

/** Only the `k` likeliest tokens, and those that are as likely as the last of them. Like `TopKLogitsWarper`. */
export const topK = (k: number, keep: number): LogitsProcessor =>
  perRow((scores) => {
    const count = Math.max(k, keep)
    if (count < scores.length) dropBelow(scores, kthLargest(scores, count))
  })

function dropBelow(scores: Float32Array, least: number) {
  for (let i = 0; i < scores.length; i++) if (scores[i]! < least) scores[i] = NEVER
}

/** The tokens that are still possible, in their order: their places and scores. */
function possible(scores: Float32Array): { places: Int32Array; values: Float32Array } {
  const places = new Int32Array(scores.length)
  const values = new Float32Array(scores.length)
  let count = 0
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] === NEVER) continue
    places[count] = i
    values[count++] = scores[i]!
  }
  return { places: places.subarray(0, count), values: values.subarray(0, count) }
}

/** The likeliest tokens that have together at least probability `p`: the unlikely ones go as long as what goes sums up to
 * 1 − p at most. Like `TopPLogitsWarper`. */
export function topP(p: number, keep: number): LogitsProcessor {
  const rest = Math.fround(1 - p)
  return perRow((scores) => {
    const { places, values } = possible(scores)
    const first = border(values, (sum) => sum <= rest, softmax(values))
    const kept = border(values, (count) => count <= Math.max(0, values.length - keep))
    if (!kept) return
    const from = first && before(first.key, first.at, kept) ? first : kept
    for (let i = 0; i < values.length; i++) if (before(values[i]!, i, from)) scores[places[i]!] = NEVER
  })
}

/** Only tokens at least `p` times as likely as the likeliest. Like `MinPLogitsWarper`. */
export function minP(p: number, keep: number): LogitsProcessor {
  const part = Math.fround(p)
  return perRow((scores) => {
    const probabilities = softmax(scores)
    const least = Math.fround(part * max(probabilities))
    for (const at of largest(scores, keep)) probabilities[at] = 1
    for (let i = 0; i < scores.length; i++) if (probabilities[i]! < least) scores[i] = NEVER
  })
}

/** The tokens whose surprise is nearest to the expected one, up to probability `mass`. Like `TypicalLogitsWarper`. */
export function typicalP(mass: number, keep: number): LogitsProcessor {
  const single = Math.fround(mass)
  return perRow((scores) => {
    const { places, values } = possible(scores)
    const probabilities = softmax(values)
    const expected = Math.fround(entropy(values))
    const log = logOfSum(values)
    const distances = values.map((value) => Math.abs(Math.fround(Math.fround(log - value) - expected)))
    const next = border(distances, (sum) => sum < single, probabilities)
    if (!next) return
    const nearest = distances.map((distance) => -distance)
    const kept = new Set(largest(nearest, keep))
    for (let i = 0; i < values.length; i++)
      if (distances[i]! > next.key && !kept.has(i)) scores[places[i]!] = NEVER
  })
}

/** Only tokens of at least probability `epsilon`. Like `EpsilonLogitsWarper`. */
export const epsilonCutoff = (epsilon: number, keep: number): LogitsProcessor =>
  perRow((scores) => dropImprobable(scores, softmax(scores), Math.fround(epsilon), keep))

/** The same, with a border that falls as the scores say less. Like `EtaLogitsWarper`. */
export function etaCutoff(epsilon: number, keep: number): LogitsProcessor {
  const single = Math.fround(epsilon)
  const root = Math.fround(Math.sqrt(single))
  return perRow((scores) => {
    const eta = Math.fround(root * Math.fround(Math.exp(-entropy(possible(scores).values))))
    dropImprobable(scores, softmax(scores), Math.min(single, eta), keep)
  })
}

function dropImprobable(scores: Float32Array, probabilities: Float32Array, least: number, keep: number) {
  const kept = kthLargest(scores, keep)
  for (let i = 0; i < scores.length; i++)
    if (probabilities[i]! < least && scores[i]! < kept) scores[i] = NEVER
}

/** The logarithm of the sum of exponentials. */
function logOfSum(values: Float32Array): number {
  const top = max(values)
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i]! - top)
  return top + Math.log(sum)
}

/** The expected surprise of a choice by these scores. */
function entropy(values: Float32Array): number {
  const log = logOfSum(values)
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (log - values[i]!) * Math.exp(values[i]! - log)
  return sum
}
