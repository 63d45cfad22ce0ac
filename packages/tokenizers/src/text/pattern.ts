/** @file Patterns of a tokenizer.json as JavaScript's: strings as they are, Oniguruma's expressions in its own dialect. */
import { TokenizerError } from '../errors'
import { LETTER, NUMBER, SPACE } from './characters'

export type Pattern = { String: string } | { Regex: string }

/** A global expression that finds what the pattern means.
 * @throws {TokenizerError} when JavaScript has no equal for it. */
export function toRegExp(pattern: Pattern): RegExp {
  if ('String' in pattern) return new RegExp(escapePattern(pattern.String), 'gu')
  try {
    return new RegExp(translate(pattern.Regex), 'gv')
  } catch (cause) {
    throw new TokenizerError(`The pattern ${JSON.stringify(pattern.Regex)} has no equal in JavaScript.`, {
      cause,
    })
  }
}

export const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** What Oniguruma and JavaScript spell alike and mean otherwise. */
const CLASSES: Record<string, string> = {
  '\\s': SPACE,
  '\\S': '\\P{White_Space}',
  '\\p{L}': LETTER,
  '\\p{N}': NUMBER,
  '\\d': '\\p{Nd}',
  '\\D': '\\P{Nd}',
  '\\h': '[0-9a-fA-F]',
  '\\A': '^',
  '\\z': '$',
}

/** Double punctuators and syntax characters that the `v` flag reserves inside a class. */
const RESERVED = '()/-|{}&!#%,:;<=>@`~'

function translate(source: string): string {
  let depth = 0
  let result = ''
  let quantified = false
  for (let i = 0; i < source.length; ) {
    const [token] = TOKEN.exec(source.slice(i, i + LONGEST_TOKEN))!
    const wasQuantified = quantified
    quantified = depth === 0 && /^[*+?}]$/.test(token)
    i += token.length
    // A possessive quantifier, as in `++`: the patterns of real tokenizers match the same without it.
    if (token === '+' && quantified && wasQuantified) continue
    if (token.startsWith('[')) depth++
    else if (token === ']' && depth > 0) depth--
    if (token.startsWith('\\')) result += CLASSES[token] ?? translateEscape(token, depth > 0)
    else if (depth > 0 && RESERVED.includes(token) && !isRange(source, i - 1)) result += `\\${token}`
    else result += token
  }
  return result
}

/** An escape, the opening of a class, or a character. */
const TOKEN = /^(?:\\(?:[pP]\{[^}]*\}|x\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[\s\S])|\[\^?|[\s\S])/
const LONGEST_TOKEN = 40

/** Whether the hyphen at `index` spans a range, as in `a-z`. */
const isRange = (source: string, index: number) =>
  source[index] === '-' && source[index - 1] !== '[' && source[index - 1] !== '^' && source[index + 1] !== ']'

function translateEscape(token: string, inClass: boolean): string {
  const code = /^\\x\{?([0-9a-fA-F]+)\}?$/.exec(token)
  if (code !== null) return `\\u{${code[1]!}}`
  const character = token[1]!
  // The `v` flag refuses to escape what needs no escape.
  if (token.length === 2 && /[^\w\\^$.*+?()[\]{}|/]/.test(character)) {
    return inClass && RESERVED.includes(character) ? token : character
  }
  return token
}
