import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { filesOf, type Name, read, readJson } from '../../reference/fixtures'
import {
  AutoTokenizer,
  type BatchEncoding,
  type PreTrainedTokenizer,
  type SpecialTokenFields,
  type TokenizerConfig,
  TokenizerError,
  type TokenizerFiles,
} from '..'
import type { InitOptions } from './init-options'
import type { PrefixOptions } from './language-properties'

type Values = Record<string, unknown>

interface Properties {
  roles: Record<string, [token: string, id: number]>
  allSpecialTokens: string[]
  allSpecialIds: number[]
  length: number
  modelInputNames: string[]
  modelMaxLength: number
  addedTokens: unknown[]
}

interface Opened {
  name: Name
  options: InitOptions
  map: SpecialTokenFields | null
  values: Values
  tokens: string[]
  decoded: string
  sides: string[]
  properties: Properties
}

const recorded = readJson<{
  line: string
  pair: string
  opened: Opened[]
  languages: {
    config: TokenizerConfig
    source: string
    steps: [kind: string, answer: Values, languages: string[]][]
  }[]
  places: [method: 'tokenToWord', places: [number], answer: unknown][]
  odd: string[]
  roles: {
    counts: number[]
    extended: [string[], number[]]
    map: Values
    added: Record<string, number>
    ids: number[]
    mask: number[]
    lengths: number[]
    properties: Properties
  }
  prefixes: { config: TokenizerConfig; steps: [PrefixOptions, string[]][] }
}>('methods.json')

function properties(tokenizer: PreTrainedTokenizer): Properties {
  const roles = Object.entries(tokenizer.specialTokensMap).filter(
    ([role]) => role !== 'additional_special_tokens',
  )
  const { allSpecialTokens, allSpecialIds, length, modelInputNames, modelMaxLength } = tokenizer
  return {
    roles: Object.fromEntries(
      roles.map(([role, token]) => [
        role,
        [token as string, tokenizer.convertTokensToIds(token as string) as number],
      ]),
    ),
    allSpecialTokens,
    allSpecialIds,
    length,
    modelInputNames,
    modelMaxLength,
    addedTokens: tokenizer.addedTokens.map(([id, token]) => {
      const { content, single_word, lstrip, rstrip, normalized, special } = token
      return [id, content, single_word, lstrip, rstrip, normalized, special]
    }),
  }
}

test.each(recorded.opened)('$name opened with $options', async (opened) => {
  const { name, options, map, properties: known, ...expected } = opened
  const files = filesOf(name)
  if (map !== null) {
    const { added_tokens_decoder: _, ...config } = files['tokenizer_config.json']!
    Object.assign(files, { 'tokenizer_config.json': config, 'special_tokens_map.json': map })
  }
  const tokenizer = await AutoTokenizer.fromFiles(files, options)
  const encoding = tokenizer(recorded.line, recorded.pair, { truncation: tokenizer.modelMaxLength < 1e6 })
  expect({
    values: { ...encoding },
    tokens: encoding.tokens(),
    decoded: tokenizer.decode(encoding.input_ids),
    sides: [tokenizer.paddingSide, tokenizer.truncationSide],
  }).toEqual(expected)
  expect(known).toMatchObject(properties(tokenizer))
})

