/** @file A map from pairs of small integers to an integer, in typed arrays: merge ranks and the edges of a trie. */

/** Open addressing over powers of two; a quarter of a `Map`'s memory, no allocation on a lookup. */
export class PairMap {
  private lefts: Int32Array
  private rights: Int32Array
  private values: Int32Array
  private mask: number
  private count = 0

  constructor(expected: number) {
    let capacity = 16
    while (capacity < expected * 2) capacity *= 2
    this.mask = capacity - 1
    this.lefts = new Int32Array(capacity).fill(-1)
    this.rights = new Int32Array(capacity)
    this.values = new Int32Array(capacity)
  }

  /** The value at a pair of non-negative integers, −1 where there is none. */
  get(left: number, right: number): number {
    const slot = this.find(left, right)
    return this.lefts[slot] === -1 ? -1 : this.values[slot]!
  }

  set(left: number, right: number, value: number): void {
    const slot = this.find(left, right)
    if (this.lefts[slot] === -1) {
      this.lefts[slot] = left
      this.rights[slot] = right
      this.count++
    }
    this.values[slot] = value
    if (this.count * 2 > this.mask) this.grow()
  }

  private find(left: number, right: number): number {
    const { lefts, rights, mask } = this
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
    hash ^= hash >>> 15
    let slot = hash & mask
    while (lefts[slot] !== -1 && (lefts[slot] !== left || rights[slot] !== right)) slot = (slot + 1) & mask
    return slot
  }

  private grow(): void {
    const { lefts, rights, values } = this
    const larger = new PairMap(lefts.length)
    for (let slot = 0; slot < lefts.length; slot++) {
      if (lefts[slot] !== -1) larger.set(lefts[slot]!, rights[slot]!, values[slot]!)
    }
    Object.assign(this, larger)
  }
}
