/** @file What Python recorded of every architecture: models, their inputs and what they answer. */
import { finish, type Target } from '@webformers/graph'
import { openCheckpoint } from '@webformers/hub'
import type { PlainTensor, PlainTensors } from '@webformers/runtime'
import { type Execution, openTestDevice, type TestDevice } from '@webformers/runtime/testing'
import { expect } from 'vitest'
import { findArchitecture, type Head, type Json, traceModel } from '../index'

/** Every file of every fixture, as a URL: ../bert/fixture/masked-lm/config.json and its like. */
const urls = import.meta.glob<string>('../*/fixture/*/*', { query: '?url', import: 'default', eager: true })
/** bert/masked-lm and its like. */
export const fixtures = Object.keys(urls).flatMap((path) => {
  const found = path.match(/^\.\.\/(.+)\/fixture\/(.+)\/config\.json$/)
  return found ? [`${found[1]}/${found[2]}`] : []
})

async function blob(fixture: string, file: string): Promise<Blob> {
  const response = await fetch(urls[`../${fixture.replace('/', '/fixture/')}/${file}`]!)
  return response.blob()
}

/** The tensors of one file of a fixture. */
export const readTensors = async (fixture: string, file: string): Promise<PlainTensors> =>
  tensorsIn(await blob(fixture, file))

/** The tensors of a file of safetensors: int32, float32 and bool; what norms count of batches, as floats. */
export async function tensorsIn(file: Blob): Promise<PlainTensors> {
  const checkpoint = await openCheckpoint({ 'model.safetensors': file })
  const read = async (name: string): Promise<[string, PlainTensor]> => {
    const { dtype, shape } = checkpoint.entries.get(name)!
    const { buffer } = Uint8Array.from(await checkpoint.bytes(name))
    if (dtype === 'I64')
      return [name, { dtype: 'float32', shape, data: Float32Array.from(new BigInt64Array(buffer), Number) }]
    if (dtype === 'BOOL') return [name, { dtype: 'bool', shape, data: new Uint8Array(buffer) }]
    return dtype === 'I32'
      ? [name, { dtype: 'int32', shape, data: new Int32Array(buffer) }]
      : [name, { dtype: 'float32', shape, data: new Float32Array(buffer) }]
  }
  return Object.fromEntries(await Promise.all([...checkpoint.entries.keys()].map(read)))
}

const readConfig = async (fixture: string): Promise<Json> =>
  JSON.parse(await (await blob(fixture, 'config.json')).text())

/** The head of a fixture. */
export const readHead = async (fixture: string) => headOf(String((await readConfig(fixture)).architectures))

/**
 * A head adds a product or two to its base model. Where shaders take long to compile, the first of each kind stands for all of
 * them; every base model is there.
 */
export const representatives = await (async () => {
  const heads = await Promise.all(fixtures.map(readHead))
  return fixtures.filter((_, i) => !heads[i]!.startsWith('For') || heads.indexOf(heads[i]!) === i)
})()

/** A fixture: the model, the inputs it was run on, and what it answered. */
export async function readFixture(fixture: string) {
  const json = await readConfig(fixture)
  const architecture = await findArchitecture(String(json.model_type))
  return {
    architecture,
    config: architecture.config(json),
    head: headOf(String(json.architectures)),
    weights: { 'model.safetensors': await blob(fixture, 'model.safetensors') },
    inputs: await readTensors(fixture, 'inputs.safetensors'),
    expected: await readTensors(fixture, 'expected.safetensors'),
  }
}
export type Fixture = Awaited<ReturnType<typeof readFixture>>

/** BertForMaskedLM → ForMaskedLM */
function headOf(className: string): Head {
  const [head] = className.match(
    /(EncoderModel|LMHeadModel|MTModel|ModelWithProjection|Model|Backbone|For[A-Z]\w+)$/,
  )!
  if (head === 'LMHeadModel') return 'ForCausalLM'
  return head === 'MTModel' ? 'ForConditionalGeneration' : (head as Head)
}

/** A device whose worker holds a model from the start: one that holds none is ended, and every fixture would begin anew. */
export async function openDevice(device: Target['device']): Promise<TestDevice> {
  const opened = await openTestDevice(device)
  const { architecture, config, weights } = await readFixture('bert/base')
  const target = { device, fused: false, compute: 'float32', weights: 'float32' } as const
  await opened.client.load(
    finish(traceModel(architecture, 'Model', config, ['last_hidden_state'], target)),
    weights,
  )
  return opened
}

/** Those inputs of a fixture that a program reads, and what Python takes for the ones a caller left out. */
export const feedsOf = (names: readonly string[], inputs: PlainTensors): PlainTensors =>
  Object.fromEntries(names.map((name) => [name, inputs[name] ?? standard(name, inputs)]))

function standard(name: string, inputs: PlainTensors): PlainTensor {
  const { shape } = inputs[name.startsWith('decoder_') ? 'decoder_input_ids' : 'input_ids']!
  const size = shape.reduce((product, dim) => product * dim)
  return { dtype: 'int32', shape, data: new Int32Array(size).fill(name.endsWith('attention_mask') ? 1 : 0) }
}

/** Every value within the tolerance, and nothing missing or left over. */
export function expectClose(outputs: PlainTensors, expected: PlainTensors, tolerance = 1e-4) {
  expect(Object.keys(outputs).toSorted()).toEqual(Object.keys(expected).toSorted())
  for (const [name, { shape, data }] of Object.entries(expected)) {
    const output = outputs[name]!
    expect(output.shape, name).toEqual(shape)
    const differences = Array.from(output.data, Number).map((value, i) => Math.abs(value - Number(data[i])))
    expect(Math.max(...differences), name).toBeLessThan(tolerance)
  }
}

/** On WebGPU onnxruntime takes the CPU for what the GPU cannot do, and says so only in its log. */
export function expectPlacedOn(device: Target['device'], { onCpu, dispatches }: Execution) {
  expect(onCpu).toEqual([])
  if (device === 'webgpu') expect(dispatches.length).toBeGreaterThan(0)
}
