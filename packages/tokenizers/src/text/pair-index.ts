/** @file Pairs of non-negative integers by number, in typed arrays: the merges of BPE by rank, the edges of a trie by node. */

/** Pairs as they are stored and handed over. */
export interface CompiledPairs {
  lefts: Int32Array<ArrayBuffer>
  rights: Int32Array<ArrayBuffer>
  /** Numbers by hash, −1 where there is none; a power of two of them, at most half of them taken. */
  slots: Int32Array<ArrayBuffer>
}

/** Open addressing; a lookup allocates nothing. */
export class PairIndex {
  private readonly mask: number

  constructor(private readonly pairs: CompiledPairs) {
    this.mask = pairs.slots.length - 1
  }

  /** The number of a pair, −1 where there is none. */
  find(left: number, right: number): number {
    const { lefts, rights, slots } = this.pairs
    const { mask } = this
    for (let slot = hashOf(left, right) & mask; ; slot = (slot + 1) & mask) {
      const number = slots[slot]!
      if (number === -1 || (lefts[number] === left && rights[number] === right)) return number
    }
  }
}

/** Collects pairs; each gets the next number. */
export class PairIndexBuilder {
  count = 0
  private lefts: Int32Array<ArrayBuffer>
  private rights: Int32Array<ArrayBuffer>
  private slots: Int32Array<ArrayBuffer>

  constructor(expected: number) {
    this.lefts = new Int32Array(Math.max(expected, 8))
    this.rights = new Int32Array(this.lefts.length)
    this.slots = emptySlots(this.lefts.length)
  }

  find(left: number, right: number): number {
    return this.slots[this.slotOf(left, right)]!
  }

  /** Gives a pair the next number, and forgets the one it had. */
  add(left: number, right: number): number {
    if (this.count === this.lefts.length) this.grow()
    const number = this.count++
    this.lefts[number] = left
    this.rights[number] = right
    this.slots[this.slotOf(left, right)] = number
    return number
  }

  done(): CompiledPairs {
    const { count, lefts, rights, slots } = this
    return {
      lefts: lefts.slice(0, count),
      rights: rights.slice(0, count),
      slots: slots.length > 4 * count + 16 ? this.rehash(count) : slots,
    }
  }

  private slotOf(left: number, right: number): number {
    const { lefts, rights, slots } = this
    const mask = slots.length - 1
    let slot = hashOf(left, right) & mask
    for (let number = slots[slot]!; number !== -1; number = slots[slot]!) {
      if (lefts[number] === left && rights[number] === right) break
      slot = (slot + 1) & mask
    }
    return slot
  }

  private grow(): void {
    const twice = (from: Int32Array) => {
      const to = new Int32Array(from.length * 2)
      to.set(from)
      return to
    }
    this.lefts = twice(this.lefts)
    this.rights = twice(this.rights)
    this.rehash(this.lefts.length)
  }

  private rehash(expected: number): Int32Array<ArrayBuffer> {
    this.slots = emptySlots(expected)
    for (let number = 0; number < this.count; number++)
      this.slots[this.slotOf(this.lefts[number]!, this.rights[number]!)] = number
    return this.slots
  }
}

function emptySlots(expected: number): Int32Array<ArrayBuffer> {
  let capacity = 16
  while (capacity < expected * 2) capacity *= 2
  return new Int32Array(capacity).fill(-1)
}

function hashOf(left: number, right: number): number {
  let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b3c6d)
  return hash ^ (hash >>> 13)
}
