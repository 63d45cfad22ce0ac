import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { digest, digests, read, readJson, tokenizerOf } from '../../reference/fixtures'
import {
  AutoTokenizer,
  type PreTrainedTokenizer,
  type TokenizerConfig,
  TokenizerError,
  type TokenizerFiles,
} from '..'

interface Case {
  name: string
  /** Names of files, and of the models that they are. */
  files: Record<string, string>
  config: TokenizerConfig
  lines: string[]
  added: unknown[][]
  special: string[]
  specialIds: number[]
  size: [vocabulary: number, all: number]
  inputs: string[]
  maxLength: number
  cleanUp: boolean
  padded: number[][]
  /** Of the first lines. */
  full: unknown[]
  /** For each line ids at random. */
  wild: number[][]
  digests: string
  /** After other languages are set, and which ones the tokenizer then says; null without languages. */
  switched: [object, object, string, string] | null
  grown: { counts: number[]; ids: number[]; decoded: string; length: number; files: string[] }
}

const { lines, cases } = readJson<{ lines: string[]; cases: Case[] }>('translation/answers.json')

const charsmap = new Uint8Array(Buffer.from(read('charsmap.txt').trim(), 'base64'))

/** A model with the rules of nmt_nfkc, which the fixtures have once: a further field of its normalizer. */
function modelOf(file: string): Uint8Array {
  const bytes = new Uint8Array(readFileSync(new URL(`../../fixtures/translation/${file}`, import.meta.url)))
  if (file === 'odd.spm' || file === 'suffix.spm') return bytes
  const inner = [0x12, ...varint(charsmap.length)]
  const head = [0x1a, ...varint(inner.length + charsmap.length), ...inner]
  return new Uint8Array(Buffer.concat([bytes, Uint8Array.from(head), charsmap]))
}

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)]

const filesOf = ({ name, files, config }: Case): TokenizerFiles => ({
  ...Object.fromEntries(Object.entries(files).map(([path, model]) => [path, modelOf(model)])),
  'vocab.json': readJson(`translation/${name}.json`),
  'tokenizer_config.json': config,
})

const answer = (tokenizer: PreTrainedTokenizer, line: string, wild: number[]): unknown[] => {
  const ids = tokenizer(line).input_ids
  const target = tokenizer(undefined, { textTarget: line }).input_ids
  const both = tokenizer(line, 'All human', { textTarget: line })
  return [
    ids,
    target,
    [both.input_ids, both.labels],
    tokenizer.tokenize(line),
    tokenizer(line, { truncation: true, maxLength: 7 }).input_ids,
    tokenizer.decode(ids),
    tokenizer.decode(target),
    tokenizer.decode(target, { skipSpecialTokens: true }),
    wild,
    tokenizer.decode(wild),
    tokenizer.decode(wild, { skipSpecialTokens: true }),
    tokenizer.convertIdsToTokens(wild),
  ]
}

describe.each(cases)('$name as in Python', (recorded) => {
  test('what it is', () => {
    const tokenizer = tokenizerOf(filesOf(recorded))
    const added = tokenizer.addedTokens.map(([id, token]) => {
      const { content, single_word, lstrip, rstrip, normalized, special } = token
      return [id, content, single_word, lstrip, rstrip, normalized, special]
    })
    expect(added).toEqual(recorded.added)
    expect(tokenizer.allSpecialTokens).toEqual(recorded.special)
    expect(tokenizer.allSpecialIds).toEqual(recorded.specialIds)
    expect([tokenizer.vocabSize, tokenizer.length]).toEqual(recorded.size)
    expect(tokenizer.modelInputNames).toEqual(recorded.inputs)
    expect(tokenizer.modelMaxLength).toBe(recorded.maxLength)
    expect(tokenizer.cleanUpTokenizationSpaces).toBe(recorded.cleanUp)
    expect(tokenizer(['All human', 'All'], { padding: true }).input_ids).toEqual(recorded.padded)
  })

  test('source and target texts, and back', () => {
    const tokenizer = tokenizerOf(filesOf(recorded))
    const all = [...recorded.lines, ...lines]
    const answers = all.map((line, i) => answer(tokenizer, line, recorded.wild[i]!))
    expect(answers.slice(0, recorded.full.length)).toEqual(recorded.full)
    const expected = digests(recorded.digests)
    expect(expected).toHaveLength(all.length)
    expect(all.filter((_, i) => digest(answers[i]) !== expected[i])).toEqual([])
  })

  test('with further tokens, saved and opened again', async () => {
    const { counts, ids, decoded, length, files } = recorded.grown
    const text = 'All <city> human being <a> x'
    const tokenizer = tokenizerOf(filesOf(recorded))
    expect([
      tokenizer.addTokens(['<city>', 'human']),
      tokenizer.addSpecialTokens({ additional_special_tokens: ['<a>'] }),
    ]).toEqual(counts)
    expect(tokenizer(text).input_ids).toEqual(ids)
    expect(tokenizer.decode(ids)).toBe(decoded)
    expect(tokenizer.length).toBe(length)
    const saved = await tokenizer.toFiles()
    expect(Object.keys(saved).sort()).toEqual(files)
    const again = await AutoTokenizer.fromPretrained(
      Object.entries(saved).map(([path, blob]) => new File([blob], path)),
    )
    expect(again(text).input_ids).toEqual(ids)
    expect(again(undefined, { textTarget: text }).input_ids).toEqual(
      tokenizer(undefined, { textTarget: text }).input_ids,
    )
  })
})

