/** @file Long loops over samples in slices, between which the page does its other work. */
import { breather } from '@webformers/hub'

/** Samples at once: a millisecond or less. */
const SLICE = 1 << 16

/** Work through so many samples, from and to which is said for each slice. */
export async function inSlices(
  length: number,
  work: (from: number, to: number) => void,
  signal?: AbortSignal,
  slice = SLICE,
): Promise<void> {
  const breathe = breather(signal)
  for (let from = 0; from < length; from += slice) {
    work(from, Math.min(from + slice, length))
    await breathe()
  }
}
