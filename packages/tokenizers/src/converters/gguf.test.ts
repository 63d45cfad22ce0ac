import { readFileSync } from 'node:fs'
import { readGgufMetadata } from '@webformers/hub'
import { expect, test, vi } from 'vitest'
import { readJson, tokenizerOf } from '../../reference/fixtures'
import { agrees, type Recorded } from '../../reference/recorded'
import { AutoTokenizer, CorruptCheckpointError, TokenizerError, UnsupportedCheckpointError } from '..'
import { ggufFiles } from './gguf'

const { tokenizers, chat, ...texts } = readJson<{
  lines: string[]
  pair: string
  chat: { role: string; content: string }[]
  tokenizers: Record<string, Recorded & { chat?: string }>
}>('gguf/answers.json')

const read = (name: string) => readFileSync(new URL(`../../fixtures/gguf/${name}.gguf`, import.meta.url))
const load = async (bytes: Uint8Array<ArrayBuffer>) =>
  ggufFiles(await readGgufMetadata('model.gguf', new Blob([bytes])))

test.each(Object.entries(tokenizers))('%s is the tokenizer Python makes of it', async (name, truth) => {
  const tokenizer = tokenizerOf(await load(read(name)))
  const { chat: rendered, ...recorded } = truth
  agrees(tokenizer, recorded, texts)
  expect(tokenizer.chatTemplate === undefined).toBe(rendered === undefined)
  if (rendered !== undefined)
    expect(tokenizer.applyChatTemplate(chat, { tokenize: false, addGenerationPrompt: true })).toBe(rendered)
})

test('a repository is asked for the GGUF file alone', async () => {
  const asked: string[] = []
  const fetch = vi.fn(async (input: string | URL | Request, init?: RequestInit) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input)
    asked.push(pathname)
    return new Response(init?.method === 'HEAD' ? null : read('qwen2'))
  })
  const source = new URL('https://models.example/qwen/')
  const tokenizer = await AutoTokenizer.fromPretrained(source, {
    fetch,
    cache: false,
    ggufFile: 'model.gguf',
    eosToken: '<|im_end|>',
  })
  expect(tokenizer.eosToken).toBe('<|im_end|>')
  expect(tokenizer(texts.lines[0]!).input_ids).toEqual(
    tokenizerOf(await load(read('qwen2')))(texts.lines[0]!).input_ids,
  )
  expect([...new Set(asked)]).toEqual(['/qwen/model.gguf'])
})

/** The file with one text in place of another of the same length. */
const edited = (name: string, from: string, to: string) => {
  const bytes = Buffer.from(read(name))
  bytes.write(to, bytes.indexOf(from), 'latin1')
  return Uint8Array.from(bytes)
}

test.each([
  ['tokenizer.ggml.tokens', 'tokenizer.ggml.tokenz', TokenizerError, '"model.gguf" has no tokenizer'],
  [
    'tokenizer.ggml.scores',
    'tokenizer.ggml.scorez',
    TokenizerError,
    'has 560 tokens and no scores, expected as many, or merges',
  ],
  [
    'general.architecture',
    'general.architecturf',
    UnsupportedCheckpointError,
    'is of architecture undefined',
  ],
  ['<0xE4>', '\xff0xE4>', CorruptCheckpointError, 'is no UTF-8'],
])('a file with another "%s" is refused', async (from, to, kind, message) => {
  const opened = load(edited('llama', from, to))
  await expect(opened).rejects.toThrow(kind)
  await expect(opened).rejects.toThrow(message)
})

test('a token as long as a book takes no time', async () => {
  const bytes = Buffer.from(read('llama-without-prefix'))
  // The last token, made longer; what comes after it moves.
  const key = 'tokenizer.ggml.scores'
  const place = bytes.indexOf(key) - 8
  const last = Buffer.alloc(8 + 500_000, 'a')
  last.writeBigUInt64LE(500_000n)
  const count = bytes.indexOf('tokenizer.ggml.tokens') + 'tokenizer.ggml.tokens'.length + 8
  const tokens = bytes.readUInt32LE(count)
  bytes.writeUInt32LE(tokens + 1, count)
  const scores = bytes.indexOf(key) + key.length + 8
  bytes.writeUInt32LE(tokens + 1, scores)
  const end = scores + 8 + 4 * tokens
  const file = [
    bytes.subarray(0, place),
    last,
    bytes.subarray(place, end),
    Buffer.alloc(4),
    bytes.subarray(end),
  ]
  const begun = process.cpuUsage()
  const { 'tokenizer.json': json } = await load(Uint8Array.from(Buffer.concat(file)))
  expect(Object.keys(json!.model.vocab)).toHaveLength(tokens + 1)
  expect(process.cpuUsage(begun).user).toBeLessThan(1e6)
})

test('roles beyond the vocabulary, and values of another type, are refused', async () => {
  const bytes = Buffer.from(read('llama'))
  const at = bytes.indexOf('tokenizer.ggml.eos_token_id') + 'tokenizer.ggml.eos_token_id'.length
  bytes.writeUInt32LE(560, at + 4)
  await expect(load(Uint8Array.from(bytes))).rejects.toThrow(
    '"tokenizer.ggml.eos_token_id" of "model.gguf" is 560, but its tokenizer has 560 tokens.',
  )
  bytes.writeUInt32LE(5, at) // a signed number
  bytes.writeInt32LE(-1, at + 4)
  await expect(load(Uint8Array.from(bytes))).rejects.toThrow('is -1, but its tokenizer has 560 tokens')
  bytes.writeUInt32LE(6, at) // single precision
  bytes.writeFloatLE(0.5, at + 4)
  await expect(load(Uint8Array.from(bytes))).rejects.toThrow('is 0.5, but its tokenizer has 560 tokens')
})
