/** @file Patterns of a tokenizer.json as JavaScript's: strings as they are, Oniguruma's expressions in its own dialect. */
import { TokenizerError } from '../errors'
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
  for (const { 0: match, index } of text.matchAll(expression)) {
    if (match === '' && index === last) continue
    last = index + match.length
    found(index, last)
  }
}
