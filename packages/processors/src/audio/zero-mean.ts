/** @file Sound with mean 0 and variance 1. */
import type { PaddedSound } from './pad'
import { inSlices } from './slices'

/** So that silence stays finite. */
const LEAST = 1e-7

/** Like `zero_mean_unit_var_norm` in Python: mean and variance are those of the row's first `length` samples, padding on the left
 * or not, and what follows them is padding. */
export async function normalized(
  { samples, length }: Pick<PaddedSound, 'samples' | 'length'>,
  paddingValue: number,
  signal?: AbortSignal,
): Promise<Float32Array> {
  let [sum, squares] = [0, 0]
  await inSlices(
    length,
    (from, to) => {
      for (let i = from; i < to; i++) sum += samples[i]!
    },
    signal,
  )
  const mean = sum / length
  await inSlices(
    length,
    (from, to) => {
      for (let i = from; i < to; i++) squares += (samples[i]! - mean) ** 2
    },
    signal,
  )
  const scale = 1 / Math.sqrt(squares / length + LEAST)
  const row = new Float32Array(samples.length)
  await inSlices(
    length,
    (from, to) => {
      for (let i = from; i < to; i++) row[i] = (samples[i]! - mean) * scale
    },
    signal,
  )
  return row.fill(paddingValue, length)
}
