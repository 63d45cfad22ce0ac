/** @file Where a sorted list of scores would be cut, found without sorting more than a few of them. */

/** An item of a list: items are in the order of their keys, and those of equal keys in the order of their places. */
export interface Item {
  readonly key: number
  readonly at: number
}

const BINS = 65536
const sums = new Float64Array(BINS)
/** Below this, sorting all is faster than counting bins. */
const FEW = 1024

/** The upper half of a float's bits, so that larger floats have larger numbers. */
const binOf = (bits: number) => ((bits < 0 ? ~bits : bits | 0x80000000) >>> 16) & 0xffff

/**
 * Taking items in ascending order and summing their weights up: the first whose sum is not `within` any more.
 * `undefined` where all are.
 * @param within true up to some sum, 0 included, and false from there on; it is asked with sums in single precision
 * @param weights how much each item weighs; without them each weighs 1
 */
export function border(
  keys: Float32Array,
  within: (sum: number) => boolean,
  weights?: Float32Array,
): Item | undefined {
  let sum = 0
  const walk = (places: number[]): Item | undefined => {
    places.sort((a, b) => keys[a]! - keys[b]! || a - b)
    for (const at of places) {
      sum += weights ? weights[at]! : 1
      if (!within(Math.fround(sum))) return { key: keys[at]!, at }
    }
    return undefined
  }
  if (keys.length <= FEW) return walk(Array.from(keys, (_, at) => at))

  const bits = new Int32Array(keys.buffer, keys.byteOffset, keys.length)
  sums.fill(0)
  for (let i = 0; i < keys.length; i++) {
    const bin = binOf(bits[i]!)
    sums[bin] = sums[bin]! + (weights ? weights[i]! : 1)
  }
  for (let bin = 0; bin < BINS; bin++) {
    if (sums[bin] === 0) continue
    if (within(Math.fround(sum + sums[bin]!))) {
      sum += sums[bin]!
      continue
    }
    const places: number[] = []
    for (let i = 0; i < keys.length; i++) if (binOf(bits[i]!) === bin) places.push(i)
    const found = walk(places)
    if (found) return found
  }
  return undefined
}

/** Whether an item comes before another. */
export const before = (key: number, at: number, other: Item): boolean =>
  key < other.key || (key === other.key && at < other.at)

/** The k-th largest of the values. */
export function kthLargest(values: Float32Array, k: number): number {
  const smaller = values.length - Math.min(k, values.length)
  return border(values, (count) => count <= smaller)!.key
}
