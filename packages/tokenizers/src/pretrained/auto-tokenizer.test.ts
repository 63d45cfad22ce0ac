import { readFileSync } from 'node:fs'
import { FileNotFoundError } from '@webformers/hub'
import { expect, test, vi } from 'vitest'
import { filesOf, tokenizerOf } from '../../reference/fixtures'
import { AutoTokenizer, BatchEncoding } from '..'

const files = filesOf('bert-uncased')

/** A server of a folder with these files. */
const serve = (contents: Record<string, unknown>): typeof fetch =>
  vi.fn(async (input: string | URL | Request, init?: RequestInit) => {
    const path = new URL(input instanceof Request ? input.url : input).pathname.split('/').at(-1)!
    const content = contents[path]
    if (content === undefined) return new Response('', { status: 404 })
    const plain = typeof content === 'string' || content instanceof Uint8Array
    const body = plain ? (content as string | Uint8Array<ArrayBuffer>) : JSON.stringify(content)
    return new Response(init?.method === 'HEAD' ? null : body)
  })

test('a folder on a server is a tokenizer', async () => {
  const fetch = serve(files as Record<string, unknown>)
  const tokenizer = await AutoTokenizer.fromPretrained(new URL('https://models.example/bert/'), {
    fetch,
    cache: false,
  })
  const text = 'Call me Ishmael.'
  expect({ ...tokenizer(text) }).toEqual({ ...tokenizerOf(files)(text) })
})

test('a folder without tokenizer.json is asked for the files of its class alone', async () => {
  const model = new Uint8Array(
    readFileSync(new URL('../../fixtures/converters/llama.model', import.meta.url)),
  )
  const contents = {
    'tokenizer_config.json': { tokenizer_class: 'LlamaTokenizer' },
    'tokenizer.model': model,
    'vocab.json': {},
  }
  const fetch = serve(contents)
  const url = new URL('https://models.example/llama/')
  const tokenizer = await AutoTokenizer.fromPretrained(url, { fetch, cache: false })
  const { 'vocab.json': _, ...files } = contents
  expect({ ...tokenizer('Call me') }).toEqual({ ...tokenizerOf(files)('Call me') })
  const asked = vi.mocked(fetch).mock.calls.map(([input]) => String(input))
  expect(asked.filter((path) => /vocab|spiece|merges/.test(path))).toEqual([])
})

test('a folder with no tokenizer says what it needs', async () => {
  const fetch = serve({ 'config.json': { model_type: 'bert' } })
  const load = AutoTokenizer.fromPretrained(new URL('https://models.example/empty/'), { fetch, cache: false })
  await expect(load).rejects.toThrow('No tokenizer in ["config.json"]')
  await expect(load).rejects.not.toBeInstanceOf(FileNotFoundError)
})

test('a tokenizer is a function with properties', () => {
  const tokenizer = tokenizerOf(files)
  expect(typeof tokenizer).toBe('function')
  expect(tokenizer.length).toBe(tokenizer.getVocab().size)
  expect(tokenizer.getVocab().get('[MASK]')).toBe(tokenizer.maskTokenId)
  expect(tokenizer.convertTokensToIds(['[CLS]', 'no such token'])).toEqual([
    tokenizer.clsTokenId,
    tokenizer.unkTokenId,
  ])
  expect(tokenizer.convertIdsToTokens(tokenizer.encode('the'), { skipSpecialTokens: true })).toEqual(['the'])
  expect(tokenizer.tokenize('the world')).toEqual(
    tokenizer('the world', { addSpecialTokens: false }).tokens(),
  )
  tokenizer.paddingSide = 'left'
  expect(tokenizer(['the', ''], { padding: true }).attention_mask[1]).toEqual([0, 1, 1])
})

test('an encoding has the values as its own keys and survives a message', () => {
  const encoding = tokenizerOf(files)(['the', 'world'], { padding: true, returnTensors: true })
  expect(encoding).toBeInstanceOf(BatchEncoding)
  expect(Object.keys(encoding)).toEqual(['input_ids', 'token_type_ids', 'attention_mask'])
  expect(encoding.attention_mask).toEqual({
    dtype: 'int32',
    shape: [2, 3],
    data: Int32Array.of(1, 1, 1, 1, 1, 1),
  })
  expect(structuredClone({ ...encoding })).toEqual({ ...encoding })
})

test('rows of a tensor decode like lists', () => {
  const tokenizer = tokenizerOf(files)
  const { input_ids } = tokenizer(['the world', 'they'], { padding: true, returnTensors: true })
  expect(tokenizer.batchDecode(input_ids, { skipSpecialTokens: true })).toEqual(['the world', 'they'])
  expect(tokenizer.decode(Int32Array.from(tokenizer.encode('they')))).toBe('[CLS] they [SEP]')
})

test('where tokens, words and characters are', () => {
  const text = 'Ünïcödé 👍 text'
  const encoding = tokenizerOf(files)(text, 'other', { returnOffsetsMapping: true })
  const token = encoding.charToToken(0, text.indexOf('text'))!
  expect(encoding.tokenToSequence(0, token)).toBe(0)
  const word = encoding.tokenToWord(0, token)!
  expect(text.slice(...encoding.wordToChars(0, word)!)).toBe('text')
  const [first, end] = encoding.wordToTokens(0, word)!
  expect(first).toBe(token)
  expect(encoding.tokenToChars(0, end - 1)![1]).toBe(text.length)
  expect(encoding.charToWord(0, 0)).toBe(0)
  expect(encoding.tokenToChars(0, 0)).toBeNull()
  expect(encoding.charToToken(0, text.length)).toBeNull()
})

test('a text longer than the model takes is warned of, once', () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue()
  const tokenizer = tokenizerOf(files)
  for (const _ of [1, 2]) expect(tokenizer('a '.repeat(600)).input_ids).toHaveLength(602)
  expect(warn.mock.calls).toEqual([[expect.stringContaining('602 tokens, more than the 512')]])
})
