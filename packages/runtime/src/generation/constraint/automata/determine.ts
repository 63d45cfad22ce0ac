/** @file Expressions as automata: first with several ways at once, then with one. */
import { MOST_STATES, tooComplex } from '../errors'
import type { Ranges } from './characters'
import { construct, type Dfa, startsOf } from './dfa'
import { ANYTHING, type Expression, parseRegex, sequence } from './regex'

/** Where one can go on from a state. */
interface Place {
  readonly free: number[]
  /** Only at the beginning of a text, only at its end. */
  readonly begin: number[]
  readonly end: number[]
  readonly edges: (readonly [set: Ranges, to: number])[]
}

class Places {
  readonly all: Place[] = []

  add(): number {
    if (this.all.length > 10 * MOST_STATES) throw tooComplex('A regular expression')
    return this.all.push({ free: [], begin: [], end: [], edges: [] }) - 1
  }

  /** Ways from a place through an expression; gives where they end. */
  through(expression: Expression, from: number): number {
    switch (expression.kind) {
      case 'set': {
        const to = this.add()
        this.all[from]!.edges.push([expression.set, to])
        return to
      }
      case 'begin':
      case 'end': {
        const to = this.add()
        this.all[from]![expression.kind].push(to)
        return to
      }
      case 'sequence':
        return expression.parts.reduce((at, part) => this.through(part, at), from)
      case 'choice': {
        const to = this.add()
        for (const part of expression.parts) this.all[this.through(part, this.#after(from))]!.free.push(to)
        return to
      }
      case 'repeat': {
        const { part, least, most } = expression
        let at = from
        for (let i = 0; i < least; i++) at = this.through(part, at)
        if (most === Number.POSITIVE_INFINITY) {
          const loop = this.#after(at)
          this.all[this.through(part, loop)]!.free.push(loop)
          return this.#after(loop)
        }
        const to = this.add()
        this.all[at]!.free.push(to)
        for (let i = least; i < most; i++) {
          at = this.through(part, at)
          this.all[at]!.free.push(to)
        }
        return to
      }
    }
  }

  #after(from: number): number {
    const to = this.add()
    this.all[from]!.free.push(to)
    return to
  }

  /** All places that can be reached without a character. */
  closure(from: Iterable<number>, at?: 'begin' | 'end'): number[] {
    const found = new Set(from)
    for (const place of found) {
      const { free, ...borders } = this.all[place]!
      for (const to of free) found.add(to)
      if (at) for (const to of borders[at]) found.add(to)
    }
    return [...found].sort((a, b) => a - b)
  }
}

/** The automaton of the texts that an expression matches as a whole. @throws {ResponseFormatError} */
export function automatonOf(expression: Expression): Dfa {
  const places = new Places()
  const first = places.add()
  const last = places.through(expression, first)
  const sets = places.all.flatMap(({ edges }) => edges.map(([set]) => set))
  const begun = places.closure([first], 'begin')
  // Nothing but an empty text has its beginning and its end at one place.
  const empty = places.all.some(({ begin, end }) => begin.length > 0 || end.length > 0)
    ? bothBorders(places, first).includes(last)
    : begun.includes(last)
  const state = (set: readonly number[], atBegin: boolean) => ({ set, atBegin })
  return construct(
    startsOf([...new Set(sets)]),
    state(begun, true),
    ({ set, atBegin }) => `${atBegin}${set}`,
    ({ set }, code) => {
      const next = new Set<number>()
      for (const place of set)
        for (const [ranges, to] of places.all[place]!.edges) if (has(ranges, code)) next.add(to)
      return next.size === 0 ? undefined : state(places.closure(next), false)
    },
    ({ set, atBegin }) => (atBegin ? empty : places.closure(set, 'end').includes(last)),
  )
}

function bothBorders(places: Places, first: number): readonly number[] {
  let found: readonly number[] = [first]
  for (let size = 0; size !== found.length; ) {
    size = found.length
    found = places.closure(places.closure(found, 'begin'), 'end')
  }
  return found
}

const has = (ranges: Ranges, code: number): boolean =>
  ranges.some(([first, last]) => first <= code && code <= last)

/** The texts that match as a whole. @throws {ResponseFormatError} */
export const matching = (pattern: string): Dfa => automatonOf(parseRegex(pattern))

/** The texts in which there is a match, as a `pattern` of JSON Schema has it. @throws {ResponseFormatError} */
export const containing = (pattern: string): Dfa =>
  automatonOf(sequence(ANYTHING, parseRegex(pattern), ANYTHING))
