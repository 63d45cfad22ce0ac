import { describe, expect, test, vi } from 'vitest'
import {
  AutoModel,
  AutoModelForSequenceClassification,
  CorruptCheckpointError,
  DisposedError,
  FileNotFoundError,
  IndexOutOfRangeError,
  InputError,
  type LoadOptions,
  MissingTensorError,
  NetworkError,
  RepositoryNotFoundError,
  SequenceTooLongError,
  TensorError,
  TensorShapeError,
  TruncatedFileError,
  UnknownArchitectureError,
} from './index'
import { changedIn, expectWorkersToEnd, replacing } from './testing/bad-input'
import { fixtures } from './testing/browser'
import { type HubFiles, hubOf } from './testing/hub'

const repository = 'tiny/bert-stars'
const weights = `${repository}/model.safetensors`

const load = (files: HubFiles, options: LoadOptions = {}) =>
  AutoModelForSequenceClassification.fromPretrained(repository, {
    fetch: hubOf(files),
    cache: false,
    device: 'wasm',
    ...options,
  })

const without = (path: string): HubFiles =>
  Object.fromEntries(Object.entries(fixtures).filter(([name]) => name !== path))

expectWorkersToEnd()

describe('a load that fails says why and ends its worker:', () => {
  test('no such repository', async () => {
    const loading = AutoModel.fromPretrained('tiny/absent', {
      fetch: hubOf(fixtures),
      cache: false,
      device: 'wasm',
    })
    await expect(loading).rejects.toThrow(RepositoryNotFoundError)
    await expect(loading).rejects.toThrow('tiny/absent')
  })

  test.each<[what: string, files: HubFiles, error: new (...given: never[]) => Error, message: RegExp]>([
    ['no config.json', without(`${repository}/config.json`), FileNotFoundError, /config\.json/],
    ['no weights', without(weights), FileNotFoundError, /Looked for model\.safetensors/],
    [
      'an unknown model_type',
      changedIn(
        fixtures,
        `${repository}/config.json`,
        replacing('"model_type": "bert"', '"model_type": "tree"'),
      ),
      UnknownArchitectureError,
      /"tree".*Known: .*bert.*AutoModel\.register/,
    ],
    [
      'weights cut short',
      changedIn(fixtures, weights, (bytes) => bytes.slice(0, -100)),
      TruncatedFileError,
      /model\.safetensors/,
    ],
    [
      'a header that is no JSON',
      changedIn(fixtures, weights, replacing('{"', '!!')),
      CorruptCheckpointError,
      /model\.safetensors/,
    ],
    [
      'a tensor that is not there',
      changedIn(fixtures, weights, replacing('classifier.bias', 'classifier.bird')),
      MissingTensorError,
      /classifier\.bias/,
    ],
    [
      'a tensor of another shape',
      changedIn(fixtures, weights, replacing('"shape":[48,32]', '"shape":[32,48]')),
      TensorShapeError,
      /\[32, ?48\]/,
    ],
  ])('%s', async (_, files, error, message) => {
    const loading = load(files)
    await expect(loading).rejects.toThrow(error)
    await expect(loading).rejects.toThrow(message)
  })

  test('the network is cut in mid-download', async () => {
    const hub = hubOf(fixtures)
    const cut: typeof fetch = async (input, init) => {
      const response = await hub(input, init)
      if (!String(input).endsWith('model.safetensors')) return response
      const [start] = await response.arrayBuffer().then((whole) => [whole.slice(0, 50_000)])
      let sent = false
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (sent) return controller.error(new TypeError('network error'))
          sent = true
          controller.enqueue(new Uint8Array(start!))
        },
      })
      return new Response(body, { headers: response.headers })
    }
    const loading = load(fixtures, { fetch: cut })
    await expect(loading).rejects.toThrow(NetworkError)
    await using model = await load(fixtures) // nothing half-written stands in the way
    expect((await model({ input_ids: [2, 3] })).logits.shape).toEqual([1, 5])
  })

  test.each(['/api/models/', 'config.json', 'model.safetensors'])(
    'an abort while %s comes',
    async (place) => {
      const controller = new AbortController()
      const hub = hubOf(fixtures)
      const aborting: typeof fetch = async (input, init) => {
        if (String(input).includes(place)) controller.abort()
        return hub(input, init)
      }
      const loading = load(fixtures, { fetch: aborting, signal: controller.signal })
      await expect(loading).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
    },
  )

  test('an abort before it begins', async () => {
    const loading = load(fixtures, { signal: AbortSignal.abort() })
    await expect(loading).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
  })

  test('an abort while onnxruntime loads the model', async () => {
    const controller = new AbortController()
    const onProgress: LoadOptions['onProgress'] = ({ file, loaded, total }) => {
      if (file === 'model.safetensors' && loaded === total) setTimeout(() => controller.abort())
    }
    const loading = load(fixtures, { onProgress, signal: controller.signal })
    await expect(loading).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
  })
})

test('a disk that is full lets the model load, uncached, with a warning', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('The disk is full.', 'QuotaExceededError')
  })
  await using model = await load(fixtures, { cache: true })
  expect((await model({ input_ids: [2, 3] })).logits.shape).toEqual([1, 5])
  expect(put).toHaveBeenCalled()
  expect(warn.mock.calls.flat().join(' ')).toMatch(/quota|disk|storage|cache/i)
  vi.restoreAllMocks()
})

test('inputs that make no sense are refused, and the next call is answered', async () => {
  await using model = await load(fixtures)
  await expect(model({ input_ids: [2, 420, 3] })).rejects.toThrow(IndexOutOfRangeError)
  await expect(model({ input_ids: [2, 420, 3] })).rejects.toThrow('input_ids[0, 1] is 420')
  await expect(model({ input_ids: [2, -1, 3] })).rejects.toThrow(IndexOutOfRangeError)
  await expect(model({ input_ids: new Array(65).fill(7) })).rejects.toThrow(SequenceTooLongError)
  await expect(model({ input_ids: [[2, 3], [2]] })).rejects.toThrow(TensorError)
  await expect(model({ attention_mask: [1, 1] })).rejects.toThrow(InputError)
  await expect(model({ input_ids: [2, 3], special_tokens_mask: [1, 1] })).rejects.toThrow(
    /special_tokens_mask.*takes/,
  )
  await expect(model({ input_ids: [2, 3] }, { signal: AbortSignal.abort() })).rejects.toThrow(
    expect.objectContaining({ name: 'AbortError' }),
  )
  expect((await model({ input_ids: [2, 3] })).logits.shape).toEqual([1, 5])
})

test('a model that was disposed of says so', async () => {
  const model = await load(fixtures)
  await model.dispose()
  await expect(model({ input_ids: [2, 3] })).rejects.toThrow(DisposedError)
})
