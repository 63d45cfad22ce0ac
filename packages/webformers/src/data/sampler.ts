/** @file In which order a dataset is gone through. */
import { breather } from '@webformers/hub'
import { Generator } from './generator'

/** How many batches are sorted together, at most. */
const MOST_BATCHES = 50

/**
 * In which order an epoch takes a dataset's items. Like the sampler of Python's Trainer, accelerate's `SeedableRandomSampler`.
 * @param seed `data_seed`, or `seed` where there is none
 * @example
 * epochOrder(5, 42, 0) // Int32Array [0, 1, 3, 2, 4]
 */
export const epochOrder = (length: number, seed: number, epoch: number): Int32Array<ArrayBuffer> =>
  new Generator(seed + epoch).randperm(length)

/**
 * Indices in random order, such that a batch has items of about one length, and the longest item comes first. Like
 * `LengthGroupedSampler`.
 * @param lengths of the items, in the dataset's order
 * @example
 * await lengthGroupedOrder([3, 9, 4, 8], 2, new Generator(0)) // Int32Array [1, 3, 2, 0]
 */
export async function lengthGroupedOrder(
  lengths: ArrayLike<number>,
  batchSize: number,
  generator: Generator,
): Promise<Int32Array<ArrayBuffer>> {
  const batches = Math.min(Math.floor(lengths.length / (batchSize * 4)), MOST_BATCHES) || 1
  const order = generator.randperm(lengths.length)
  const size = batches * batchSize
  const breathe = breather()
  let longest = 0
  for (let start = 0; start < order.length; start += size) {
    // Sorting keeps the order of equals, as Python's does.
    order.subarray(start, start + size).sort((a, b) => lengths[b]! - lengths[a]!)
    if (lengths[order[start]!]! > lengths[order[longest]!]!) longest = start
    await breathe()
  }
  if (order.length === 0) return order
  const first = order[0]!
  order[0] = order[longest]!
  order[longest] = first
  return order
}
