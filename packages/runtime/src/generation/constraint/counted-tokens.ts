/** @file Tokens within a string of any characters, by how many characters they add: where strings have a length, masks are put together of these. */
import type { CountedString } from './automata/byte-automaton'
import { Ranks } from './ranks'
import type { Vocabulary } from './vocabulary'

/** Tokens that an automaton reads as a whole, and nodes where it may end within a token. */
export interface Inside {
  readonly ranks: Ranks
  readonly exits: readonly number[]
}

export class CountedTokens {
  /** Tokens after which the string goes on, by how many characters it has then: each set has those of the sets before, too. */
  readonly #open: Ranks[] = []
  /** Tokens that end the string, and nodes where it ends within a token. */
  readonly #closed: { readonly rank: number; readonly count: number }[] = []
  readonly #size: number
  readonly #exits: { readonly node: number; readonly count: number }[] = []

  /** @param inner where in a string they begin */
  constructor(
    { longest, byte, depth, end, first, tokens }: Vocabulary,
    strings: CountedString,
    inner: number,
  ) {
    const { any } = strings
    this.#size = tokens.length
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
        if (closes) this.#closed.push({ rank: i, count })
        else {
          // A character that is begun counts, too: there must be room for it.
          const set = count + Number(!strings.isWhole(next))
          while (this.#open.length <= set) this.#open.push(new Ranks(this.#size))
          this.#open[set]!.add(i)
        }
      }
      if (closes && end[node]! > node + 1) this.#exits.push({ node, count })
      node++
    }
    for (let i = 1; i < this.#open.length; i++) this.#open[i]!.addAll(this.#open[i - 1]!)
    if (this.#open.length === 0) this.#open.push(new Ranks(this.#size))
  }

  /** What fits where at least and at most so many characters have to come. */
  between(least: number, most: number): Inside {
    const ranks = this.#open[Math.min(most, this.#open.length - 1)]!.copy(this.#size)
    const fits = ({ count }: { readonly count: number }) => count >= least && count <= most
    for (const closed of this.#closed) if (fits(closed)) ranks.add(closed.rank)
    return { ranks, exits: this.#exits.filter(fits).map(({ node }) => node) }
  }
}
