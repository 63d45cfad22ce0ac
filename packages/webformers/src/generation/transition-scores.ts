/** @file How likely each token of a generation was. */
import { InputError, transitionScores } from '@webformers/runtime'
import type { Tensor } from '../tensor'
import type { GenerateOutput } from './outputs'
import { rowsOf } from './prompt'

/** See `ModelGeneration.computeTransitionScores`. */
export function computeTransitionScores(
  { sequences, scores, beam_indices }: GenerateOutput,
  { normalizeLogits = false }: { normalizeLogits?: boolean } = {},
): Tensor<'float32'> {
  const vocabulary = scores?.[0]?.shape[1]
  if (vocabulary === undefined) {
    throw new InputError(
      'Transition scores are made of the scores of each step. Generate with { returnDictInGenerate: true, outputScores: true }.',
    )
  }
  const rows = transitionScores(
    {
      sequences: rowsOf(sequences),
      scores: scores!.map(({ data }) => data),
      ...(beam_indices && { beam_indices: rowsOf(beam_indices) }),
    },
    vocabulary,
    { normalizeLogits },
  )
  const shape = [rows.length, rows[0]!.length]
  return { dtype: 'float32', shape, data: Float32Array.from(rows.flatMap((row) => [...row])) }
}
