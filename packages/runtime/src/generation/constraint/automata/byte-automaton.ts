/** @file Automata over the bytes of a text, as they stand in it or as JSON writes them: what tokens are followed by. */

/** What a text is matched against byte by byte. From every state an end can be reached. */
export interface ByteAutomaton {
  readonly start: number
  /** The state after a byte, -1 where it can't follow. */
  step(state: number, byte: number): number
  accepts(state: number): boolean
}

/** A string of JSON of any characters, so many of them: characters are counted beside the states. */
export class CountedString implements ByteAutomaton {
  readonly start = 0
  readonly #content: number

  /** @param any the automaton of any string */
  constructor(
    readonly any: ByteAutomaton,
    readonly least: number,
    readonly most: number,
  ) {
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
    return Math.min(count + 1, most === Number.POSITIVE_INFINITY ? least : most) * STATES + next
  }
  accepts(state: number): boolean {
    return this.any.accepts(this.innerOf(state))
  }

  /** The state of any string, and the characters that there are. */
  innerOf(state: number): number {
    return state % STATES
  }
  countOf(state: number): number {
    return Math.floor(state / STATES)
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
/** More states than the automaton of any string has. */
const STATES = 256
