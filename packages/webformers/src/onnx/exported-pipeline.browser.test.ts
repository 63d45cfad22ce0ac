import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FileNotFoundError, OfflineError, pipeline } from '../index'
import { exportedFixtures, exportedTruth } from '../testing/exported'
import { hubOf } from '../testing/hub'
import { expectAnswer } from '../testing/recorded'

const repo = 'exported/bert-stars'
const { answers } = exportedTruth['bert-stars']
const [[text, expected]] = Object.entries(answers) as [[string, unknown]]
const hub = { fetch: hubOf(exportedFixtures), cache: false, device: 'wasm' } as const

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})
afterEach(() => {
  vi.restoreAllMocks()
})

test('text-classification over exported graphs answers as Python does over the original weights', async () => {
  await using classify = await pipeline('text-classification', repo, { ...hub, dtype: 'fp32' })
  expect(classify.model.dtype).toBe('fp32')
  for (const [text, expected] of Object.entries(answers))
    expectAnswer(await classify(text, { topK: null }), expected)
  // texts of different lengths in one batch
  expectAnswer(await classify(Object.keys(answers), { topK: null, batchSize: 2 }), Object.values(answers))
})

test('token types that a graph does not take are left out', async () => {
  await using embed = await pipeline('feature-extraction', 'exported/bert-sentences', {
    ...hub,
    fetch: hubOf({
      ...exportedFixtures,
      'exported/bert-sentences/tokenizer.json': exportedFixtures[`${repo}/tokenizer.json`]!,
      'exported/bert-sentences/tokenizer_config.json': exportedFixtures[`${repo}/tokenizer_config.json`]!,
    }),
    pooling: 'mean',
  })
  const { shape, data } = await embed([text, text])
  expect(shape).toEqual([2, 16])
  expect(data.slice(0, 16)).toEqual(data.slice(16))
})

test('a precision that is not there is refused, and those that are there are listed', async () => {
  const loading = pipeline('text-classification', repo, { ...hub, dtype: 'q4f16' })
  await expect(loading).rejects.toThrow(FileNotFoundError)
  await expect(loading).rejects.toThrow(
    "exported/bert-stars has no exported model of dtype 'q4f16'. It has onnx/model.onnx (dtype: 'fp32'), " +
      "onnx/model_fp16.onnx (dtype: 'fp16'), onnx/model_quantized.onnx (dtype: 'q8').",
  )
})

test('another task than the graph was exported for is refused', async () => {
  await expect(pipeline('question-answering', repo, hub)).rejects.toThrow(
    'onnx/model_quantized.onnx gives no start_logits, end_logits; it gives logits.',
  )
})

test('once loaded it answers without a network, and a precision that was not loaded is missed', async () => {
  const options = { device: 'wasm', dtype: 'fp32', endpoint: 'https://exported.example' } as const
  const first = await pipeline('text-classification', repo, { ...options, fetch: hubOf(exportedFixtures) })
  await first.dispose()
  const away: typeof fetch = async () => {
    throw new TypeError('Failed to fetch')
  }
  await using classify = await pipeline('text-classification', repo, { ...options, fetch: away })
  expectAnswer(await classify(text, { topK: null }), expected)
  await using strict = await pipeline('text-classification', repo, {
    ...options,
    fetch: away,
    localFilesOnly: true,
  })
  expectAnswer(await strict(text, { topK: null }), expected)
  const other = pipeline('text-classification', repo, {
    ...options,
    fetch: away,
    localFilesOnly: true,
    dtype: 'fp16',
  })
  await expect(other).rejects.toThrow(OfflineError)
})

test('a folder that a web server serves is a source too', async () => {
  const folder = new URL('../../fixtures/exported/bert-stars/', import.meta.url)
  const tokenizer = new URL('../../fixtures/tiny/bert-stars/', import.meta.url)
  await using classify = await pipeline('text-classification', folder, {
    cache: false,
    device: 'wasm',
    dtype: 'fp32',
    tokenizer,
  })
  expectAnswer(await classify(text, { topK: null }), expected)
})
