/** @file Patterns of a tokenizer.json as JavaScript's: strings as they are, Oniguruma's expressions in its own dialect. */
import { TokenizerError } from '../errors'
import { unitsAt } from './characters'

export type Pattern = { String: string } | { Regex: string }

/** JavaScript's equal of one of Oniguruma's expressions. */
export interface Translation {
  source: string
  /** Whether a match must begin where the last one ended. */
  sticky: boolean
}

/** Expressions are translated once, where a tokenizer is compiled; what is one's equal depends on nothing else. */
const translations = new Map<string, Translation>()

export function learn(patterns: Readonly<Record<string, Translation>>): void {
  for (const [pattern, translation] of Object.entries(patterns)) translations.set(pattern, translation)
}

/**
 * A global expression that finds what the pattern means; what an empty match is worth, {@link matchFinder} knows.
 * @throws {TokenizerError} when the pattern was not compiled.
 */
export function toRegExp(pattern: Pattern): RegExp {
  if ('String' in pattern) return new RegExp(escapePattern(pattern.String), 'gu')
  const translation = translations.get(pattern.Regex)
  if (translation === undefined)
    throw new TokenizerError(
      `The pattern ${JSON.stringify(pattern.Regex)} was not compiled with its tokenizer.`,
    )
  return new RegExp(translation.source, translation.sticky ? 'gvy' : 'gv')
}

export const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** Where the next match at or behind `from` lies; `last` is where the one before it ended, −1 for none. */
export type Finder = (text: string, from: number, last: number) => { start: number; end: number } | undefined

/** Where a match is longer than V8 can follow, text is looked at in parts of this length, which end a match. */
const LONGEST = 2 ** 19

/**
 * The matches of a global expression, by the Rust library's rule: an empty match right behind another is none, and
 * neither is one in an empty text.
 */
export function matchFinder(expression: RegExp): Finder {
  const { source, flags } = expression
  const here = new RegExp(source, flags.includes('y') ? flags : `${flags}y`)
  const find: Finder = (text, from, last) => {
    // Most patterns match where they left off, and to test makes no array.
    here.lastIndex = from
    if (here.test(text) && here.lastIndex > from) return { start: from, end: here.lastIndex }
    for (let search = from; text !== '' && search <= text.length; ) {
      expression.lastIndex = search
      const match = expression.exec(text)
      if (match === null) return undefined
      const { 0: matched, index } = match
      if (matched !== '') return { start: index, end: index + matched.length }
      // V8 finds what has no length between the halves of a character, too.
      const half = isLow(text, index) && isHigh(text, index - 1)
      if (!half && index !== last) return { start: index, end: index }
      search = index < text.length && !half ? index + unitsAt(text, index) : index + 1
    }
    return undefined
  }
  return (text, from, last) => {
    for (let start = from; ; ) {
      try {
        return find(text, start, last)
      } catch (error) {
        // V8's memory for going back is full, after millions of characters of one kind.
        if (!(error instanceof RangeError)) throw error
        const end = start + LONGEST - (isHigh(text, start + LONGEST - 1) ? 1 : 0)
        const found = find(text.slice(start, end), 0, last - start)
        if (found !== undefined) return { start: start + found.start, end: start + found.end }
        start = end
      }
    }
  }
}

/** Call `found` with each match. */
export function eachMatch(text: string, find: Finder, found: (start: number, end: number) => void): void {
  let last = -1
  for (let match = find(text, 0, last); match !== undefined; match = find(text, last, last)) {
    last = match.end
    found(match.start, match.end)
  }
}

const isHigh = (text: string, index: number) => (text.charCodeAt(index) & 0xfc00) === 0xd800
const isLow = (text: string, index: number) => (text.charCodeAt(index) & 0xfc00) === 0xdc00
