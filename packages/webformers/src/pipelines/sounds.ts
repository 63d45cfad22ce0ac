/** @file What the tasks of sound have in common: their inputs, and models that are asked about features. */
import type { AudioInput } from '@webformers/processors'
import type { Tensor } from '../tensor'
import { batchesOf, type Inputs, rowAt, stack, tensorsOf } from './features'
import type { Context, RowTensor } from './task'

/** Samples are one input, not a list of inputs or a stream of them. */
export const isOneSound = (input: unknown): boolean =>
  ArrayBuffer.isView(input) || (Array.isArray(input) && typeof input[0] === 'number')

/** A sound's features as a row of a batch. */
export async function featuresOf(
  sound: AudioInput,
  { featureExtractor, signal }: Context,
  options: object = {},
): Promise<Inputs> {
  return tensorsOf(await featureExtractor(sound, { ...options, signal }))
}

/** An output for each row; those of one shape are run together. */
export async function runFeatures(
  rows: readonly Inputs[],
  output: string,
  { model, signal }: Context,
): Promise<RowTensor[]> {
  const answers: RowTensor[] = []
  for (const batch of batchesOf(rows)) {
    const outputs = await model(stack(batch), { outputHiddenStates: false, outputAttentions: false, signal })
    const tensor = (outputs as Record<string, Tensor>)[output]!
    answers.push(...batch.map((_, i) => rowAt(tensor, i)))
  }
  return answers
}
