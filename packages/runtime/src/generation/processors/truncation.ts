/** @file Processors that leave out unlikely tokens. Each keeps the `keep` likeliest at least: beams need one that is no end. */
import { before, border, kthLargest } from '../border'
import { largest, max, softmax } from '../numeric'
import { type LogitsProcessor, NEVER, perRow } from './processor'

/** Up to so many, the likeliest are picked in one pass. */
const FEW = 128

/** The `k`-th largest score. */
function kth(scores: Float32Array, k: number): number {
  return k > FEW ? kthLargest(scores, k) : scores[largest(scores, k).at(-1)!]!
}

/** Only the `k` likeliest tokens, and those that are as likely as the last of them. Like `TopKLogitsWarper`. */
export const topK = (k: number, keep: number): LogitsProcessor =>
  perRow((scores) => {
    const count = Math.max(k, keep)
    if (count >= scores.length) return
    const least = kth(scores, count)
    for (let i = 0; i < scores.length; i++) if (scores[i]! < least) scores[i] = NEVER
  })

/** The tokens that are still possible, in their order: their places and scores. */
function possible(scores: Float32Array): { places: Int32Array; values: Float32Array } {
  let count = 0
  for (let i = 0; i < scores.length; i++) if (scores[i] !== NEVER) count++
  const places = new Int32Array(count)
  const values = new Float32Array(count)
  let at = 0
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] === NEVER) continue
    places[at] = i
    values[at++] = scores[i]!
  }
  return { places, values }
}

/** The likeliest tokens that have together at least probability `p`: the unlikely ones go as long as what goes sums up to
 * 1 − p at most. Like `TopPLogitsWarper`. */
export function topP(p: number, keep: number): LogitsProcessor {
  const rest = Math.fround(1 - p)
  return perRow((scores) => {
    const { places, values } = possible(scores)
    const first = border(values, (sum) => sum <= rest, softmax(values))
    let kept = 0
    if (first) for (let i = 0; i < values.length; i++) if (!before(values[i]!, i, first)) kept++
    const dropped = values.length - keep
    const from = kept >= keep ? first : border(values, (count) => count <= dropped)
    if (dropped <= 0 || !from) return
    for (let i = 0; i < values.length; i++) if (before(values[i]!, i, from)) scores[places[i]!] = NEVER
  })
}

/** Only tokens at least `p` times as likely as the likeliest. Like `MinPLogitsWarper`. */
export function minP(p: number, keep: number): LogitsProcessor {
  const distance = Math.log(p)
  return perRow((scores) => {
    const kept = Array.from(largest(scores, keep), (at) => [at, scores[at]!] as const)
    const least = max(scores) + distance
    for (let i = 0; i < scores.length; i++) if (scores[i]! < least) scores[i] = NEVER
    for (const [at, score] of kept) scores[at] = score
  })
}

/** The tokens whose surprise is nearest to the expected one, up to probability `mass`. Like `TypicalLogitsWarper`. */
export function typicalP(mass: number, keep: number): LogitsProcessor {
  const single = Math.fround(mass)
  return perRow((scores) => {
    const { places, values } = possible(scores)
    const probabilities = new Float32Array(values.length)
    const { log, entropy } = measure(values, probabilities)
    const expected = Math.fround(entropy)
    const distances = new Float32Array(values.length)
    for (let i = 0; i < values.length; i++)
      distances[i] = Math.abs(Math.fround(Math.fround(log - values[i]!) - expected))
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
  perRow((scores) => dropImprobable(scores, measure(scores).log, epsilon, keep))

/** The same, with a border that falls as the scores say less. Like `EtaLogitsWarper`. */
export const etaCutoff = (epsilon: number, keep: number): LogitsProcessor =>
  perRow((scores) => {
    const { log, entropy } = measure(scores)
    dropImprobable(scores, log, Math.min(epsilon, Math.sqrt(epsilon) * Math.exp(-entropy)), keep)
  })

/** @param log of the sum of exponentials */
function dropImprobable(scores: Float32Array, log: number, epsilon: number, keep: number) {
  const least = Math.min(log + Math.log(epsilon), kth(scores, keep))
  for (let i = 0; i < scores.length; i++) if (scores[i]! < least) scores[i] = NEVER
}

/** Of a choice by these scores: the logarithm of the sum of exponentials, and the expected surprise.
 * @param probabilities takes the probability of each, where it is given */
function measure(scores: Float32Array, probabilities?: Float32Array): { log: number; entropy: number } {
  const top = max(scores)
  let [sum, weighted] = [0, 0]
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] === NEVER) continue
    const distance = scores[i]! - top
    const power = Math.exp(distance)
    sum += power
    weighted += power * distance
    if (probabilities) probabilities[i] = power
  }
  if (probabilities) for (let i = 0; i < scores.length; i++) probabilities[i] = probabilities[i]! / sum
  const log = Math.log(sum)
  return { log: top + log, entropy: log - weighted / sum }
}
