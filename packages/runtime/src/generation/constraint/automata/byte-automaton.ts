/** @file Automata over the bytes of a text, as they stand in it or as JSON writes them: what tokens are followed by. */

/** What a text is matched against byte by byte. From every state an end can be reached. */
export interface ByteAutomaton {
  readonly start: number
  /** The state after a byte, -1 where it can't follow. */
  step(state: number, byte: number): number
  accepts(state: number): boolean
}

/** An automaton as a table. */
export class TableAutomaton implements ByteAutomaton {
  readonly start = 0
  readonly #classes: Uint8Array
  readonly #table: Int32Array
  readonly #width: number

  /** @param table [states × 256]: the next state for each byte, -1 where there is none */
  constructor(
    table: Int32Array,
    readonly ends: readonly boolean[],
  ) {
    // Bytes that all states treat alike are one class: classes are split by one state after the other.
    this.#classes = new Uint8Array(256)
    for (let row = 0, count = 1; row < table.length && count < 256; row += 256) {
      const ids = new Map<number, number>()
      for (let byte = 0; byte < 256; byte++) {
        const key = this.#classes[byte]! * (ends.length + 1) + table[row + byte]! + 1
        const id = ids.get(key) ?? ids.size
        ids.set(key, id)
        this.#classes[byte] = id
      }
      count = ids.size
    }
    const bytes: number[] = []
    for (let byte = 0; byte < 256; byte++) bytes[this.#classes[byte]!] ??= byte
    this.#width = bytes.length
    this.#table = new Int32Array(ends.length * this.#width)
    for (let state = 0; state < ends.length; state++)
      for (const [c, byte] of bytes.entries())
        this.#table[state * this.#width + c] = table[state * 256 + byte]!
  }

  step(state: number, byte: number): number {
    return this.#table[state * this.#width + this.#classes[byte]!]!
  }
  accepts(state: number): boolean {
    return this.ends[state]!
  }
}

/** A string of JSON of any characters, so many of them: characters are counted beside the states. */
export class CountedString implements ByteAutomaton {
  readonly start = 0
  readonly #states: number
  readonly #content: number

  /** @param any the automaton of any string */
  constructor(
    readonly any: TableAutomaton,
    readonly least: number,
    readonly most: number,
  ) {
    this.#states = any.ends.length
    this.#content = any.step(any.start, QUOTE)
  }

  step(state: number, byte: number): number {
    const { any, least, most } = this
    const inner = this.innerOf(state)
    const next = any.step(inner, byte)
    if (next < 0) return -1
    const count = this.countOf(state)
    if (any.accepts(next)) return count >= least ? next : -1
    if (inner === this.#content && count === most) return -1
    if (!this.completes(inner, next)) return state - inner + next
    return Math.min(count + 1, most === Number.POSITIVE_INFINITY ? least : most) * this.#states + next
  }
  accepts(state: number): boolean {
    return this.any.accepts(this.innerOf(state))
  }

  /** The state of any string, and the characters that there are. */
  innerOf(state: number): number {
    return state % this.#states
  }
  countOf(state: number): number {
    return Math.floor(state / this.#states)
  }
  /** Whether no character is begun. */
  isWhole(inner: number): boolean {
    return inner === this.#content
  }
  /** Whether a character is whole with this step. */
  completes(inner: number, next: number): boolean {
    return this.isWhole(next) && inner !== this.any.start
  }
}

const QUOTE = 0x22
