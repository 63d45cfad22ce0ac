/** @file Strings by what they match and how long they are. */
import { type ByteAutomaton, CountedString } from '../automata/byte-automaton'
import { ANY, and, type Dfa, isEmpty, ofLength, oneOf, or, sizeOf, without } from '../automata/dfa'
import { SpelledAutomaton } from '../automata/spelling'

/** Texts that an automaton accepts; of any texts, those of so many characters, which are counted and not spelled out. */
export interface Strings {
  readonly dfa: Dfa
  readonly least: number
  readonly most: number
}

export const ALL_STRINGS: Strings = { dfa: ANY, least: 0, most: Number.POSITIVE_INFINITY }
export const stringsOf = (dfa: Dfa): Strings => ({ ...ALL_STRINGS, dfa })
export const counted = (least: number, most: number): Strings => ({ dfa: ANY, least, most })

const isCounted = ({ least, most }: Strings) => least > 0 || most < Number.POSITIVE_INFINITY

const isAll = (strings: Strings) => strings.dfa === ANY && !isCounted(strings)

/** With lengths spelled out. */
export function dfaOf(strings: Strings): Dfa {
  const { dfa, least, most } = strings
  if (least > most) return NO_STRINGS.dfa
  return isCounted(strings) ? and(dfa, ofLength(least, most)) : dfa
}

export function both(a: Strings, b: Strings): Strings {
  if (a.dfa === ANY && b.dfa === ANY)
    return { dfa: ANY, least: Math.max(a.least, b.least), most: Math.min(a.most, b.most) }
  return stringsOf(and(dfaOf(a), dfaOf(b)))
}
export function either(a: Strings, b: Strings): Strings {
  if (hasNone(a)) return b
  if (hasNone(b)) return a
  if (isAll(a) || isAll(b)) return ALL_STRINGS
  return stringsOf(or(dfaOf(a), dfaOf(b)))
}
export function otherStrings(strings: Strings): Strings {
  if (isAll(strings)) return NO_STRINGS
  return hasNone(strings) ? ALL_STRINGS : stringsOf(without(ANY, dfaOf(strings)))
}

export const NO_STRINGS = stringsOf(without(ANY, ANY))

export const hasNone = ({ dfa, least, most }: Strings): boolean => least > most || isEmpty(dfa)
export const countOf = (strings: Strings): number =>
  strings.dfa === ANY && strings.most === Number.POSITIVE_INFINITY ? strings.most : sizeOf(dfaOf(strings))

let every: SpelledAutomaton | undefined

/** Any string in quotes; the same one for all forms. */
export function anyString(): SpelledAutomaton {
  every ??= new SpelledAutomaton(ANY, { json: true, escapes: true })
  return every
}

const automata = new WeakMap<Dfa, ByteAutomaton>()

/** Strings in quotes, of which any character may be written as `\uXXXX`. */
export function quoted({ dfa, least, most }: Strings): ByteAutomaton {
  if (dfa === ANY) {
    const any = anyString()
    return least === 0 && most === Number.POSITIVE_INFINITY ? any : new CountedString(any, least, most)
  }
  const known = automata.get(dfa) ?? new SpelledAutomaton(dfa, { json: true, escapes: true })
  automata.set(dfa, known)
  return known
}

/** A name in quotes, written as JSON writes it. */
export const quotedName = (name: string): ByteAutomaton =>
  new SpelledAutomaton(oneOf([name]), { json: true, escapes: false })
