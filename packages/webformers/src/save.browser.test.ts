import { cache, openCheckpoint } from '@webformers/hub'
import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web/wasm'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import onnxTruth from '../fixtures/onnx.json'
import truth from '../fixtures/saved.json'
import {
  AutoConfig,
  AutoModelForMaskedLM,
  AutoModelForTokenClassification,
  type LogitsOutput,
  type PreTrainedModel,
  type Tensor,
} from './index'

const urls = import.meta.glob<string>('../../models/src/bert/fixture/masked-lm/*', {
  query: '?url',
  import: 'default',
  eager: true,
})
const fixture = async (file: string) =>
  (await fetch(urls[`../../models/src/bert/fixture/masked-lm/${file}`]!)).blob()
const files = async () => ({
  'config.json': await fixture('config.json'),
  'model.safetensors': await fixture('model.safetensors'),
})

async function sha256(blob: Blob): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer())
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .slice(0, 32)
}

/** What Python's save_pretrained wrote of this model, loaded again, and found to give the same numbers. */
const pythons = (options: object) =>
  truth.find(
    (each) => each.model === 'bert/masked-lm' && JSON.stringify(each.options) === JSON.stringify(options),
  )!.files as unknown as Record<string, string>

let model: PreTrainedModel<LogitsOutput>
let inputs: Record<string, Tensor>
let logits: Tensor
let expected: Float32Array

async function tensors(file: string) {
  const checkpoint = await openCheckpoint({ [file]: await fixture(file) })
  const read = [...checkpoint.entries.values()].map(async ({ name, shape, dtype }) => {
    const { buffer } = Uint8Array.from(await checkpoint.bytes(name))
    const tensor =
      dtype === 'I32'
        ? { dtype: 'int32' as const, shape, data: new Int32Array(buffer) }
        : { dtype: 'float32' as const, shape, data: new Float32Array(buffer) }
    return [name, tensor] as const
  })
  return Object.fromEntries(await Promise.all(read))
}

const compute = async (of: PreTrainedModel<LogitsOutput>) => (await of(inputs)).logits

beforeAll(async () => {
  model = await AutoModelForMaskedLM.fromPretrained(await files(), { device: 'wasm' })
  inputs = await tensors('inputs.safetensors')
  expected = (await tensors('expected.safetensors')).logits!.data as Float32Array
  logits = await compute(model)
})
afterAll(() => model.dispose())

describe.each([{ maxShardSize: 20_000 }, { dtype: 'bf16', maxShardSize: '8KB' }] as const)(
  'saved with %o',
  (options) => {
    test('a directory gets the bytes that Python writes and loads, and opens again', async () => {
      const root = await navigator.storage.getDirectory()
      const directory = await root.getDirectoryHandle(crypto.randomUUID(), { create: true })
      const paths = await model.savePretrained(directory, options)
      const digests: Record<string, string> = {}
      for (const path of paths)
        digests[path] = await sha256(await (await directory.getFileHandle(path)).getFile())
      expect(digests).toEqual(pythons(options))
      await using again = await AutoModelForMaskedLM.fromPretrained(directory, { device: 'wasm' })
      const { data } = await compute(again)
      if (!('dtype' in options)) expect(data).toEqual(logits.data)
      await root.removeEntry(directory.name, { recursive: true })
    })
  },
)

test('a name in the browser opens again and gives the same numbers', async () => {
  await model.savePretrained('indexeddb://masked-lm', { maxShardSize: 20_000 })
  await model.savePretrained('indexeddb://masked-lm')
  const listed = (await cache.list()).filter(({ repository }) => repository === 'indexeddb://masked-lm')
  expect(listed.map((each) => each.files.map(({ path }) => path).sort())).toEqual([
    Object.keys(pythons({})).sort(),
  ])
  await using again = await AutoModelForMaskedLM.fromPretrained('indexeddb://masked-lm', { device: 'wasm' })
  expect((await compute(again)).data).toEqual(logits.data)
  await cache.remove('indexeddb://masked-lm')
})

