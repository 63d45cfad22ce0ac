/** @file Dithering: faint noise, so that nothing is wholly silent. */
import { inSlices } from './slices'

/** Samples with noise of a normal distribution on top. */
export async function noisy(
  samples: Float32Array,
  deviation: number,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const noise = new Float32Array(samples.length)
  await inSlices(
    samples.length,
    (from, to) => {
      for (let i = from; i < to; i++) noise[i] = samples[i]! + deviation * normal()
    },
    signal,
    1 << 14,
  )
  return noise
}

/** A number from the standard normal distribution. */
const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
