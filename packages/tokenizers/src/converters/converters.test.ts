import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { read, readJson, tokenizerOf } from '../../reference/fixtures'
import { agrees, type Recorded } from '../../reference/recorded'
import { type TokenizerConfig, TokenizerError, type TokenizerFiles } from '..'
import { describe as describeFiles } from '../compiler/blueprint'

interface Case {
  class: string
  files: Record<string, string>
  config: TokenizerConfig
  added: string[]
  bare: Recorded
  converted?: Recorded
}

/** A class on what a converter makes, maybe another class's. */
interface Borrowed extends Pick<Case, 'class' | 'files' | 'config'> {
  converter: string
  padding: { direction: string; pad_token: string } | null
  converted: Recorded
}

const { cases, borrowed, ...texts } = readJson<{
  lines: string[]
  pair: string
  cases: Case[]
  borrowed: Borrowed[]
}>('converters/answers.json')

/** The vocabulary of a case under the names its class asks for. */
function vocabulary(files: Record<string, string>, added: readonly string[] = []): TokenizerFiles {
  const entries = Object.entries(files).map(([name, source]) => {
    const path = `converters/${source}`
    if (name.endsWith('.json')) return [name, readJson(path)]
    if (name.endsWith('.txt')) return [name, read(path)]
    return [name, new Uint8Array(readFileSync(new URL(`../../fixtures/${path}`, import.meta.url)))]
  })
  const found: TokenizerFiles = Object.fromEntries(entries)
  if (added.length === 0) return found
  const size = Object.keys(found['vocab.json']!).length
  return { ...found, 'added_tokens.json': Object.fromEntries(added.map((token, i) => [token, size + i])) }
}

/** What the converter alone makes, as the tokenizer.json of a repository without a vocabulary. */
function converted(tokenizer_class: string, files: Record<string, string>) {
  const all = { ...vocabulary(files), 'tokenizer_config.json': { tokenizer_class } }
  const { kind, context } = describeFiles(all)
  return kind.convert!(context)
}

const named = <T extends { class: string; config: object }>(entries: readonly T[]) =>
  entries.map((entry) => ({ ...entry, name: `${entry.class} ${JSON.stringify(entry.config)}` }))

describe('from bare vocabularies as in Python', () => {
  test.each(named(cases))('$name', ({ class: tokenizer_class, files, config, added, bare }) => {
    const all = { ...vocabulary(files, added), 'tokenizer_config.json': { tokenizer_class, ...config } }
    agrees(tokenizerOf(all), bare, texts)
  })
})

describe('from the tokenizer.json that the converter makes, as in Python', () => {
  const own = cases.flatMap(({ converted: truth, ...entry }) =>
    truth === undefined ? [] : { ...entry, converter: entry.class, padding: null, converted: truth },
  )
  test.each(named([...own, ...borrowed]))(
    '$name of $converter',
    ({ class: tokenizer_class, converter, files, config, padding, converted: truth }) => {
      const all = {
        'tokenizer.json': { ...converted(converter, files), padding },
        'tokenizer_config.json': { tokenizer_class, ...config },
      }
      agrees(tokenizerOf(all), truth, texts)
    },
  )
})

test('a class without its files says which it needs', () => {
  const load = (tokenizer_class: string) => () =>
    tokenizerOf({ 'tokenizer_config.json': { tokenizer_class } })
  expect(load('RobertaTokenizer')).toThrow(TokenizerError)
  expect(load('RobertaTokenizer')).toThrow(
    'RobertaTokenizer needs tokenizer.json, or vocab.json and merges.txt.',
  )
  expect(load('BloomTokenizerFast')).toThrow('BloomTokenizer needs tokenizer.json.')
  expect(load('MarianTokenizer')).toThrow(
    'MarianTokenizer needs tokenizer.json, or source.spm and target.spm and vocab.json.',
  )
  expect(load('MyTokenizer')).toThrow(/MyTokenizer needs tokenizer.json.*vocab.txt; .*T5Tokenizer/)
  expect(load('RoFormerTokenizer')).toThrow('jieba')
})

test('a class without a converter takes what its model does', () => {
  const json = converted('T5Tokenizer', { 'spiece.model': 't5.model' })
  const tokenizer = tokenizerOf({
    'tokenizer.json': json,
    'config.json': { model_type: 'marian' },
  })
  expect(Object.keys(tokenizer('Hello'))).toEqual(['input_ids', 'attention_mask'])
})

test('a malformed vocabulary is refused by name', () => {
  const load = (files: object) => () =>
    tokenizerOf({ ...files, 'tokenizer_config.json': { tokenizer_class: 'RobertaTokenizer' } })
  const malformed = 'The vocabulary (vocab.json and merges.txt) is malformed'
  expect(load({ 'vocab.json': null, 'merges.txt': '' })).toThrow(malformed)
  expect(load({ 'vocab.json': {}, 'merges.txt': ['a b'] })).toThrow(malformed)
  const vocab = { a: 0, b: 1 }
  const merges = '#version: 0.2\na b\n'
  expect(load({ 'vocab.json': vocab, 'merges.txt': merges })).toThrow('lacks "ab"')
})

test('what only the configuration gets wrong is said', () => {
  const { 'spiece.model': model } = vocabulary({ 'spiece.model': 't5.model' })
  const t5 = (config: TokenizerConfig) => () =>
    tokenizerOf({
      'spiece.model': model!,
      'tokenizer_config.json': { tokenizer_class: 'T5Tokenizer', ...config },
    })
  expect(t5({ additional_special_tokens: ['<extra_id_0>'] })).toThrow('extra_ids is 100')
  const bytes = vocabulary({ 'vocab.json': 'bytes.json', 'merges.txt': 'bytes-merges.txt' })
  const whisper = { tokenizer_class: 'WhisperTokenizer', language: 'Klingon' }
  expect(() => tokenizerOf({ ...bytes, 'tokenizer_config.json': whisper })).toThrow(
    /no language "Klingon".*english/,
  )
})
