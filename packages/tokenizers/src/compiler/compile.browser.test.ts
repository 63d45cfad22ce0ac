import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import bertAnswers from '../../fixtures/bert-uncased/answers.json'
import bert from '../../fixtures/bert-uncased/tokenizer.json'
import bertConfig from '../../fixtures/bert-uncased/tokenizer_config.json'
import charsmap from '../../fixtures/charsmap.txt?raw'
import lines from '../../fixtures/lines.json'
import qwenAnswers from '../../fixtures/qwen3/answers.json'
import qwen from '../../fixtures/qwen3/tokenizer.json'
import qwenConfig from '../../fixtures/qwen3/tokenizer_config.json'
import t5Answers from '../../fixtures/t5/answers.json'
import t5 from '../../fixtures/t5/tokenizer.json'
import t5Config from '../../fixtures/t5/tokenizer_config.json'
import {
  AutoTokenizer,
  CorruptFileError,
  type FileOptions,
  type PreTrainedTokenizer,
  TokenizerError,
  type TokenizerFiles,
} from '..'
import type { InitOptions } from '../pretrained/init-options'
import { enlarged } from '../testing/enlarged'
import type { TokenizerJson } from '../tokenizer'

const large = (json: object) => JSON.stringify(enlarged(json as TokenizerJson))
const normalizer = JSON.parse(JSON.stringify(t5.normalizer).replace('""', JSON.stringify(charsmap.trim())))
const json = { WordPiece: large(bert), BPE: large(qwen), Unigram: large({ ...t5, normalizer }) }
const tokenizers = [
  { model: 'WordPiece', config: bertConfig, answers: bertAnswers.full },
  { model: 'BPE', config: qwenConfig, answers: qwenAnswers.full },
  { model: 'Unigram', config: t5Config, answers: t5Answers.full },
] as const

const RealWorker = Worker
/** How many workers were made. */
let workers: number
let source: URL
let files: Record<string, { content: string; etag: string }>

/** Answers for the folder at `source`. */
const server: typeof fetch = async (input, init) => {
  const file = files[new URL(String(input)).pathname.split('/').at(-1)!]
  if (file === undefined) return new Response('', { status: 404 })
  return new Response(init?.method === 'HEAD' ? null : file.content, { headers: { etag: file.etag } })
}

function serve(tokenizer: string, config: object = bertConfig) {
  files = {
    'tokenizer.json': { content: tokenizer, etag: `"${crypto.randomUUID()}"` },
    'tokenizer_config.json': { content: JSON.stringify(config), etag: `"${JSON.stringify(config).length}"` },
  }
}

const open = (options: FileOptions & InitOptions = {}) =>
  AutoTokenizer.fromPretrained(source, { fetch: server, ...options })

/** Ids, tokens, offsets, types, special tokens, words, and the text decoded with and without special tokens, line by line. */
const answersOf = (tokenizer: PreTrainedTokenizer, count: number) =>
  lines.slice(0, count).map((line) => {
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
  })

async function expectRightAnswers(tokenizer: PreTrainedTokenizer) {
  expect(answersOf(tokenizer, bertAnswers.full.length)).toEqual(bertAnswers.full)
}

/** The sizes of the files whose text the page itself reads from now on. */
function watchReads(): number[] {
  const sizes: number[] = []
  const { text } = Blob.prototype
  vi.spyOn(Blob.prototype, 'text').mockImplementation(function (this: Blob) {
    sizes.push(this.size)
    return text.call(this)
  })
  return sizes
}

/** Let workers be made in another way, and count them. */
function replaceWorker(make: (...given: ConstructorParameters<typeof Worker>) => Worker) {
  const construct = (_: typeof Worker, given: ConstructorParameters<typeof Worker>) => {
    workers++
    return make(...given)
  }
  vi.stubGlobal('Worker', new Proxy(RealWorker, { construct }))
}

/** What `act` does to a worker that has just been given the files. */
function onceAsked(act: (worker: Worker) => void) {
  const { postMessage } = RealWorker.prototype
  vi.spyOn(RealWorker.prototype, 'postMessage').mockImplementation(function (
    this: Worker,
    ...given: unknown[]
  ) {
    Reflect.apply(postMessage, this, given)
    act(this)
  })
}

