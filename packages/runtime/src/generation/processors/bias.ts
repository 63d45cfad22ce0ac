/** @file Processors that favour or forbid given tokens and runs of tokens. */
import { InputError } from '../../errors'
import { type LogitsProcessor, perRow } from './processor'

/** A run of tokens, and what is added to the score of its last one where the others came before. */
export type SequenceBias = readonly [tokens: readonly number[], bias: number]

/** Like `SequenceBiasLogitsProcessor`.
 * @throws {InputError} when a token is none of the vocabulary */
export function sequenceBias(biases: readonly SequenceBias[], vocabulary: number): LogitsProcessor {
  const outside = biases.flatMap(([tokens]) => tokens).filter((token) => token >= vocabulary)
  if (outside.length > 0) {
    throw new InputError(
      `sequenceBias or badWordsIds has ${outside.join(', ')}, but this model knows ids from 0 to ${vocabulary - 1}.`,
    )
  }
  // Of equal runs the last counts, in the place of the first.
  const runs = [...new Map(biases.map((run) => [run[0].join(), run])).values()]
  const single = runs.filter(([tokens]) => tokens.length === 1)
  const longer = runs.filter(([tokens]) => tokens.length > 1)
  return perRow((scores, sequence) => {
    const sums = new Map(single.map(([[token], bias]) => [token!, Math.fround(bias)]))
    for (const [tokens, bias] of longer) {
      if (!completes(sequence, tokens)) continue
      const last = tokens.at(-1)!
      sums.set(last, Math.fround((sums.get(last) ?? 0) + Math.fround(bias)))
    }
    for (const [token, sum] of sums) scores[token] = scores[token]! + sum
  })
}

/** Whether the next token could be the last of a run. Like Python, which asks for a context as long as the whole run. */
function completes(sequence: Int32Array, tokens: readonly number[]): boolean {
  if (tokens.length > sequence.length) return false
  const from = sequence.length - tokens.length + 1
  for (let i = from; i < sequence.length; i++) if (sequence[i] !== tokens[i - from]) return false
  return true
}

/** Never these runs of tokens; an end by itself stays possible. Like `NoBadWordsLogitsProcessor`.
 * @throws {InputError} when a token is none of the vocabulary */
export const badWords = (
  words: readonly (readonly number[])[],
  eos: readonly number[],
  vocabulary: number,
): LogitsProcessor => {
  const isEnd = ([first, ...rest]: readonly number[]) => rest.length === 0 && eos.includes(first!)
  return sequenceBias(
    words.filter((tokens) => !isEnd(tokens)).map((tokens) => [tokens, Number.NEGATIVE_INFINITY]),
    vocabulary,
  )
}
