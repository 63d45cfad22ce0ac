/** @file Processors that look at what a sequence, or the prompt, has said already. */
import { forbid, type LogitsProcessor, perRow } from './processor'

/** Each token that occurred scores less, or more with a penalty below 1; once, however often it occurred. */
function penalize(scores: Float32Array, tokens: Iterable<number>, penalty: number) {
  for (const token of new Set(tokens)) {
    const score = scores[token]
    if (score !== undefined) scores[token] = score < 0 ? score * penalty : score / penalty
  }
}

/** Like `RepetitionPenaltyLogitsProcessor`. */
export function repetitionPenalty(penalty: number): LogitsProcessor {
  const single = Math.fround(penalty)
  return perRow((scores, sequence) => penalize(scores, sequence, single))
}

/** Tokens of the encoder's input, or of the prompt, score more: what is said keeps to it. Like
 * `EncoderRepetitionPenaltyLogitsProcessor`, whose beams other than the first see nothing of it.
 * @param inputs the prompt of each sequence */
export function encoderRepetitionPenalty(penalty: number, inputs: readonly Int32Array[]): LogitsProcessor {
  const single = Math.fround(1 / penalty)
  return {
    process(rows, scores) {
      const each = perRow((row, _, at) => penalize(row, inputOf(inputs, at, rows.length), single))
      return each.process(rows, scores)
    },
  }
}

/** No `size` tokens in a row twice. Like `NoRepeatNGramLogitsProcessor`. */
export const noRepeatNgram = (size: number): LogitsProcessor =>
  perRow((scores, sequence) => forbid(scores, followers(sequence, sequence, size)))

/** No `size` tokens in a row that the prompt has. Like `EncoderNoRepeatNGramLogitsProcessor`. */
export const encoderNoRepeatNgram = (size: number, inputs: readonly Int32Array[]): LogitsProcessor => ({
  process(rows, scores) {
    const each = perRow((row, sequence, at) =>
      forbid(row, followers(inputOf(inputs, at, rows.length), sequence, size)),
    )
    return each.process(rows, scores)
  },
})

/** Several sequences go on from one input. */
const inputOf = (inputs: readonly Int32Array[], row: number, rows: number) =>
  inputs[Math.floor((row * inputs.length) / rows)]!

/** What follows in `text` wherever the last `size - 1` tokens of `sequence` stand. */
function* followers(text: Int32Array, sequence: Int32Array, size: number): Iterable<number> {
  const known = size - 1
  const from = sequence.length - known
  if (from < 0) return
  for (let at = 0; at + known < text.length; at++) {
    let same = 0
    while (same < known && text[at + same] === sequence[from + same]) same++
    if (same === known) yield text[at + known]!
  }
}
