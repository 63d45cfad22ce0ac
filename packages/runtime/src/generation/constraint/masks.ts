/** @file Which tokens may follow a text: a bit for each. */
import { type ByteAutomaton, CountedString } from './automata/byte-automaton'
import { CountedTokens, type Inside } from './counted-tokens'
import type { Machine, State } from './machine'
import type { Vocabulary } from './vocabulary'

/** Which tokens may follow, a bit for each. */
export interface Mask {
  readonly bits: Uint32Array
}

/** What is kept of them, in bits. */
const KEPT = 128 * 1024 * 1024

export class Masks {
  readonly #insides = new Map<ByteAutomaton, Map<number, Inside>>()
  readonly #words: number
  #kept = 0
  readonly #masks = new Map<State, Mask>()

  constructor(
    readonly machine: Machine,
    readonly vocabulary: Vocabulary,
  ) {
    this.#words = Math.ceil(vocabulary.size / 32)
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
    this.#forget()
    const bits = new Uint32Array(this.#words)
    for (const way of state.ways) {
      const { automaton, following } = way.terminal
      const inside = this.#inside(automaton, way.state)
      if (inside.tokens instanceof Uint32Array)
        for (let i = 0; i < bits.length; i++) bits[i]! |= inside.tokens[i]!
      else for (const token of inside.tokens) bits[token >> 5]! |= 1 << (token & 31)
      if (inside.exits.length === 0) continue
      if (following) {
        for (const node of inside.exits) {
          const read = Uint8Array.of(...(way.read ?? []), ...this.#pathTo(node))
          this.#below(node, this.machine.stateAfter({ ...way, read }), bits)
        }
        continue
      }
      const after = this.machine.stateAfter(way)
      if (after.ways.length > 0) for (const node of inside.exits) this.#below(node, after, bits)
    }
    const mask = { bits }
    this.#masks.set(state, mask)
    return mask
  }

  /** Masks and parts of them are many megabytes in the end. */
  #forget() {
    const size = 32 * this.#words
    if ((this.#kept + this.#masks.size) * size < KEPT) return
    this.#masks.clear()
    this.#insides.clear()
    this.#kept = 0
  }

  /** Mark the tokens below a node that may follow a state. */
  #below(node: number, state: State, bits: Uint32Array) {
    const { byte, end } = this.vocabulary
    for (let child = node + 1; child < end[node]!; child = end[child]!) {
      const next = this.machine.step(state, byte[child]!)
      if (!next) continue
      this.#mark(child, bits)
      this.#below(child, next, bits)
    }
  }

  #mark(node: number, bits: Uint32Array) {
    const { first, tokens } = this.vocabulary
    for (let i = first[node]!; i < first[node + 1]!; i++) {
      const token = tokens[i]!
      bits[token >> 5]! |= 1 << (token & 31)
    }
  }

  #inside(automaton: ByteAutomaton, state: number): Inside {
    let known = this.#insides.get(automaton)
    if (!known) {
      known = new Map()
      this.#insides.set(automaton, known)
    }
    const before = known.get(state)
    if (before) return before
    const found = this.#find(automaton, state)
    if (found.tokens instanceof Uint32Array) this.#kept++
    known.set(state, found)
    return found
  }

  #find(automaton: ByteAutomaton, state: number): Inside {
    if (!(automaton instanceof CountedString)) return this.#walk(automaton, state)
    const inner = automaton.innerOf(state)
    const tokens = this.#counted.get(inner) ?? new CountedTokens(this.vocabulary, automaton, inner)
    this.#counted.set(inner, tokens)
    const count = automaton.countOf(state)
    return tokens.between(automaton.least - count, automaton.most - count)
  }
  /** By the state within a string; any string's are the same. */
  readonly #counted = new Map<number, CountedTokens>()

  #walk(automaton: ByteAutomaton, state: number): Inside {
    const { byte, depth, end, first, tokens: all } = this.vocabulary
    const states = new Int32Array(this.vocabulary.longest + 1)
    const tokens: number[] = []
    const exits: number[] = []
    states[0] = state
    for (let node = 1; node < byte.length; ) {
      const next = automaton.step(states[depth[node]! - 1]!, byte[node]!)
      if (next < 0) {
        node = end[node]!
        continue
      }
      states[depth[node]!] = next
      for (let i = first[node]!; i < first[node + 1]!; i++) tokens.push(all[i]!)
      if (end[node]! > node + 1 && automaton.accepts(next)) exits.push(node)
      node++
    }
    if (tokens.length < this.#words) return { tokens, exits }
    const bits = new Uint32Array(this.#words)
    for (const token of tokens) bits[token >> 5]! |= 1 << (token & 31)
    return { tokens: bits, exits }
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
