import { describe, expect, test } from 'vitest'
import { digest, digests, readJson, withCharsmap } from '../reference/fixtures'
import { createDecoder, type DecoderConfig } from './decoders'
import { finish } from './steps'
import { Tokenizer, type TokenizerJson } from './tokenizer'

const recorded = readJson<{
  lines: number
  pipelines: { config: TokenizerJson; digests: string }[]
  decoders: { config: DecoderConfig; tokens: string[]; text: string }[]
}>('components.json')

// The edge cases and the sentences come first.
const lines = readJson<string[]>('lines.json').slice(0, recorded.lines)

const pipelines = recorded.pipelines.map((pipeline) => ({
  ...pipeline,
  name: JSON.stringify(pipeline.config.normalizer ?? pipeline.config.pre_tokenizer),
}))

describe('every character keeps its place and its word', () => {
  test.each(pipelines)('$name', ({ config, digests: joined }) => {
    const tokenizer = finish(Tokenizer.from(withCharsmap(config)))
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
    expect(createDecoder(config)([...tokens]).join('')).toBe(text)
  })
})
