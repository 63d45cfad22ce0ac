/** @file What holds of every tokenizer and every text, whatever the tokens are. */
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { filesOf, NAMES, readJson, tokenizerOf } from '../reference/fixtures'
import type { PreTrainedTokenizer } from '.'

const lines = readJson<string[]>('lines.json')

const partsPair = (text: string, index: number) =>
  /[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(index - 1, index + 1))

/** Numbers below `limit` that look random and are the same every time. */
function random(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

/** Any UTF-16 units at all, surrogates alone and in pairs, and units that many tokenizers have rules for. */
function anyUnits(below: (limit: number) => number): string {
  const special = " \t\r\n▁Ġ'#<>|-.09aZ\u0301\u200d\ufe0f\u3000\u0130\u03a3\u1100\u1161\uff76\uff9e"
  const ranges = [
    [0, 0x80],
    [0x80, 0x800],
    [0x800, 0xd800],
    [0xd800, 0xe000],
    [0xe000, 0x10000],
  ] as const
  return Array.from({ length: below(40) }, () => {
    const [from, to] = ranges[below(ranges.length)]!
    return below(2) === 0 ? special[below(special.length)]! : String.fromCharCode(from + below(to - from))
  }).join('')
}

describe.each(NAMES)('offsets of %s', (name) => {
  let tokenizer: PreTrainedTokenizer
  beforeAll(() => {
    tokenizer = tokenizerOf(filesOf(name))
  })
  // No model runs here that a text could be too long for.
  vi.spyOn(console, 'warn').mockReturnValue()

  const offsetsOf = (text: string) =>
    tokenizer(text, { returnOffsetsMapping: true, addSpecialTokens: false }).offset_mapping as [
      number,
      number,
    ][]

  /** What is wrong with a text's offsets: nothing, or the first of them that breaks a rule. */
  const flawOf = (text: string) => {
    let before = 0
    return offsetsOf(text).find(([start, end]) => {
      // The Rust library trims the space that it put after an added token as if it were the text's own: what is
      // left of it is nothing, one place too far on.
      const isEmpty = start === end
      const ordered = (isEmpty || before <= start) && start <= end && end <= text.length
      if (!isEmpty) before = start
      return !ordered || partsPair(text, start) || partsPair(text, end)
    })
  }

  test('are monotone, lie in the text and part no surrogate pair', { timeout: 120_000 }, () => {
    expect(lines.filter((line) => flawOf(line) !== undefined)).toEqual([])
  })

  test('are so in a text of any UTF-16 units, which never throws', { timeout: 120_000 }, () => {
    const below = random(1)
    const texts = Array.from({ length: 1000 }, () => anyUnits(below))
    expect(texts.filter((text) => flawOf(text) !== undefined)).toEqual([])
  })

  test('give back the words that are in the vocabulary', () => {
    const text = 'All human beings are born free and equal'
    const encoding = tokenizer(text, { returnOffsetsMapping: true, addSpecialTokens: false })
    expect(encoding.input_ids).not.toContain(tokenizer.unkTokenId)
    const slices = encoding.offset_mapping!.map(([start, end]) => text.slice(start, end))
    expect(slices.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
    const letters = Array.from(text, (_, char) => char).filter((char) => text[char] !== ' ')
    const missed = letters.filter((char) => {
      const token = encoding.charToToken(0, char)
      const [start, end] = token === null ? [0, 0] : encoding.tokenToChars(0, token)!
      return char < start || char >= end
    })
    expect(missed).toEqual([])
  })

  test('stay right in a long text, for any length', { timeout: 120_000 }, () => {
    const text = `${lines.slice(60, 90).join(' ')} `
    const second = offsetsOf(text.repeat(2)).filter(([start]) => start >= text.length)
    const last = offsetsOf(text.repeat(40)).filter(([start]) => start >= text.length * 39)
    expect(last.map(([start, end]) => [start - 38 * text.length, end - 38 * text.length])).toEqual(second)
  })
})
