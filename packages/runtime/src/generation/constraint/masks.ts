/** @file Which tokens may follow a text: a bit for each. */
import { ResponseFormatError } from '../../errors'
import type { ByteAutomaton } from './automata/byte-automaton'
import type { Insides } from './insides'
import type { GrammarSymbol, Machine, State, Terminal } from './machine'
import { Ranks } from './ranks'
import type { Vocabulary } from './vocabulary'

/** Which tokens may follow, a bit for each. */
export interface Mask {
  readonly bits: Uint32Array
}

/** What is kept of them, in bits. */
const KEPT = 128 * 1024 * 1024

export class Masks {
  readonly vocabulary: Vocabulary
  readonly #masks = new Map<State, Mask>()

  constructor(
    readonly machine: Machine,
    readonly insides: Insides,
  ) {
    this.vocabulary = insides.vocabulary
  }

  /** The state after a token; null where it can't follow. */
  step(state: State, token: number): State | null {
    const bytes = this.vocabulary.bytesOf(token)
    let at: State | null = bytes.length === 0 ? null : state
    for (const byte of bytes) {
      at = at && this.machine.step(at, byte)
      if (!at) return null
    }
    return at
  }

  /** The tokens that may follow. */
  of(state: State): Mask {
    const known = this.#masks.get(state)
    if (known) return known
    // Masks are many megabytes in the end.
    if (this.#masks.size * this.vocabulary.size > KEPT) this.#masks.clear()
    const { tokens, size } = this.vocabulary
    const ranks = new Ranks(tokens.length)
    for (const way of state.ways) {
      const { automaton, following } = way.terminal
      const inside = this.insides.of(automaton, way.state)
      ranks.addAll(inside.ranks)
      if (inside.exits.length === 0) continue
      if (following) {
        for (const node of inside.exits) {
          const read = Uint8Array.of(...(way.read ?? []), ...this.#pathTo(node))
          this.#below(node, this.machine.stateAfter({ ...way, read }), ranks)
        }
        continue
      }
      const after = this.machine.stateAfter(way)
      if (after.ways.length > 0) for (const node of inside.exits) this.#below(node, after, ranks)
    }
    const mask = { bits: ranks.tokens(tokens, size) }
    this.#masks.set(state, mask)
    return mask
  }

  /** Find out ahead which tokens fit where parts of outputs begin, for about so many milliseconds at most: it is most of the work on
   * masks that are met for the first time. */
  prepare(milliseconds: number) {
    const end = performance.now() + milliseconds
    try {
      for (const { automaton } of terminalsFrom(this.machine.root))
        for (const state of firstStates(automaton)) {
          if (performance.now() > end) return
          this.insides.of(automaton, state)
        }
    } catch (error) {
      // What is too complex is told where an output comes to it: others may not.
      if (!(error instanceof ResponseFormatError)) throw error
    }
  }

  /** Mark the tokens below a node that may follow a state. */
  #below(node: number, state: State, ranks: Ranks) {
    const { byte, end, first } = this.vocabulary
    for (let child = node + 1; child < end[node]!; child = end[child]!) {
      const next = this.machine.step(state, byte[child]!)
      if (!next) continue
      for (let i = first[child]!; i < first[child + 1]!; i++) ranks.add(i)
      this.#below(child, next, ranks)
    }
  }

  #pathTo(node: number): number[] {
    const { byte, depth } = this.vocabulary
    const path: number[] = []
    let [at, level] = [node, depth[node]!]
    while (level > 0) {
      path.unshift(byte[at]!)
      level--
      while (level > 0 && depth[at]! !== level) at--
    }
    return path
  }
}

/** The terminals that a symbol can come to, the nearest first. */
function* terminalsFrom(root: GrammarSymbol): Iterable<Terminal> {
  const symbols = new Set([root])
  for (const symbol of symbols)
    if (symbol.kind === 'terminal') yield symbol
    else for (const next of symbol.ways().flat()) symbols.add(next)
}

/** How many states of an automaton are prepared: those of a string's first character are among them. */
const PREPARED = 4

/** The states that an automaton comes to first. */
function firstStates(automaton: ByteAutomaton): Iterable<number> {
  const found = new Set([automaton.start])
  for (const state of found)
    for (let byte = 0; byte < 256 && found.size < PREPARED; byte++) {
      const next = automaton.step(state, byte)
      if (next >= 0) found.add(next)
    }
  return found
}
