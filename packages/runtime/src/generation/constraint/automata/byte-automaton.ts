/** @file Automata over the bytes of a text, as they stand in it or as JSON writes them: what tokens are followed by. */

/** What a text is matched against byte by byte. From every state an end can be reached. */
export interface ByteAutomaton {
  readonly start: number
  /** The state after a byte, -1 where it can't follow. */
  step(state: number, byte: number): number
  accepts(state: number): boolean
  /** A state that takes the same next `longest` bytes as this one, the same for all those: what is found out for it serves them all. */
  alike(state: number, longest: number): number
}

/** An automaton as a table. */
export class TableAutomaton implements ByteAutomaton {
  readonly start = 0
  readonly #classes: Uint8Array
  readonly #table: Int32Array
  readonly #width: number

  /** @param rows for each state the next one for each of the 256 bytes */
  constructor(
    rows: readonly Int32Array[],
    readonly ends: readonly boolean[],
  ) {
    // Bytes that all states treat alike are one class.
    const ids = new Map<string, number>()
    const bytes: number[] = []
    this.#classes = new Uint8Array(256)
    for (let byte = 0; byte < 256; byte++) {
      const column = rows.map((row) => row[byte]).join()
      const id = ids.get(column) ?? bytes.push(byte) - 1
      ids.set(column, id)
      this.#classes[byte] = id
    }
    this.#width = bytes.length
    this.#table = Int32Array.from(rows.flatMap((row) => bytes.map((byte) => row[byte]!)))
  }

  step(state: number, byte: number): number {
    return this.#table[state * this.#width + this.#classes[byte]!]!
  }
  accepts(state: number): boolean {
    return this.ends[state]!
  }
  alike(state: number): number {
    return state
  }
}

/** A string of JSON of any characters, so many of them: characters are counted beside the states. */
export class CountedString implements ByteAutomaton {
  readonly start = 0
  readonly #any: TableAutomaton
  readonly #states: number
  readonly #content: number

  /** @param any the automaton of any string */
  constructor(
    any: TableAutomaton,
    readonly least: number,
    readonly most: number,
  ) {
    this.#any = any
    this.#states = any.ends.length
    this.#content = any.step(any.start, QUOTE)
  }

  step(state: number, byte: number): number {
    const inner = state % this.#states
    const next = this.#any.step(inner, byte)
    if (next < 0) return -1
    const count = (state - inner) / this.#states
    if (this.#any.accepts(next)) return count >= this.least ? next : -1
    if (inner === this.#content && count === this.most) return -1
    if (next !== this.#content || inner === this.#any.start) return state - inner + next
    return Math.min(count + 1, this.#last) * this.#states + next
  }
  accepts(state: number): boolean {
    return this.#any.accepts(state % this.#states)
  }

  /** Far from both borders it does not matter how far. */
  alike(state: number, longest: number): number {
    const inner = state % this.#states
    const count = (state - inner) / this.#states
    const [from, to] =
      count < this.least ? [0, this.least - longest - 1] : [this.least, this.most - longest - 1]
    return count > from && count <= to ? from * this.#states + inner : state
  }

  get #last(): number {
    return this.most === Number.POSITIVE_INFINITY ? this.least : this.most
  }
}

const QUOTE = 0x22
