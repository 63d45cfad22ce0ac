import { describe, expect, test } from 'vitest'
import { digest, digests, filesOf, NAMES, readJson } from '../reference/fixtures'
import { AutoTokenizer } from '.'

const lines = readJson<string[]>('lines.json')

describe.each(NAMES)('%s agrees with the Rust library', (name) => {
  const tokenizer = AutoTokenizer.fromFiles(filesOf(name))
  const { full, digests: joined } = readJson<{ full: unknown[]; digests: string }>(`${name}/answers.json`)

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
    const expected = digests(joined)
    expect(expected).toHaveLength(lines.length - full.length)
    const different = lines.slice(full.length).filter((line, i) => digest(answer(line)) !== expected[i])
    expect(different).toEqual([])
  })
})
