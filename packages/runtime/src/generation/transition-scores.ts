/** @file How likely each chosen token was. */
import { InputError } from '../errors'
import { logSoftmax, rowsOf } from './numeric'
import type { GenerationOutput } from './output'

/**
 * The score of each token that was made, a row for each sequence; 0 after a beam's end. Like `compute_transition_scores`.
 * @param normalizeLogits make logarithms of probabilities of the scores first
 * @throws {InputError} when the output holds no scores
 */
export function transitionScores(
  { sequences, scores, beam_indices }: GenerationOutput,
  vocabulary: number,
  { normalizeLogits = false } = {},
): Float32Array[] {
  if (!scores) {
    throw new InputError(
      'Transition scores are of the scores of each step. Generate with { returnDictInGenerate: true, outputScores: true }.',
    )
  }
  const steps = normalizeLogits ? scores.map((step) => normalized(step, vocabulary)) : scores
  const made = beam_indices?.[0]?.length ?? steps.length
  return sequences.map((sequence, i) => {
    const tokens = sequence.subarray(sequence.length - made)
    return Float32Array.from(tokens, (token, step) => {
      // A beam's tokens were chosen in different rows, others in their own.
      const row = beam_indices ? beam_indices[i]![step]! : i
      return row < 0 ? 0 : steps[step]![row * vocabulary + token]!
    })
  })
}

function normalized(step: Float32Array, vocabulary: number): Float32Array {
  const logs = step.slice()
  for (const row of rowsOf(logs, logs.length / vocabulary)) logSoftmax(row)
  return logs
}
