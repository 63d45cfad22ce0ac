/** @file Tokens within a string of any characters, by how many characters they add: where strings have a length, masks are put together of these. */
import type { CountedString } from './automata/byte-automaton'
import type { Vocabulary } from './vocabulary'

/** Tokens that an automaton reads as a whole, and nodes where it may end within a token. */
export interface Inside {
  /** A bit for each token, or a list of the few that there are. */
  readonly tokens: Uint32Array | readonly number[]
  readonly exits: readonly number[]
}

export class CountedTokens {
  /** Tokens after which the string goes on, by how many characters it has then: each set has those of the sets before, too. */
  readonly #open: Uint32Array[] = []
  /** Tokens that end the string, and nodes where it ends within a token. */
  readonly #closed: { readonly token: number; readonly count: number }[] = []
  readonly #exits: { readonly node: number; readonly count: number }[] = []

  /** @param inner where in a string they begin */
  constructor(
    { size, longest, byte, depth, end, first, tokens }: Vocabulary,
    strings: CountedString,
    inner: number,
  ) {
    const { any } = strings
    const states = new Int32Array(longest + 1)
    const counts = new Int32Array(longest + 1)
    states[0] = inner
    for (let node = 1; node < byte.length; ) {
      const level = depth[node]!
      const next = any.step(states[level - 1]!, byte[node]!)
      if (next < 0) {
        node = end[node]!
        continue
      }
      const count = counts[level - 1]! + Number(strings.completes(states[level - 1]!, next))
      states[level] = next
      counts[level] = count
      const closes = any.accepts(next)
      for (let i = first[node]!; i < first[node + 1]!; i++) {
        const token = tokens[i]!
        if (closes) this.#closed.push({ token, count })
        else {
          // A character that is begun counts, too: there must be room for it.
          const set = count + Number(!strings.isWhole(next))
          while (this.#open.length <= set) this.#open.push(new Uint32Array(Math.ceil(size / 32)))
          this.#open[set]![token >> 5]! |= 1 << (token & 31)
        }
      }
      if (closes && end[node]! > node + 1) this.#exits.push({ node, count })
      node++
    }
    for (let i = 1; i < this.#open.length; i++) {
      const [bits, before] = [this.#open[i]!, this.#open[i - 1]!]
      for (let word = 0; word < bits.length; word++) bits[word]! |= before[word]!
    }
    if (this.#open.length === 0) this.#open.push(new Uint32Array(Math.ceil(size / 32)))
  }

  /** What fits where at least and at most so many characters have to come. */
  between(least: number, most: number): Inside {
    const bits = this.#open[Math.min(most, this.#open.length - 1)]!.slice()
    for (const { token, count } of this.#closed)
      if (count >= least && count <= most) bits[token >> 5]! |= 1 << (token & 31)
    const exits = this.#exits.filter(({ count }) => count >= least && count <= most).map(({ node }) => node)
    return { tokens: bits, exits }
  }
}