const bytes = (path: string) =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/converters/${path}`, import.meta.url)))

test.each(recorded.languages)('languages of $config', async ({ config, source, steps }) => {
  const tokenizer = await AutoTokenizer.fromFiles({
    'sentencepiece.bpe.model': bytes('fairseq.model'),
    'tokenizer_config.json': config,
  })
  const encode = () => [
    'encode',
    tokenizer.encode('Hello'),
    [tokenizer.srcLang ?? null, tokenizer.tgtLang ?? null],
  ]
  const labels = () => ['labels', { ...tokenizer('Hello', { textTarget: 'Bonjour you' }) }]
  const answers: unknown[] = [encode()]
  answers.push(['call', { ...tokenizer('Hello', 'you') }], labels())
  answers.push(['target', { ...tokenizer(undefined, { textTarget: ['Bonjour', 'you two'] }) }])
  tokenizer.srcLang = source
  answers.push(encode())
  tokenizer.tgtLang = source
  answers.push(encode(), labels())
  tokenizer.srcLang = 'nowhere'
  answers.push(encode())
  expect(answers).toEqual(steps)
})

test('source and target texts keep apart while others are encoded', async () => {
  const { config, steps } = recorded.languages[0]!
  const tokenizer = await AutoTokenizer.fromFiles({
    'sentencepiece.bpe.model': bytes('fairseq.model'),
    'tokenizer_config.json': config,
  })
  const [first, second] = await Promise.all([
    tokenizer.callAsync('Hello', { textTarget: 'Bonjour you' }),
    tokenizer.callAsync('Hello', { textTarget: 'Bonjour you' }),
  ])
  expect([{ ...first }, { ...second }]).toEqual([steps[2]![1], steps[2]![1]])
})

test('a language needs a tokenizer that knows languages, a target one', async () => {
  const bert = await AutoTokenizer.fromFiles(filesOf('bert-uncased'))
  expect(() => Object.assign(bert, { srcLang: 'de' })).toThrow('BertTokenizer have no language')
  await expect(bert.setPrefixTokens({})).rejects.toThrow("Only Whisper's")
  const nllb = await AutoTokenizer.fromFiles({
    'sentencepiece.bpe.model': bytes('fairseq.model'),
    'tokenizer_config.json': { tokenizer_class: 'NllbTokenizer' },
  })
  expect(() => nllb('Hello', { textTarget: 'Bonjour' })).toThrow(TokenizerError)
  expect(() => bert(undefined as unknown as string)).toThrow('There is nothing to encode')
})

test("what Whisper's texts begin with", async () => {
  const { config, steps } = recorded.prefixes
  const vocab = readJson<Record<string, number>>('converters/bytes.json')
  const size = Object.keys(vocab).length
  const added = (config.additional_special_tokens as string[]).map((token, i) => [token, size + i])
  const tokenizer = await AutoTokenizer.fromFiles({
    'vocab.json': vocab,
    'merges.txt': read('converters/bytes-merges.txt'),
    'added_tokens.json': Object.fromEntries(added),
    'tokenizer_config.json': config,
  } as TokenizerFiles)
  for (const [options, tokens] of steps) {
    await tokenizer.setPrefixTokens(options)
    expect(tokenizer('Hello', 'you').tokens()).toEqual(tokens)
  }
  await expect(tokenizer.setPrefixTokens({ language: 'Klingon' })).rejects.toBeInstanceOf(TokenizerError)
})

test.each(recorded.places)('%s(%j)', async (method, places, expected) => {
  const tokenizer = await AutoTokenizer.fromFiles(filesOf('bert-uncased'))
  const encoding: BatchEncoding = tokenizer(recorded.line, recorded.pair)
  const ask = () => encoding[method](...places)
  if (expected === 'error') expect(ask).toThrow(TokenizerError)
  else expect(ask()).toEqual(expected)
  expect(encoding.nSequences).toBe(2)
})

test('odd ids decode as in Python, or are refused', async () => {
  const tokenizer = await AutoTokenizer.fromFiles(filesOf('bert-uncased'))
  const odd = [[], [0, 3, 100000], [4294967295], [4294967296], [-1], [5, -100], [1.5], [NaN], [Infinity]]
  odd.forEach((ids, i) => {
    if (recorded.odd[i] === 'error') {
      expect(() => tokenizer.decode(ids)).toThrow(TokenizerError)
      expect(() => tokenizer.convertIdsToTokens(ids)).toThrow(TokenizerError)
    } else expect(tokenizer.decode(ids)).toBe(recorded.odd[i])
  })
  expect(tokenizer.convertIdsToTokens([5, 100000])).toEqual(['!', undefined])
  const rows = { dtype: 'int32', shape: [1, 2], data: Int32Array.of(5, 6) } as const
  expect(() => tokenizer.decode({ ...rows, shape: [1, 2] })).toThrow('use batchDecode')
  expect(tokenizer.batchDecode([5, 5])).toEqual(['!', '!'])
  expect(tokenizer.batchDecode({ ...rows, shape: [2] })).toEqual([tokenizer.decode(5), tokenizer.decode(6)])
  expect(() => tokenizer.encode(['one', 'two'])).toThrow('encode takes one text')
  for (const wrong of [[1], [['a'], 'b'], null, 7])
    expect(() => tokenizer(wrong as unknown as string)).toThrow(TokenizerError)
})

test('roles set by token and by id, special tokens without a role replaced and extended', async () => {
  const { counts, extended, map, added, ids, mask, lengths, properties: expected } = recorded.roles
  const tokenizer = await AutoTokenizer.fromFiles(filesOf('bert-uncased'))
  tokenizer.padTokenId = 5
  tokenizer.clsToken = 'the'
  tokenizer.maskTokenId = 100000
  const add = (
    additional: string[],
    options?: { replaceAdditionalSpecialTokens: boolean },
    more?: SpecialTokenFields,
  ) => tokenizer.addSpecialTokens({ additional_special_tokens: additional, ...more }, options)
  expect([
    add(['<a>', '<b>']),
    add(['<b>', '<c>'], { replaceAdditionalSpecialTokens: false }),
    add([]),
    add(['<c>'], undefined, { eos_token: '<d>' }),
  ]).toEqual(counts)
  expect([tokenizer.additionalSpecialTokens, tokenizer.additionalSpecialTokensIds]).toEqual(extended)
  expect(tokenizer.specialTokensMap).toEqual(map)
  expect(Object.fromEntries(tokenizer.getAddedVocab())).toEqual(added)
  expect(tokenizer.encode('the <a> <d> end')).toEqual(ids)
  expect(tokenizer.getSpecialTokensMask(ids)).toEqual(mask)
  expect([tokenizer.maxLenSingleSentence, tokenizer.maxLenSentencesPair]).toEqual(lengths)
  expect(expected).toMatchObject(properties(tokenizer))
  expect(() => tokenizer.addSpecialTokens({ role: 'x' } as SpecialTokenFields)).toThrow(
    'There is no role "role"',
  )
})
