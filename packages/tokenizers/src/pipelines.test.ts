import { finish } from '@webformers/hub'
import { describe, expect, test } from 'vitest'
import { backendOf, digest, readJson } from '../reference/fixtures'
import type { Encoding } from './encoding'
import { TokenizerError } from './errors'
import type { Tokenizer, TokenizerJson } from './tokenizer'

type Row = [
  ids: number[],
  tokens: string[],
  typeIds: number[],
  offsets: [number, number][],
  special: number[],
  words: (number | null)[],
  sequences: (number | null)[],
]

const recorded = readJson<{
  window: number
  times: number
  small: {
    name: string
    tokenizer: TokenizerJson
    cases: [text: string, answer: Row[] | null, windows: Row[] | null][]
  }[]
  long: { name: string; tokenizer: TokenizerJson; texts: string[]; digests: string[] }[]
}>('pipelines.json')

const steps = (tokenizer: Tokenizer, text: string, maxLength?: number) =>
  tokenizer.encode(text, undefined, {
    addSpecialTokens: true,
    splitSpecialTokens: false,
    truncation:
      maxLength === undefined ? undefined : { maxLength, stride: 0, strategy: 'longestFirst', side: 'right' },
  })

const rows = (encoding: Encoding): Row[] =>
  [encoding, ...encoding.overflowing].map((window) => [
    window.ids,
    window.tokens,
    window.typeIds,
    window.starts.map((start, token) => [start, window.ends[token]!]),
    window.specialTokensMask,
    window.words,
    window.sequenceIds(),
  ])

describe('components that meet in unusual ways', () => {
  test.each(recorded.small)('$name', ({ tokenizer: json, cases }) => {
    const tokenizer = backendOf(json)
    for (const [text, answer, windows] of cases) {
      for (const [expected, length] of [
        [answer, undefined],
        [windows, recorded.window],
      ] as const) {
        const encode = () => rows(finish(steps(tokenizer, text, length)))
        if (expected === null) expect(encode).toThrow(TokenizerError)
        else expect(encode()).toEqual(expected)
      }
    }
  })
})

describe('a word that takes many steps', () => {
  test.each(recorded.long)('$name', ({ tokenizer: json, texts, digests }) => {
    const tokenizer = backendOf(json)
    const longs = texts.map((text) => text.repeat(recorded.times))
    expect(longs.map((text) => digest(rows(finish(steps(tokenizer, text)))))).toEqual(digests)
  })

  test.each(recorded.long)('$name, in turns with others', ({ tokenizer: json, texts, digests }) => {
    const tokenizer = backendOf(json)
    const all = texts.map((text) => steps(tokenizer, text.repeat(recorded.times)))
    const results: string[] = []
    while (Object.keys(results).length < all.length) {
      all.forEach((encode, i) => {
        const { done, value } = encode.next()
        if (done && value !== undefined) results[i] = digest(rows(value))
      })
    }
    expect(results).toEqual(digests)
  })
})