beforeEach(() => {
  workers = 0
  source = new URL(`https://models.example/${crypto.randomUUID()}/`)
  serve(json.WordPiece)
  replaceWorker((script, options) => new RealWorker(script, options))
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe.each(tokenizers)('$model', ({ model, config, answers }) => {
  test('is compiled in a worker that ends, and taken from IndexedDB the next time', async () => {
    serve(json[model], config)
    const terminate = vi.spyOn(RealWorker.prototype, 'terminate')
    const reads = watchReads()
    expect(answersOf(await open(), answers.length)).toEqual(answers)
    expect([workers, terminate.mock.calls.length]).toEqual([1, 1])
    expect(answersOf(await open(), answers.length)).toEqual(answers)
    expect(workers).toBe(1)
    expect(Math.max(...reads)).toBe(files['tokenizer_config.json']!.content.length)
  })
})

test('a small file needs no worker', async () => {
  serve(JSON.stringify(bert))
  await expectRightAnswers(await open())
  await expectRightAnswers(await open())
  expect(workers).toBe(0)
})

test('what is set at opening goes to the worker, and each setting has a compiled form of its own', async () => {
  const text = 'The Ünïcödé'
  const [ofFiles, settings] = [
    { 'tokenizer.json': bert, 'tokenizer_config.json': bertConfig },
    { doLowerCase: false },
  ]
  const cased = await AutoTokenizer.fromFiles(ofFiles as unknown as TokenizerFiles, settings)
  for (const _ of ['compiled', 'kept']) {
    expect({ ...(await open(settings))(text) }).toEqual({ ...cased(text) })
    await expectRightAnswers(await open())
    expect(workers).toBe(2)
  }
})

test('a file that changed is compiled anew, and what is kept is of the new one', async () => {
  await open()
  serve(json.BPE, qwenConfig)
  const { full } = qwenAnswers
  expect(answersOf(await open(), full.length)).toEqual(full)
  expect(workers).toBe(2)
  expect(answersOf(await open(), full.length)).toEqual(full)
  expect(workers).toBe(2)
})

test('cache: false compiles each time, and leaves nothing for a later load', async () => {
  await expectRightAnswers(await open({ cache: false }))
  await expectRightAnswers(await open({ cache: false }))
  expect(workers).toBe(2)
  await open()
  expect(workers).toBe(3)
})

test('an abort while the worker compiles ends it, with the reason of the signal', async () => {
  const terminate = vi.spyOn(RealWorker.prototype, 'terminate')
  const controller = new AbortController()
  const reason = new Error('another page')
  onceAsked(() => controller.abort(reason))
  await expect(open({ signal: controller.signal })).rejects.toBe(reason)
  expect(terminate).toHaveBeenCalledOnce()
  vi.restoreAllMocks()
  await expectRightAnswers(await open())
  expect(workers).toBe(2)
})

test('a signal that aborts later finds nothing to end', async () => {
  const controller = new AbortController()
  const tokenizer = await open({ signal: controller.signal })
  controller.abort()
  await expectRightAnswers(tokenizer)
})

describe('what the worker finds wrong is said as the page would say it:', () => {
  const half = json.WordPiece.slice(0, 900_000)
  const unknown = json.WordPiece.replace('"type":"WordPiece"', '"type":"Oracle"')
  test.each([
    ['a broken file', half, CorruptFileError, '"tokenizer.json" is no JSON'],
    ['a malformed one', unknown, TokenizerError, 'Oracle'],
  ])('%s', async (_, content, type, message) => {
    expect(content.length).toBeGreaterThan(800_000)
    serve(content)
    const error: unknown = await open().catch((thrown) => thrown)
    expect(error).toBeInstanceOf(type)
    expect((error as Error).message).toContain(message)
    expect(workers).toBe(1)
    vi.stubGlobal('Worker', undefined)
    const same: unknown = await open().catch((thrown) => thrown)
    expect(same).toBeInstanceOf(type)
    expect((same as Error).message).toBe((error as Error).message)
  })
})

describe('the page compiles by itself', () => {
  test('where there are no workers', async () => {
    vi.stubGlobal('Worker', undefined)
    await expectRightAnswers(await open())
  })

  test('where a policy forbids to make one', async () => {
    replaceWorker(() => {
      throw new DOMException('Refused.', 'SecurityError')
    })
    await expectRightAnswers(await open())
    expect(workers).toBe(1)
  })

  test('where its script can not be had', async () => {
    replaceWorker(() => new RealWorker('/no-such-script.js', { type: 'module' }))
    await expectRightAnswers(await open())
    expect(workers).toBe(1)
  })

  test('where it is killed without a word', async () => {
    onceAsked((worker) => worker.addEventListener('message', () => worker.terminate()))
    await expectRightAnswers(await open())
    expect(workers).toBe(1)
  })

  test('where its answer can not be read', async () => {
    onceAsked((worker) => worker.dispatchEvent(new MessageEvent('messageerror')))
    await expectRightAnswers(await open())
    expect(workers).toBe(1)
  })
})

test('where IndexedDB is blocked, each load compiles', async () => {
  vi.spyOn(console, 'warn').mockReturnValue()
  const blocked = () => {
    throw new DOMException('Denied.', 'SecurityError')
  }
  vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(blocked)
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(blocked)
  await expectRightAnswers(await open())
  await expectRightAnswers(await open())
  expect(workers).toBe(2)
})
