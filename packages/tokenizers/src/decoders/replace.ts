/** @file Replace: every match of a string or a regular expression by a text. */
import { eachMatch, matchFinder, type Pattern, toRegExp } from '../text/pattern'

export interface ReplaceConfig {
  type: 'Replace'
  pattern: Pattern
  content: string
}

export function replace({ pattern, content }: ReplaceConfig) {
  const find = matchFinder(toRegExp(pattern))
  return (tokens: readonly string[]): string[] =>
    tokens.map((token) => {
      let result = ''
      let from = 0
      eachMatch(token, find, (start, end) => {
        result += token.slice(from, start) + content
        from = end
      })
      return result + token.slice(from)
    })
}

/** As Rust replaces: nothing is found before, after and between all characters, none of them cut in half. */
export const replaceAll = (text: string, from: string, to: string): string =>
  from === '' ? [...text, ''].map((character) => to + character).join('') : text.replaceAll(from, () => to)