describe.each(cases.filter(({ switched }) => switched !== null))('$name as in Python', (recorded) => {
  test('with other languages', () => {
    const tokenizer = tokenizerOf(filesOf(recorded))
    const [first, second, source, target] = recorded.switched!
    tokenizer.srcLang = 'de'
    expect({ ...tokenizer('All human', { textTarget: 'being' }) }).toEqual(first)
    tokenizer.tgtLang = 'zu'
    expect({ ...tokenizer('All human', { textTarget: 'being' }) }).toEqual(second)
    expect([tokenizer.srcLang, tokenizer.tgtLang]).toEqual([source, target])
    const languageOf = (srcLang: string) => () => Object.assign(tokenizer, { srcLang })
    expect(languageOf('xx')).toThrow('no language "__xx__"')
  })
})

const [marian] = cases as [Case]

test('the models of SentencePiece go before a tokenizer.json, as in Python', async () => {
  const files = filesOf(marian)
  const json = {
    model: { type: 'WordLevel', vocab: { '<unk>': 0 }, unk_token: '<unk>' },
    pre_tokenizer: { type: 'Whitespace' },
  }
  const blobOf = (content: unknown) => (content instanceof Uint8Array ? content : JSON.stringify(content))
  const fileOf = ([path, content]: [string, unknown]) => new File([blobOf(content) as BlobPart], path)
  const all = Object.entries({ ...files, 'tokenizer.json': json }).map(fileOf)
  const named = all.filter(({ name }) => name !== 'tokenizer_config.json')
  named.push(fileOf(['config.json', { model_type: 'marian' }]))
  for (const repository of [all, named]) {
    const tokenizer = await AutoTokenizer.fromPretrained(repository)
    expect(tokenizer(marian.lines[0]!).input_ids).toEqual((marian.full as unknown[][])[0]![0])
  }
})

test('what cannot be read is said', () => {
  const files = filesOf(marian)
  const load = (more: TokenizerFiles) => () => tokenizerOf({ ...files, ...more })
  const config = (more: TokenizerConfig) => ({ 'tokenizer_config.json': { ...marian.config, ...more } })
  expect(load(config({ separate_vocabs: true }))).toThrow('separate_vocabs')
  expect(load({ 'vocab.json': { a: 0 } })).toThrow('lacks the unknown token "<unk>"')
  expect(load({ 'source.spm': new Uint8Array([1, 2]) })).toThrow('no SentencePiece model')
  expect(load({ 'source.spm': new Uint8Array([1, 2]) })).toThrow(TokenizerError)
  const m2m = filesOf(cases.find(({ name }) => name === 'm2m100')!)
  const other = { tokenizer_class: 'M2M100Tokenizer', language_codes: 'klingon' }
  expect(() => tokenizerOf({ ...m2m, 'tokenizer_config.json': other })).toThrow('one of m2m100, wmt21')
  const trained = tokenizerOf(files).trainNewFromIterator(['a text'], 100)
  return expect(trained).rejects.toThrow('"SentencePiece" can\'t be trained')
})
