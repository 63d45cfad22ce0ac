/** @file Which characters are one another's upper and lower cases, as Oniguruma's `(?i)` compares them. */
import { SINCE_UNICODE_16 } from '../characters'
import { literal } from './syntax'

/** Where characters have cases: all of Unicode 16's. */
const CASED = [
  [0x41, 0x590],
  [0x10a0, 0x1100],
  [0x13a0, 0x1400],
  [0x1c80, 0x1cc0],
  [0x1d70, 0x1d90],
  [0x1e00, 0x2000],
  [0x2100, 0x2190],
  [0x24b0, 0x24f0],
  [0x2c00, 0x2d30],
  [0xa640, 0xa800],
  [0xab50, 0xabc0],
  [0xfb00, 0xfb18],
  [0xff21, 0xff5b],
  [0x10400, 0x10600],
  [0x10c80, 0x10d90],
  [0x118a0, 0x118e0],
  [0x16e40, 0x16e80],
  [0x1e900, 0x1e944],
] as const

interface Folding {
  /** A character's cases, itself among them. */
  cases: ReadonlyMap<string, readonly string[]>
  /** Characters that equal a string of several, such as ß and ẞ `ss`, by that string. */
  strings: ReadonlyMap<string, readonly string[]>
  /** The string that such a character equals. */
  stringOf: ReadonlyMap<string, string>
}

let known: Folding | undefined

function folding(): Folding {
  if (known !== undefined) return known
  const newer = new RegExp(`^[${SINCE_UNICODE_16}]$`, 'v')
  const byFolded = new Map<string, string[]>()
  const strings = new Map<string, string[]>()
  const stringOf = new Map<string, string>()
  const add = (map: Map<string, string[]>, key: string, character: string) => {
    const others = map.get(key)
    if (others === undefined) map.set(key, [character])
    else others.push(character)
  }
  for (const [first, end] of CASED) {
    for (let code = first; code < end; code++) {
      const character = String.fromCodePoint(code)
      // The dotless i has I for its upper case, but equals only itself.
      if (character === 'ı' || newer.test(character)) continue
      const string = foldedString(character)
      if (string !== undefined) {
        add(strings, string, character)
        stringOf.set(character, string)
      }
      add(byFolded, foldedCharacter(character), character)
    }
  }
  const cases = new Map<string, string[]>()
  for (const all of byFolded.values()) {
    if (all.length > 1) for (const character of all) cases.set(character, all)
  }
  known = { cases, strings, stringOf }
  return known
}

function foldedString(character: string): string | undefined {
  const folded =
    character === 'ẞ'
      ? 'ss'
      : lower(character.toUpperCase().length > character.length ? character.toUpperCase() : character)
  return [...folded].length > 1 ? folded : undefined
}

/** Each character by itself: a final sigma is none here. */
const lower = (text: string) => Array.from(text, (character) => character.toLowerCase()).join('')

function foldedCharacter(character: string): string {
  const upper = character.toUpperCase()
  const folded = lower([...upper].length > 1 ? character : upper)
  return [...folded].length > 1 ? character : folded
}

/** The characters that equal `character`, itself among them. */
export const casesOf = (character: string): readonly string[] => folding().cases.get(character) ?? [character]

/** A set, for the `v` flag, of the characters that equal `character`. */
export function caseSet(character: string): string {
  const cases = casesOf(character)
  return cases.length === 1 ? literal(character) : `[${cases.map(literal).join('')}]`
}

/** At most this many characters equal one. */
const LONGEST = 3

/** An expression for a run of characters, none of them in a repetition of its own. */
export function ignoringCase(characters: readonly string[], inLookBehind: boolean): string {
  const { strings, stringOf } = folding()
  const folded = inLookBehind
    ? characters
    : characters.flatMap((character) => [...(stringOf.get(character) ?? character)])
  const keys = folded.map(foldedCharacter)
  let result = ''
  for (let i = 0; i < folded.length; ) {
    let length = inLookBehind ? 1 : Math.min(LONGEST, folded.length - i)
    while (length > 1 && !strings.has(keys.slice(i, i + length).join(''))) length--
    const plain = folded
      .slice(i, i + length)
      .map(caseSet)
      .join('')
    const ligatures = length > 1 ? strings.get(keys.slice(i, i + length).join(''))! : undefined
    result += ligatures === undefined ? plain : `(?:${plain}|[${ligatures.map(literal).join('')}])`
    i += length
  }
  return result
}

/** What `(?i)` adds to a class: the other cases of what it has, and the strings that equal one of its characters. */
export function caseClosure(set: string): { added: string; strings: string[] } {
  const expression = new RegExp(`^${set}$`, 'v')
  const { cases, strings: equals, stringOf } = folding()
  let added = ''
  for (const [character, all] of cases) {
    if (!expression.test(character) && all.some((other) => expression.test(other)))
      added += literal(character)
  }
  const strings = [...stringOf]
    .filter(([character]) => expression.test(character))
    .map(([, string]) => string)
  // Two characters that equal one string equal each other: ﬅ and ﬆ.
  for (const string of strings) added += equals.get(string)!.map(literal).join('')
  return { added, strings: [...new Set(strings)] }
}
