/** @file In which order a dataset is gone through. */
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
 * lengthGroupedOrder([3, 9, 4, 8], 2, new Generator(0)) // [1, 3, 2, 0]
 */
export function lengthGroupedOrder(
  lengths: ArrayLike<number>,
  batchSize: number,
  generator: Generator,
): number[] {
  const batches = Math.min(Math.floor(lengths.length / (batchSize * 4)), MOST_BATCHES) || 1
  const order = generator.randperm(lengths.length)
  const groups: number[][] = []
  for (let start = 0; start < order.length; start += batches * batchSize) {
    const group = [...order.subarray(start, start + batches * batchSize)]
    groups.push(group.sort((a, b) => lengths[b]! - lengths[a]!))
  }
  const [first] = groups
  if (first === undefined) return []
  const longest = groups.reduce((best, group) => (lengths[group[0]!]! > lengths[best[0]!]! ? group : best))
  const head = first[0]!
  first[0] = longest[0]!
  longest[0] = head
  return groups.flat()
}
