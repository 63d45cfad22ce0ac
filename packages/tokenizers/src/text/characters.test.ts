import { describe, expect, test } from 'vitest'
import { readJson, regExpOf } from '../../reference/fixtures'
import { scriptOf } from '../pre-tokenizers/unicode-scripts'
import {
  isControl,
  isMark,
  isNonspacingMark,
  isNumeric,
  isPunctuation,
  isWhitespace,
  isWord,
  SINCE_UNICODE_16,
} from './characters'
import { casesOf } from './oniguruma/case-folding'

/** Distances from the end of one range to the beginning of the next, and lengths less one, in turn. */
type Ranges = number[]

const CLASSES = { isWord, isNumeric, isPunctuation, isWhitespace, isMark, isNonspacingMark, isControl }

const recorded = readJson<
  {
    properties: Record<string, Ranges>
    brackets: Record<string, Ranges>
    scripts: { none: Ranges; starts: Ranges }
    cases: Record<string, string>
  } & Record<keyof typeof CLASSES, Ranges>
>('characters.json')

function* codePoints() {
  for (let code = 0; code < 0x110000; code++) if (code < 0xd800 || code > 0xdfff) yield code
}

function setOf(ranges: Ranges): Set<number> {
  const result = new Set<number>()
  for (let i = 0, last = 0; i < ranges.length; i += 2) {
    const start = last + ranges[i]!
    last = start + ranges[i + 1]!
    for (let code = start; code <= last; code++) result.add(code)
  }
  return result
}

const format = (codes: Iterable<number>) => Array.from(codes, (code) => code.toString(16))

/** Code points that only one of the two sets has. */
const differences = (a: ReadonlySet<number>, b: ReadonlySet<number>) => ({
  only: format([...a].filter((code) => !b.has(code))),
  missing: format([...b].filter((code) => !a.has(code))),
})
const NONE = { only: [], missing: [] }

const everything = Array.from(codePoints(), (code) => String.fromCodePoint(code)).join('')

function matched(pattern: string): Set<number> {
  const result = new Set<number>()
  for (const [run] of everything.matchAll(regExpOf(`(?:${pattern})+`)))
    for (const character of run) result.add(character.codePointAt(0)!)
  return result
}

const isDecomposed = (code: number) => {
  const character = String.fromCodePoint(code)
  return character.normalize('NFD') === character
}

describe('every code point is where the Rust library has it', () => {
  test.each(Object.entries(CLASSES))('%s', (name, has) => {
    const expected = setOf(recorded[name as keyof typeof CLASSES])
    // Marks are looked for in decomposed text.
    const asked = [...codePoints()].filter((code) => name !== 'isNonspacingMark' || isDecomposed(code))
    expect(differences(new Set(asked.filter(has)), expected)).toEqual(NONE)
  })
  test.each(Object.entries(recorded.properties))('\\p{%s}', (name, ranges) => {
    expect(differences(matched(`\\p{${name}}`), setOf(ranges))).toEqual(NONE)
  })
  test.each(Object.entries(recorded.brackets))('[[:%s:]]', (name, ranges) => {
    expect(differences(matched(`[[:${name}:]]`), setOf(ranges))).toEqual(NONE)
  })

  // A million questions: the limit is for one that hangs.
  test('in its script', { timeout: 120_000 }, () => {
    const scripts = new Map(Array.from(codePoints(), (code) => [code, scriptOf(code)]))
    const none = [...scripts].flatMap(([code, script]) => (script === 0 ? [code] : []))
    expect(differences(new Set(none), setOf(recorded.scripts.none))).toEqual(NONE)
    const starts = setOf(recorded.scripts.starts)
    let last: number | undefined = 0
    const different = [...scripts.keys()].filter((code) => {
      const script = scripts.get(code)
      if (script === 0) return false
      const isStart = script !== last
      last = script
      return isStart !== starts.has(code)
    })
    expect(format(different)).toEqual([])
  })

  test('with its cases', { timeout: 120_000 }, () => {
    const newer = new RegExp(`[${SINCE_UNICODE_16}]`, 'v')
    const different = [...codePoints()]
      .map((code) => String.fromCodePoint(code))
      .filter((character) => {
        if (newer.test(character)) return false
        const others = recorded.cases[character]
        const simple = [character.toLowerCase(), character.toUpperCase()].filter(
          (other) => !newer.test(other),
        )
        const expected = new Set(
          [character, ...(others ?? simple)].filter((other) => [...other].length === 1),
        )
        const given = others === undefined ? casesOf(character) : equals(character, others)
        return expected.size !== new Set(given).size || given.some((other) => !expected.has(other))
      })
    expect(different).toEqual([])
  })
})

/** What `(?i:character)` finds among the characters it should, and those near. */
function equals(character: string, others: string): string[] {
  const expression = new RegExp(`^${regExpOf(`(?i:${character})`).source}$`, 'v')
  const near = [character, character.toLowerCase(), character.toUpperCase(), ...others]
  return near.filter((other) => [...other].length === 1 && expression.test(other))
}
