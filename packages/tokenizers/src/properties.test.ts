import { describe, expect, test, vi } from 'vitest'
import { filesOf, NAMES, readJson } from '../reference/fixtures'
import { AutoTokenizer } from '.'

const lines = readJson<string[]>('lines.json')

const partsPair = (text: string, index: number) =>
  /[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(index - 1, index + 1))

describe.each(NAMES)('offsets of %s', (name) => {
  const tokenizer = AutoTokenizer.fromFiles(filesOf(name))
  // No model runs here that a text could be too long for.
  vi.spyOn(console, 'warn').mockReturnValue()

  test('are monotone, lie in the text and part no surrogate pair', { timeout: 120_000 }, () => {
    const wrong = lines.filter((line) => {
      const { offset_mapping } = tokenizer(line, { returnOffsetsMapping: true, addSpecialTokens: false })
      let before = 0
      return offset_mapping!.some(([start, end]) => {
        const ordered = before <= start && start <= end && end <= line.length
        before = start
        return !ordered || partsPair(line, start) || partsPair(line, end)
      })
    })
    expect(wrong).toEqual([])
  })

  test('give back the words that are in the vocabulary', () => {
    const text = 'All human beings are born free and equal'
    const words = text.split(' ')
    const encoding = tokenizer(text)
    const slices = words.map((_, word) => text.slice(...encoding.wordToChars(0, word)!).trim())
    expect(slices).toEqual(words)
  })

  test('stay right in a long text, for any length', { timeout: 120_000 }, () => {
    const text = `${lines.slice(60, 90).join(' ')} `
    const once = tokenizer(text.repeat(2), { returnOffsetsMapping: true, addSpecialTokens: false })
    const often = tokenizer(text.repeat(40), { returnOffsetsMapping: true, addSpecialTokens: false })
    const second = once.offset_mapping!.filter(([start]) => start >= text.length)
    const last = often.offset_mapping!.filter(([start]) => start >= text.length * 39)
    expect(last.map(([start, end]) => [start - 38 * text.length, end - 38 * text.length])).toEqual(second)
  })
})
