/** @file Oniguruma's names for sets of characters, in JavaScript's words. */
import {
  ALPHABETIC,
  category,
  DECIMAL,
  LETTER,
  MARK,
  NUMBER,
  PUNCTUATION,
  SINCE_UNICODE_16,
  SPACE,
  SYMBOL,
  WORD,
} from '../characters'
import { PatternError } from './syntax'

/** Which of the sets are to keep to ASCII: the options `(?W)`, `(?D)`, `(?S)` and `(?P)`. */
export interface AsciiOptions {
  word: boolean
  digit: boolean
  space: boolean
  posix: boolean
}

const CONTROL = '\\p{Cc}'
const HEX_DIGIT = '[0-9A-Fa-f]'
const UNASSIGNED = `[\\p{Cn}${SINCE_UNICODE_16}]`
const GRAPH = `[^${SPACE}${CONTROL}${UNASSIGNED}\\p{Cs}]`

const POSIX: Readonly<Record<string, string>> = {
  alnum: `[${ALPHABETIC}${DECIMAL}]`,
  alpha: ALPHABETIC,
  ascii: '[\\0-\\x7f]',
  blank: '[\\p{Zs}\\t]',
  cntrl: CONTROL,
  digit: DECIMAL,
  graph: GRAPH,
  lower: `[${withoutNewer('Lowercase')}${category('Ll')}]`,
  print: `[${GRAPH}\\p{Zs}]`,
  punct: `[${PUNCTUATION}${SYMBOL}]`,
  space: SPACE,
  upper: `[${withoutNewer('Uppercase')}${category('Lu')}]`,
  xdigit: HEX_DIGIT,
  word: WORD,
}

/** Names that several of the options narrow. */
const NARROWED: Readonly<Record<string, keyof AsciiOptions>> = {
  word: 'word',
  digit: 'digit',
  space: 'space',
}

/** `\\w` and `\\p{Word}` by themselves, and `\\b`: unlike in a class, Latin-1 has more of them. */
export const wordAlone = (ascii: AsciiOptions): string =>
  ascii.word || ascii.posix ? posixClass('word', ascii)! : `[${WORD}²³¹¼½¾]`

/** `[:alpha:]` and, with but one difference, `\p{Alpha}`; a set for an expression with the `v` flag. */
export function posixClass(name: string, ascii: AsciiOptions): string | undefined {
  const set = Object.hasOwn(POSIX, name) ? POSIX[name]! : undefined
  const narrow = ascii.posix || (NARROWED[name] !== undefined && ascii[NARROWED[name]])
  return set !== undefined && narrow ? `[${set}&&[\\0-\\x7f]]` : set
}

/** Properties that are not as JavaScript's own: what joined Unicode lately, or since, makes the difference. */
const CATEGORIES: Readonly<Record<string, string>> = {
  alphabetic: ALPHABETIC,
  lowercase: POSIX.lower!,
  uppercase: POSIX.upper!,
  l: LETTER,
  letter: LETTER,
  m: MARK,
  mark: MARK,
  n: NUMBER,
  number: NUMBER,
  p: PUNCTUATION,
  punctuation: PUNCTUATION,
  // Unlike the class of that name in brackets.
  punct: PUNCTUATION,
  s: SYMBOL,
  symbol: SYMBOL,
  cn: UNASSIGNED,
  unassigned: UNASSIGNED,
  assigned: `[^${UNASSIGNED}]`,
  c: `[\\p{C}${SINCE_UNICODE_16}]`,
  other: `[\\p{C}${SINCE_UNICODE_16}]`,
  any: '[\\0-\\u{10ffff}]',
}

/**
 * What `\p{name}` stands for; a set for an expression with the `v` flag.
 * @throws {PatternError} when JavaScript knows no such property.
 */
export function property(name: string, ascii: AsciiOptions): string {
  const key = name.replace(/[ _-]/g, '').toLowerCase()
  if (Object.hasOwn(CATEGORIES, key)) return CATEGORIES[key]!
  const set = posixClass(key, ascii)
  if (set !== undefined) return set
  // As it is written, or as Unicode writes it: Old_Italic.
  const titled = name
    .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
    .split(/[ _-]/)
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1).toLowerCase())
    .join('_')
  for (const spelling of [name, titled]) {
    if (/^[A-Z][a-z]$/.test(spelling) && isProperty(spelling)) return category(spelling)
    for (const candidate of [spelling, `Script=${spelling}`])
      if (/^\w+$/.test(spelling) && isProperty(candidate)) return withoutNewer(candidate)
  }
  throw new PatternError(
    key.startsWith('in')
      ? `has the block \\p{${name}}, and JavaScript knows no blocks; write its range of characters`
      : `has the property \\p{${name}}, which JavaScript does not know`,
  )
}

function withoutNewer(name: string): string {
  return `[\\p{${name}}--[${SINCE_UNICODE_16}]]`
}

function isProperty(name: string): boolean {
  try {
    new RegExp(`\\p{${name}}`, 'v')
    return true
  } catch {
    return false
  }
}
