/** @file Which tokens an automaton reads, found by going down the tree of a vocabulary, and kept for all forms that read alike. */
import { type ByteAutomaton, CountedString } from './automata/byte-automaton'
import { SpelledAutomaton } from './automata/spelling'
import { CountedTokens, type Inside } from './counted-tokens'
import { Ranks } from './ranks'
import { anyString } from './schema/strings'
import type { Vocabulary } from './vocabulary'

/** What an automaton reads from the root's children on, each with the state that it is in there. */
type Below = Map<number, Inside>

export class Insides {
  #known = new WeakMap<ByteAutomaton, Map<number, Inside>>()
  #below = new WeakMap<ByteAutomaton, Below>()
  #kept = 0
  /** By the state within a string; any string's are the same. */
  readonly #counted = new Map<number, CountedTokens>()
  /** Within any string, between its characters. */
  readonly #content: { readonly state: number; readonly inside: Inside }

  constructor(readonly vocabulary: Vocabulary) {
    const any = anyString()
    const state = any.step(any.start, QUOTE)
    this.#content = { state, inside: this.#gathered(any, state, (node, next) => this.#walk(any, node, next)) }
    this.#keep(any, state, this.#content.inside)
    this.#countedFrom(state)
  }

  /** The tokens that an automaton reads from a state on. */
  of(automaton: ByteAutomaton, state: number): Inside {
    const known = this.#known.get(automaton)?.get(state)
    if (known) return known
    if (automaton instanceof CountedString) {
      const count = automaton.countOf(state)
      const tokens = this.#countedFrom(automaton.innerOf(state))
      return this.#keep(automaton, state, tokens.between(automaton.least - count, automaton.most - count))
    }
    return this.#keep(automaton, state, this.#gathered(automaton, state, this.#subtrees(automaton)))
  }

  #keep(automaton: ByteAutomaton, state: number, inside: Inside): Inside {
    this.#kept += 1
    if (this.#kept * this.vocabulary.tokens.length > KEPT) {
      this.#known = new WeakMap()
      this.#below = new WeakMap()
      this.#kept = 1
    }
    const known = this.#known.get(automaton) ?? new Map<number, Inside>()
    this.#known.set(automaton, known)
    known.set(state, inside)
    return inside
  }

  #countedFrom(inner: number): CountedTokens {
    const known = this.#counted.get(inner) ?? new CountedTokens(this.vocabulary, anyCounted(), inner)
    this.#counted.set(inner, known)
    return known
  }

  /** What is read below each child of the root. */
  #gathered(automaton: ByteAutomaton, state: number, below: (node: number, next: number) => Inside): Inside {
    const { byte, end, first, tokens } = this.vocabulary
    const ranks = new Ranks(tokens.length)
    const exits: number[] = []
    for (let node = 1; node < byte.length; node = end[node]!) {
      const next = automaton.step(state, byte[node]!)
      if (next < 0) continue
      const inside = below(node, next)
      ranks.addRange(inside.ranks, first[node]!, first[end[node]!]!)
      for (const exit of between(inside.exits, node, end[node]!)) exits.push(exit)
    }
    return { ranks, exits }
  }

  /** Strings differ in few of their states: what most of them read was found for any string, what is left is found once. */
  #subtrees(automaton: ByteAutomaton) {
    const known: Below = this.#below.get(automaton) ?? new Map()
    this.#below.set(automaton, known)
    const any = anyString()
    const { byte } = this.vocabulary
    return (node: number, next: number): Inside => {
      const same = any.step(this.#content.state, byte[node]!)
      if (same >= 0 && isAlike(automaton, next, same)) return this.#content.inside
      const key = next * byte.length + node
      const found = known.get(key) ?? this.#walk(automaton, node, next)
      known.set(key, found)
      return found
    }
  }

  /** What is read in a node and below it, where the automaton is in `state` after the node's byte. */
  #walk(automaton: ByteAutomaton, top: number, state: number): Inside {
    const { byte, depth, end, first, tokens } = this.vocabulary
    const states = new Int32Array(this.vocabulary.longest + 1)
    const ranks = new Ranks(tokens.length, [first[top]!, first[end[top]!]!])
    const exits: number[] = []
    for (let node = top; node < end[top]!; ) {
      const next = node === top ? state : automaton.step(states[depth[node]! - 1]!, byte[node]!)
      if (next < 0) {
        node = end[node]!
        continue
      }
      states[depth[node]!] = next
      for (let i = first[node]!; i < first[node + 1]!; i++) ranks.add(i)
      if (end[node]! > node + 1 && automaton.accepts(next)) exits.push(node)
      node++
    }
    return { ranks, exits }
  }
}

const QUOTE = 0x22
/** What is kept of them, in bits. */
const KEPT = 128 * 1024 * 1024
const anyCounted = () => new CountedString(anyString(), 0, Number.POSITIVE_INFINITY)

/** Whether a state of an automaton reads what one of any string reads. */
const isAlike = (automaton: ByteAutomaton, state: number, other: number): boolean =>
  automaton instanceof SpelledAutomaton &&
  automaton.spelling.json &&
  automaton.spelling.escapes &&
  automaton.stateOfAny(state, anyString()) === other

/** Of ascending numbers those from `begin` to before `end`. */
function between(numbers: readonly number[], begin: number, end: number): readonly number[] {
  const at = (value: number) => {
    let [low, high] = [0, numbers.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (numbers[middle]! < value) low = middle + 1
      else high = middle
    }
    return low
  }
  return numbers.slice(at(begin), at(end))
}
