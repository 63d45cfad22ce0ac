/** @file Pairs of non-negative integers by number, in typed arrays: the merges of BPE by rank, the edges of a trie by node. */

/** Pairs as they are stored and handed over. */
export interface CompiledPairs {
  lefts: Int32Array<ArrayBuffer>
  rights: Int32Array<ArrayBuffer>
  /**
   * Numbers by hash, −1 where there is none; a power of two of them, at most half of them taken. Bits that a number
   * does not need hold some of its pair's hash, so that most strangers are known without a look at the pairs.
   */
  slots: Int32Array<ArrayBuffer>
}

/** Open addressing; a lookup allocates nothing. */
export class PairIndex {
  private readonly bits: number

  constructor(private readonly pairs: CompiledPairs) {
    this.bits = bitsFor(pairs.lefts.length)
  }

  /** The number of a pair, −1 where there is none. */
  find(left: number, right: number): number {
    const { lefts, rights, slots } = this.pairs
    const { bits } = this
    const mask = slots.length - 1
    const hash = hashOf(left, right)
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot]!
      if (entry === -1) return -1
      if ((entry ^ hash) >>> bits !== 0) continue
      const number = entry & ((1 << bits) - 1)
      if (lefts[number] === left && rights[number] === right) return number
    }
  }
}

/** So many that every number below `count` fits, and none has all of them set. */
const bitsFor = (count: number): number => 32 - Math.clz32(count)

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
    const { count, lefts, rights } = this
    const bits = bitsFor(count)
    const slots = emptySlots(count)
    const mask = slots.length - 1
    for (const number of this.slots) {
      if (number === -1) continue
      const hash = hashOf(lefts[number]!, rights[number]!)
      let slot = hash & mask
      while (slots[slot] !== -1) slot = (slot + 1) & mask
      slots[slot] = (hash & ~((1 << bits) - 1)) | number
    }
    return { lefts: lefts.slice(0, count), rights: rights.slice(0, count), slots }
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
    this.slots = emptySlots(this.lefts.length)
    for (let number = 0; number < this.count; number++)
      this.slots[this.slotOf(this.lefts[number]!, this.rights[number]!)] = number
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
