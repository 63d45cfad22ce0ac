/** @file A set of tokens by their places in the order of their bytes: those that begin alike lie side by side. */

export class Ranks {
  /** The first word that is held; those before and behind are empty. */
  readonly #begin: number
  readonly #words: Uint32Array

  /** @param size of the vocabulary @param range within which all that will be added lies */
  constructor(size: number, [from, to]: readonly [number, number] = [0, size]) {
    this.#begin = from >>> 5
    this.#words = new Uint32Array(Math.ceil(to / 32) - this.#begin)
  }

  add(rank: number) {
    this.#words[(rank >>> 5) - this.#begin]! |= 1 << (rank & 31)
  }

  /** Add what another set holds. */
  addAll(other: Ranks) {
    const shift = other.#begin - this.#begin
    const words = other.#words
    for (let i = 0; i < words.length; i++) this.#words[i + shift]! |= words[i]!
  }

  /** Add what another set holds from one rank to before another. */
  addRange(other: Ranks, from: number, to: number) {
    if (from >= to) return
    const [first, last] = [from >>> 5, (to - 1) >>> 5]
    for (let word = first; word <= last; word++) {
      let bits = other.#words[word - other.#begin]!
      if (word === first) bits &= -1 << (from & 31)
      if (word === last) bits &= -1 >>> (31 - ((to - 1) & 31))
      this.#words[word - this.#begin]! |= bits
    }
  }

  copy(size: number): Ranks {
    const made = new Ranks(size)
    made.addAll(this)
    return made
  }

  /** A bit for each token of `size`, whose ranks `tokens` lists in order. */
  tokens(tokens: Int32Array, size: number): Uint32Array {
    const bits = new Uint32Array(Math.ceil(size / 32))
    for (let i = 0; i < this.#words.length; i++) {
      for (let word = this.#words[i]!; word !== 0; word &= word - 1) {
        const token = tokens[(i + this.#begin) * 32 + 31 - Math.clz32(word & -word)]!
        bits[token >>> 5]! |= 1 << (token & 31)
      }
    }
    return bits
  }
}
