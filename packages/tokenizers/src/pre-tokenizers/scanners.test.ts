import { expect, test } from 'vitest'
import { readJson, regExpOf } from '../../reference/fixtures'
import { delimit } from '../text/cutter'
import { matchFinder } from '../text/pattern'
import { gpt2, scanners } from './scanners'

const GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

/** Characters that the expressions tell apart, in random order. */
const CHARACTERS = [..."''''sSſtTrReEvVmMlLdD  \n\r\t\u00a0\u2028012٣½漢a𠀀!👍\u0301"]
const COUNT = 4000

function randomTexts(): string[] {
  let seed = 1
  const below = (limit: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    return (seed >>> 8) % limit
  }
  const text = () =>
    Array.from({ length: 1 + below(24) }, () => CHARACTERS[below(CHARACTERS.length)]!).join('')
  return Array.from({ length: COUNT }, text)
}

const texts = [
  ...readJson<string[]>('lines.json').map((line) => line.replace(/\p{Cs}/gu, '\ufffd')),
  ...randomTexts(),
]

test.each([[GPT2, gpt2], ...scanners] as const)(
  'what is read by hand is what %s finds',
  (pattern, scanner) => {
    const cut = delimit(matchFinder(regExpOf(pattern)), 'Isolated')
    for (const text of texts) {
      const expected: number[] = []
      for (let at = 0; at < text.length; ) at = cut(text, at, text.length, 0, expected)
      const found: number[] = []
      // A rest every few characters changes nothing.
      for (let at = 0; at < text.length; ) at = scanner(text, at, at + 5, 0, found)
      expect(found, JSON.stringify(text)).toEqual(expected)
    }
  },
)