test('a head that is new is saved as it was drawn, and over the model that it was made from', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  await model.savePretrained('indexeddb://new-head')
  const options = { device: 'wasm', seed: 7, config: { id2label: { 0: 'a', 1: 'b', 2: 'c' } } } as const
  const made = await AutoModelForTokenClassification.fromPretrained('indexeddb://new-head', options)
  expect(warn).toHaveBeenCalledOnce()
  const before = await made(inputs)
  expect(before.logits.shape.at(-1)).toBe(3)
  await made.savePretrained('indexeddb://new-head')
  // What it was opened from is replaced by now; it still reads from there what other outputs need.
  const { hidden_states } = await made(inputs, { outputHiddenStates: true })
  await made.dispose()
  await using again = await AutoModelForTokenClassification.fromPretrained('indexeddb://new-head', {
    device: 'wasm',
  })
  expect(warn).toHaveBeenCalledOnce()
  const after = await again(inputs, { outputHiddenStates: true })
  expect(after.logits).toEqual(before.logits)
  expect(after.hidden_states).toEqual(hidden_states)
  expect(again.config.architectures).toEqual(['BertForTokenClassification'])
  expect(again.config.id2label).toEqual({ 0: 'a', 1: 'b', 2: 'c' })
  await cache.remove('indexeddb://new-head')
  warn.mockRestore()
})

test('a model can be saved over the directory that it was opened from, and goes on', async () => {
  const root = await navigator.storage.getDirectory()
  const directory = await root.getDirectoryHandle(crypto.randomUUID(), { create: true })
  await model.savePretrained(directory)
  await using opened = await AutoModelForMaskedLM.fromPretrained(directory, { device: 'wasm' })
  await opened.savePretrained(directory, { maxShardSize: 20_000 })
  const all = await opened(inputs, { outputHiddenStates: true })
  expect(all.logits).toEqual(logits)
  await opened.savePretrained(directory)
  const names: string[] = []
  for await (const name of directory.keys()) names.push(name)
  expect(names.sort()).toEqual(Object.keys(pythons({})).sort())
  await root.removeEntry(directory.name, { recursive: true })
})

test('a configuration is saved as it was read, changes included', async () => {
  const config = await AutoConfig.fromPretrained(await files())
  expect(Object.keys(config)).not.toContain('savePretrained')
  Object.assign(config, { id2label: { 0: 'a', 1: 'b', 2: 'c' }, hidden_dropout_prob: 0.5 })
  await config.savePretrained('indexeddb://only-config')
  const again = await AutoConfig.fromPretrained('indexeddb://only-config')
  const { architectures, dtype } = JSON.parse(await (await fixture('config.json')).text())
  expect(again).toMatchObject({ architectures, dtype, num_labels: 3, hidden_dropout_prob: 0.5 })
  await cache.remove('indexeddb://only-config')
})

test('an abort ends saving', async () => {
  const saving = model.savePretrained('indexeddb://never', { signal: AbortSignal.abort() })
  await expect(saving).rejects.toMatchObject({ name: 'AbortError' })
  expect((await cache.list()).some(({ repository }) => repository === 'indexeddb://never')).toBe(false)
})

test('toOnnx gives the file that Python has run; onnxruntime gives transformers’ numbers with it', async () => {
  const file = await model.toOnnx()
  const { sha256: digest } = onnxTruth.find(
    (each) => each.model === 'bert/masked-lm' && each.dtype === 'fp32',
  )!
  expect(await sha256(file)).toBe(digest)
  env.wasm.numThreads = 1
  const session = await InferenceSession.create(new Uint8Array(await file.arrayBuffer()))
  expect(session.inputNames.toSorted()).toEqual(['attention_mask', 'input_ids', 'token_type_ids'])
  const feeds = session.inputNames.map((name) => {
    const { shape, data } = inputs[name]!
    return [name, new OrtTensor('int64', BigInt64Array.from(data as Int32Array, BigInt), [...shape])] as const
  })
  const outputs = await session.run(Object.fromEntries(feeds))
  const differences = Array.from(outputs.logits!.data as Float32Array, (value, i) =>
    Math.abs(value - expected[i]!),
  )
  expect(differences).toHaveLength(expected.length)
  expect(Math.max(...differences)).toBeLessThan(1e-4)
})
