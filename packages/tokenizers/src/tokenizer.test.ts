import { beforeAll, describe, expect, test, vi } from 'vitest'
import { bits, digest, digests, filesOf, NAMES, readJson, tokenizerOf } from '../reference/fixtures'
import type { PreTrainedTokenizer } from '.'

const lines = readJson<string[]>('lines.json')

/** As Rust reads a text: it knows no lone surrogates. */
const wellFormed = (text: string) => text.replace(/\p{Cs}/gu, '\ufffd')

describe.each(NAMES)('%s agrees with the Rust library', (name) => {
  let tokenizer: PreTrainedTokenizer
  beforeAll(() => {
    tokenizer = tokenizerOf(filesOf(name))
  })
  const recorded = readJson<{ full: unknown[]; digests: string; returns: string }>(`${name}/answers.json`)
  const { full } = recorded
  // No model runs here that a text could be too long for.
  vi.spyOn(console, 'warn').mockReturnValue()

  /** Ids, tokens, offsets, types, special tokens, words, and the text decoded with and without special tokens. */
  const answer = (line: string) => {
    const encoding = tokenizer(line, {
      returnOffsetsMapping: true,
      returnSpecialTokensMask: true,
      returnTokenTypeIds: true,
    })
    return [
      encoding.input_ids,
      encoding.tokens(),
      encoding.offset_mapping,
      encoding.token_type_ids,
      encoding.special_tokens_mask,
      encoding.wordIds(),
      tokenizer.decode(encoding.input_ids),
      tokenizer.decode(encoding.input_ids, { skipSpecialTokens: true }),
    ]
  }

  test.each(full.map((expected, i) => ({ line: lines[i]!, expected })))('on $line', ({ line, expected }) => {
    expect(answer(line)).toEqual(expected)
  })

  // Seconds on a busy machine: the limit is for one that hangs.
  test(`on ${lines.length - full.length} lines more`, { timeout: 120_000 }, () => {
    const expected = digests(recorded.digests)
    expect(expected).toHaveLength(lines.length - full.length)
    const different = lines.slice(full.length).filter((line, i) => digest(answer(line)) !== expected[i])
    expect(different).toEqual([])
  })

  test('on which lines decoding gives back', { timeout: 120_000 }, () => {
    const expected = bits(recorded.returns)
    const different = lines.filter((line, i) => {
      const { input_ids } = tokenizer(line, { addSpecialTokens: false })
      const decoded = tokenizer.decode(input_ids, { cleanUpTokenizationSpaces: false })
      return (decoded === wellFormed(line)) !== expected[i]
    })
    expect(different).toEqual([])
  })
})
