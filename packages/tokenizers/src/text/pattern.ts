/** @file Patterns of a tokenizer.json as JavaScript's: strings as they are, Oniguruma's expressions in its own dialect. */
import { TokenizerError } from '../errors'
import { unitsAt } from './characters'
import { emit } from './oniguruma/emit'
import { parse } from './oniguruma/parse'
import { PatternError } from './oniguruma/syntax'

export type Pattern = { String: string } | { Regex: string }

/**
 * A global expression that finds what the pattern means; what an empty match is worth, {@link eachMatch} knows.
 * @throws {TokenizerError} when the pattern is malformed, or JavaScript has no equal for it.
 */
export function toRegExp(pattern: Pattern): RegExp {
  if ('String' in pattern) return new RegExp(escapePattern(pattern.String), 'gu')
  try {
    const { source, sticky } = emit(parse(pattern.Regex))
    return new RegExp(source, sticky ? 'gvy' : 'gv')
  } catch (cause) {
    const reason = cause instanceof PatternError ? cause.message : 'has no equal in JavaScript'
    throw new TokenizerError(`The pattern ${JSON.stringify(pattern.Regex)} ${reason}.`, { cause })
  }
}

export const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/**
 * Call `found` with each match of a global expression, by the Rust library's rule: an empty match right behind another
 * is none, and neither is one in an empty text.
 */
export function eachMatch(
  text: string,
  expression: RegExp,
  found: (start: number, end: number) => void,
): void {
  if (text === '') return
  let last = -1
  expression.lastIndex = 0
  for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
    const { 0: matched, index } = match
    const end = index + matched.length
    if (matched === '') {
      // V8 finds what has no length between the halves of a character, too.
      const half = isLow(text, index) && isHigh(text, index - 1)
      expression.lastIndex = end < text.length && !half ? end + unitsAt(text, end) : end + 1
      if (half || index === last) continue
    }
    last = end
    found(index, end)
  }
}

const isHigh = (text: string, index: number) => (text.charCodeAt(index) & 0xfc00) === 0xd800
const isLow = (text: string, index: number) => (text.charCodeAt(index) & 0xfc00) === 0xdc00
