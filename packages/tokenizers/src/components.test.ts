import { finish } from '@webformers/hub'
import { describe, expect, test } from 'vitest'
import { backendOf, compiled, digest, digests, readJson, withCharsmap } from '../reference/fixtures'
import { createDecoder, type DecoderConfig } from './decoders'
import type { Encoding } from './encoding'
import type { NormalizerConfig } from './normalizers'
import type { PostProcessorConfig } from './post-processors'
import type { PreTokenizerConfig } from './pre-tokenizers'
import type { TokenizerJson } from './tokenizer'

const recorded = readJson<{
  lines: number
  tokenizer: TokenizerJson
  pipelines: [normalizer: NormalizerConfig | null, preTokenizer: PreTokenizerConfig | null, digests: string][]
  decoders: { config: DecoderConfig; tokens: string[]; text: string }[]
  post_processors: {
    tokenizer: TokenizerJson
    pairs: [first: string, second: string | null][]
    windows: ({ max_length: number; stride: number } | null)[]
    cases: [config: PostProcessorConfig, added: [single: number, pair: number], answers: unknown[]][]
  }
}>('components.json')

// The edge cases and the sentences come first.
const lines = readJson<string[]>('lines.json').slice(0, recorded.lines)

const pipelines = recorded.pipelines.map(([normalizer, pre_tokenizer, joined]) => ({
  name: JSON.stringify(normalizer ?? pre_tokenizer),
  config: { ...recorded.tokenizer, normalizer, pre_tokenizer },
  joined,
}))

describe('every character keeps its place and its word', () => {
  test.each(pipelines)('$name', ({ config, joined }) => {
    const tokenizer = backendOf(withCharsmap(config))
    const expected = digests(joined)
    const different = lines.filter((line, i) => {
      const { starts, ends, words } = finish(
        tokenizer.encode(line, undefined, { addSpecialTokens: true, splitSpecialTokens: false }),
      )
      return digest([starts.map((start, token) => [start, ends[token]]), words]) !== expected[i]
    })
    expect(different).toEqual([])
  })
})

describe('decoders', () => {
  test.each(recorded.decoders)('$config.type: $text', ({ config, tokens, text }) => {
    expect(createDecoder(compiled(config))([...tokens]).join('')).toBe(text)
  })
})

describe('post-processors', () => {
  const { tokenizer: json, pairs, windows, cases } = recorded.post_processors
  // As the library counts: a text whose place is not known has them all.
  const sequences = ({ ids, ranges, sequences, length }: Encoding) => {
    const result: (number | null)[] = ids.map(() => null)
    for (let sequence = 0; sequence < sequences; sequence++)
      result.fill(sequence, ...(ranges.get(sequence) ?? [0, length]))
    return result
  }
  const row = (encoding: Encoding) => [
    encoding.ids,
    encoding.tokens,
    encoding.typeIds,
    encoding.starts.map((start, token) => [start, encoding.ends[token]]),
    encoding.specialTokensMask,
    encoding.words,
    sequences(encoding),
  ]
  test.each(
    cases.map(([config, added, answers]) => ({ name: JSON.stringify(config), config, added, answers })),
  )('$name', ({ config, added, answers }) => {
    const tokenizer = backendOf({ ...json, post_processor: config })
    expect([tokenizer.specialTokens(false), tokenizer.specialTokens(true)]).toEqual(added)
    const given = windows.flatMap((window) =>
      pairs.flatMap(([first, second]) =>
        [true, false].map((addSpecialTokens) => {
          const encoding = finish(
            tokenizer.encode(first, second ?? undefined, {
              addSpecialTokens,
              splitSpecialTokens: false,
              truncation:
                window === null
                  ? undefined
                  : {
                      maxLength: window.max_length,
                      stride: window.stride,
                      strategy: 'longestFirst',
                      side: 'right',
                    },
            }),
          )
          const answer = [encoding, ...encoding.overflowing].map(row)
          return window !== null || second === null ? digest(answer) : answer
        }),
      ),
    )
    expect(given).toEqual(answers)
  })
})
