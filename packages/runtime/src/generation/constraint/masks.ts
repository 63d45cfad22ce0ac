/** @file Which tokens may follow a text: a bit for each. */
import type { Insides } from './insides'
import type { Machine, State } from './machine'
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
