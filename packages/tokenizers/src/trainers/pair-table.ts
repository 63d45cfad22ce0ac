/** @file Pairs of symbols, numbered as they are found, with their counts: a hash table in typed arrays. */
import { Int32List } from './int32-list'

export class PairTable {
  readonly lefts = new Int32List()
  readonly rights = new Int32List()
  /** How often each pair occurs; below zero where a merge took away more than was ever counted. */
  counts = new Float64Array(1024)
  /** The number of the pair in each slot, −1 where there is none. */
  private slots = new Int32Array(4096).fill(-1)

  get length(): number {
    return this.lefts.length
  }

  /** The pair's number; a new pair gets the next. */
  indexOf(left: number, right: number): number {
    const slot = this.find(left, right)
    const known = this.slots[slot]!
    if (known !== -1) return known
    const index = this.lefts.length
    this.slots[slot] = index
    this.lefts.push(left)
    this.rights.push(right)
    if (index === this.counts.length) {
      const larger = new Float64Array(index * 2)
      larger.set(this.counts)
      this.counts = larger
    }
    if (this.length * 2 > this.slots.length) this.grow()
    return index
  }

  private find(left: number, right: number): number {
    const { slots } = this
    const lefts = this.lefts.data
    const rights = this.rights.data
    const mask = slots.length - 1
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
    hash ^= hash >>> 15
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = slots[slot]!
      if (index === -1 || (lefts[index] === left && rights[index] === right)) return slot
    }
  }

  private grow(): void {
    this.slots = new Int32Array(this.slots.length * 2).fill(-1)
    for (let index = 0; index < this.length; index++) {
      this.slots[this.find(this.lefts.data[index]!, this.rights.data[index]!)] = index
    }
  }
}
