import { beforeEach, describe, expect, test, vi } from 'vitest'
import { digest, filesOf, readJson, tokenizerOf } from '../../reference/fixtures'
import { answersOf, propertiesOf, type SavedCase, tokenizerOfCase } from '../../reference/saved-cases'
import type { PreTrainedTokenizer } from '..'
import { readFiles } from '../compiler/read-files'
import { TokenizerError } from '../errors'
import { readScore, writtenScore } from '../models/scores'
import { blobOf } from '../save/blob'

const { lines: further, cases } = readJson<{ lines: string[]; cases: SavedCase[] }>('saved/cases.json')
const lines = [...readJson<string[]>('lines.json').slice(0, 200), ...further]

/** What Python answers with the files whose digests are here. */
const recorded =
  readJson<Record<string, { files: Record<string, string>; digests: string; properties: object }>>(
    'saved/answers.json',
  )

// Some lines are longer than the model takes.
beforeEach(() => vi.spyOn(console, 'warn').mockReturnValue())

const textsOf = async (tokenizer: PreTrainedTokenizer): Promise<Record<string, string>> => {
  const files = Object.entries(await tokenizer.toFiles())
  return Object.fromEntries(await Promise.all(files.map(async ([path, blob]) => [path, await blob.text()])))
}

const reopened = async (tokenizer: PreTrainedTokenizer) =>
  tokenizerOf(await readFiles(await tokenizer.toFiles()))

describe.each(cases)('$name, saved', (wanted) => {
  const { files, digests, properties } = recorded[wanted.name]!

  test('is the files that Python has read, and answers as Python does with them', async () => {
    const tokenizer = await tokenizerOfCase(wanted)
    const written = Object.entries(await textsOf(tokenizer)).map(([path, text]) => [path, digest(text)])
    expect(Object.fromEntries(written)).toEqual(files)
    expect(answersOf(tokenizer, lines)).toBe(digests)
    expect(propertiesOf(tokenizer)).toEqual(properties)
  })

  test('is the same here, opened again', async () => {
    const again = await reopened(await tokenizerOfCase(wanted))
    expect(answersOf(again, lines)).toBe(digests)
    expect(propertiesOf(again)).toEqual(properties)
  })
})

test('scores are read as the library reads them, and written so that it reads them', () => {
  const scores = readJson<[given: number, read: number][]>('saved/scores.json')
  expect(scores.map(([given]) => readScore(given))).toEqual(scores.map(([, read]) => read))
  expect(scores.map(([, read]) => readScore(Number(writtenScore(read))))).toEqual(
    scores.map(([, read]) => read),
  )
  expect(scores.filter(([given, read]) => given !== read).length).toBeGreaterThan(30)
})

test('tokens that look like numbers or prototypes keep their places', async () => {
  const vocab = Object.fromEntries([
    ['[UNK]', 0],
    ['b', 1],
    ['7', 2],
    ['__proto__', 4],
    ['\ud800', 5],
    ['"\\', 6],
  ])
  const tokenizer = tokenizerOf({
    'tokenizer.json': {
      model: { type: 'WordLevel', vocab, unk_token: '[UNK]' },
      pre_tokenizer: { type: 'WhitespaceSplit' },
    },
    'tokenizer_config.json': { tokenizer_class: 'GPT2Tokenizer', unk_token: '[UNK]' },
  })
  tokenizer.addTokens(['12', '🤗', '｜'])
  const files = await textsOf(tokenizer)
  expect(files['vocab.json']).toBe(String.raw`{"[UNK]":0,"b":1,"7":2,"__proto__":4,"\ud800":5,"\"\\":6}`)
  expect(files['tokenizer.json']).toContain(`"vocab":${files['vocab.json']},"unk_token":"[UNK]"`)
  // GPT-2's own special tokens come first.
  expect(files['added_tokens.json']).toBe('{\n  "12": 7,\n  "<|endoftext|>": 6,\n  "｜": 9,\n  "🤗": 8\n}\n')
  const ids = (one: PreTrainedTokenizer) => one('7 b __proto__ x 12 🤗 ｜ "\\').input_ids
  expect(ids(await reopened(tokenizer))).toEqual(ids(tokenizer))
})

test('a role that was taken away stays away, and one that was never there is not named', async () => {
  const tokenizer = tokenizerOf(filesOf('bert-uncased'))
  tokenizer.maskToken = undefined
  const config = JSON.parse((await textsOf(tokenizer))['tokenizer_config.json']!)
  expect(config).toMatchObject({ mask_token: null, cls_token: '[CLS]' })
  expect(config).not.toHaveProperty('bos_token')
  expect((await reopened(tokenizer)).maskToken).toBeUndefined()
})

test('a class that Python would not open from these files gives way to the generic one', async () => {
  const pegasus = tokenizerOf({
    ...filesOf('t5'),
    'tokenizer_config.json': { tokenizer_class: 'PegasusTokenizer', model_max_length: 9 },
  })
  const classOf = async (tokenizer: PreTrainedTokenizer) =>
    JSON.parse((await textsOf(tokenizer))['tokenizer_config.json']!).tokenizer_class
  expect(await classOf(pegasus)).toBe('PegasusTokenizerFast')
  pegasus.padToken = '</s>'
  expect(await classOf(pegasus)).toBe('PreTrainedTokenizerFast')
  expect((await reopened(pegasus)).modelInputNames).toEqual(pegasus.modelInputNames)
})

test('the class that config.json names is the one that is saved', async () => {
  const files = { ...filesOf('gpt2'), 'config.json': { model_type: 'gpt2' } }
  const tokenizer = tokenizerOf({ ...files, 'tokenizer_config.json': {} })
  const config = JSON.parse((await textsOf(tokenizer))['tokenizer_config.json']!)
  expect(config.tokenizer_class).toBe('GPT2Tokenizer')
})

test.each(['a/b', '..', ''])('a chat template named %j is refused', async (name) => {
  const tokenizer = tokenizerOf(filesOf('bert-uncased'))
  tokenizer.chatTemplate = { default: '', [name]: 'x' }
  await expect(tokenizer.toFiles()).rejects.toThrow(TokenizerError)
  await expect(tokenizer.toFiles()).rejects.toThrow(`The chat template "${name}" can't be saved`)
})

test('saving pauses on the way, and ends with an abort', async () => {
  const steps = blobOf(Array.from({ length: 10_000 }, (_, i) => `${i},`))
  let pauses = 0
  let result = steps.next()
  for (; !result.done; result = steps.next()) pauses++
  expect(pauses).toBe(4)
  expect((await result.value.text()).split(',').map(Number)).toHaveLength(10_001)
  const tokenizer = tokenizerOf(filesOf('bert-uncased'))
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(tokenizer.toFiles({ signal })).rejects.toThrow('enough')
})
