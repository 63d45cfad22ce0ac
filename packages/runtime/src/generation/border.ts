/** @file Where a sorted list of scores would be cut, found without sorting more than a few of them. */

/** An item of a list: items are in the order of their keys, and those of equal keys in the order of their places. */
export interface Item {
  readonly key: number
  readonly at: number
}

/** A float's bits are looked at in three parts, the upper ones first. */
const parts = [
  { shift: 21, mask: 0x7ff },
  { shift: 10, mask: 0x7ff },
  { shift: 0, mask: 0x3ff },
]
const sums = new Float64Array(0x800)
const NEGATIVE_ZERO = 0x80000000 | 0
/** Fewer items are simply sorted. */
const FEW = 256

/** A float's bits as a whole number, larger for larger floats. */
const ordered = (bits: number) => (bits === NEGATIVE_ZERO || bits >= 0 ? bits | 0x80000000 : ~bits)

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
  const bits = new Int32Array(keys.buffer, keys.byteOffset, keys.length)
  let places: Int32Array | undefined
  let sum = 0
  for (const { shift, mask } of parts) {
    const count = places ? places.length : keys.length
    if (count <= FEW) break
    sums.fill(0)
    for (let i = 0; i < count; i++) {
      const at = places ? places[i]! : i
      const bin = (ordered(bits[at]!) >>> shift) & mask
      sums[bin] = sums[bin]! + (weights ? weights[at]! : 1)
    }
    const found = sums.findIndex((weight) => {
      if (!within(Math.fround(sum + weight))) return true
      sum += weight
      return false
    })
    if (found < 0) return places && lastOf(keys, places)
    const candidates = new Int32Array(count)
    let kept = 0
    for (let i = 0; i < count; i++) {
      const at = places ? places[i]! : i
      if (((ordered(bits[at]!) >>> shift) & mask) === found) candidates[kept++] = at
    }
    places = candidates.subarray(0, kept)
  }
  const all = places ?? Int32Array.from(keys, (_, at) => at)
  all.sort((a, b) => keys[a]! - keys[b]! || a - b)
  for (const at of all) {
    sum += weights ? weights[at]! : 1
    if (!within(Math.fround(sum))) return { key: keys[at]!, at }
  }
  return places && lastOf(keys, places)
}

/** Where the border lies among some items, and rounding has it that it does not. */
function lastOf(keys: Float32Array, places: Int32Array): Item {
  const at = places.reduce((last, place) => (keys[place]! >= keys[last]! ? place : last))
  return { key: keys[at]!, at }
}

/** Whether an item comes before another. */
export const before = (key: number, at: number, other: Item): boolean =>
  key < other.key || (key === other.key && at < other.at)

/** The k-th largest of the values. */
export function kthLargest(values: Float32Array, k: number): number {
  const smaller = values.length - Math.min(k, values.length)
  return border(values, (count) => count <= smaller)!.key
}
