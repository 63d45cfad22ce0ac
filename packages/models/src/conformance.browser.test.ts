import type { Target } from '@webformers/graph'
import { openCheckpoint } from '@webformers/hub'
import type { PlainTensor, PlainTensors } from '@webformers/runtime'
import { type Execution, openTestDevice, type TestDevice } from '@webformers/runtime/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findArchitecture, type Head, type Json, modelTypes, outputNames, traceModel } from './index'

const TOLERANCE = 1e-4

/** Every file of every fixture, as a URL: ./bert/fixture/masked-lm/config.json and its like. */
const urls = import.meta.glob<string>('./*/fixture/*/*', { query: '?url', import: 'default', eager: true })
/** bert/masked-lm and its like. */
const fixtures = Object.keys(urls).flatMap((path) => {
  const found = path.match(/^\.\/(.+)\/fixture\/(.+)\/config\.json$/)
  return found ? [`${found[1]}/${found[2]}`] : []
})

async function blob(fixture: string, file: string): Promise<Blob> {
  const response = await fetch(urls[`./${fixture.replace('/', '/fixture/')}/${file}`]!)
  return response.blob()
}

async function readTensors(fixture: string, file: string): Promise<PlainTensors> {
  const checkpoint = await openCheckpoint({ [file]: await blob(fixture, file) })
  const read = async (name: string): Promise<[string, PlainTensor]> => {
    const { dtype, shape } = checkpoint.entries.get(name)!
    const { buffer } = Uint8Array.from(await checkpoint.bytes(name))
    return dtype === 'I32'
      ? [name, { dtype: 'int32', shape, data: new Int32Array(buffer) }]
      : [name, { dtype: 'float32', shape, data: new Float32Array(buffer) }]
  }
  return Object.fromEntries(await Promise.all([...checkpoint.entries.keys()].map(read)))
}

async function readFixture(fixture: string) {
  const json: Json = JSON.parse(await (await blob(fixture, 'config.json')).text())
  const architecture = await findArchitecture(String(json.model_type))
  return {
    architecture,
    config: architecture.config(json),
    /** BertForMaskedLM → ForMaskedLM */
    head: String(json.architectures).match(/(Model|For\w+)$/)![0] as Head,
    weights: { 'model.safetensors': await blob(fixture, 'model.safetensors') },
    inputs: await readTensors(fixture, 'inputs.safetensors'),
    expected: await readTensors(fixture, 'expected.safetensors'),
  }
}
type Fixture = Awaited<ReturnType<typeof readFixture>>

/** A device whose worker holds a model from the start: one that holds none is ended, and every fixture would begin anew. */
async function openDevice(device: Target['device']): Promise<TestDevice> {
  const opened = await openTestDevice(device)
  const { architecture, config, weights } = await readFixture('bert/base')
  const target = { device, fused: false, compute: 'float32', weights: 'float32' } as const
  await opened.client.load(traceModel(architecture, 'Model', config, ['last_hidden_state'], target), weights)
  return opened
}

/** Trace a head, load the fixture's weights into it, and run it on the fixture's inputs. */
function run(
  device: TestDevice,
  { architecture, config, weights, inputs }: Fixture,
  head: Head,
  outputs: readonly string[],
  target: Target,
): Promise<Execution> {
  const program = traceModel(architecture, head, config, outputs, target)
  const { shape } = inputs.input_ids!
  const size = shape.reduce((product, dim) => product * dim)
  // What a caller may leave out, and what Python then takes.
  const standard: PlainTensors = {
    attention_mask: { dtype: 'int32', shape, data: new Int32Array(size).fill(1) },
    token_type_ids: { dtype: 'int32', shape, data: new Int32Array(size) },
  }
  const feeds = Object.keys(program.inputs).map((name) => [name, (inputs[name] ?? standard[name])!])
  return device.run(program, weights, Object.fromEntries(feeds))
}

/** Every value within the tolerance, and nothing missing or left over. */
function expectClose(outputs: PlainTensors, expected: PlainTensors) {
  expect(Object.keys(outputs).toSorted()).toEqual(Object.keys(expected).toSorted())
  for (const [name, { shape, data }] of Object.entries(expected)) {
    const output = outputs[name]!
    expect(output.shape, name).toEqual(shape)
    const differences = Array.from(output.data, Number).map((value, i) => Math.abs(value - Number(data[i])))
    expect(Math.max(...differences), name).toBeLessThan(TOLERANCE)
  }
}

/** On WebGPU onnxruntime takes the CPU for what the GPU cannot do, and says so only in its log. */
function expectPlacedOn(device: Target['device'], { onCpu, dispatches }: Execution) {
  expect(onCpu).toEqual([])
  if (device === 'webgpu') expect(dispatches.length).toBeGreaterThan(0)
}

const named = (tensors: PlainTensors, ...kinds: string[]) =>
  Object.fromEntries(Object.entries(tensors).filter(([name]) => kinds.includes(name.split('.')[0]!)))

test.each(modelTypes)('%s has a fixture of its base model and of every head', async (type) => {
  const { heads } = await findArchitecture(type)
  const recorded = await Promise.all(fixtures.filter((name) => name.startsWith(`${type}/`)).map(readFixture))
  expect(new Set(recorded.map(({ head }) => head))).toEqual(new Set(Object.keys(heads)))
})

describe.each([
  { device: 'wasm', fused: true },
  { device: 'wasm', fused: false },
  { device: 'webgpu', fused: true },
  { device: 'webgpu', fused: false },
] as const)('$device, fused: $fused', ({ device, fused }) => {
  const target = { device, fused, compute: 'float32', weights: 'float32' } as const
  let opened: TestDevice
  beforeAll(async () => {
    opened = await openDevice(device)
  }, 120_000)
  afterAll(() => opened[Symbol.asyncDispose]())

  test.each(fixtures)('%s agrees with transformers', async (name) => {
    const fixture = await readFixture(name)
    const { architecture, head, config, expected } = fixture
    const usual = outputNames(architecture, head, config)

    const all = await run(opened, fixture, head, [...usual, 'hidden_states', 'attentions'], target)
    expectClose(all.outputs, expected)
    expectPlacedOn(device, all)
    if (!fused) return
    // The kernel that fuses attention gives no attention maps: it serves where none are asked for.
    const few = await run(opened, fixture, head, [...usual, 'hidden_states'], target)
    expectClose(few.outputs, named(expected, ...usual, 'hidden_states'))
    expectPlacedOn(device, few)
  })
})

describe('checkpoints of another head', () => {
  const target = { device: 'wasm', fused: true, compute: 'float32', weights: 'float32' } as const
  let opened: TestDevice
  beforeAll(async () => {
    opened = await openDevice('wasm')
  }, 120_000)
  afterAll(() => opened[Symbol.asyncDispose]())

  test.each(modelTypes)("%s: a base model takes its part of a head's checkpoint", async (type) => {
    const fixture = await readFixture(`${type}/masked-lm`)
    const { outputs } = await run(opened, fixture, 'Model', ['hidden_states'], target)
    expectClose(outputs, named(fixture.expected, 'hidden_states'))
  })

  test.each(modelTypes)('%s: a head takes a base checkpoint for the base model in it', async (type) => {
    const fixture = await readFixture(`${type}/base`)
    const { outputs } = await run(opened, fixture, 'ForMaskedLM', ['hidden_states'], target)
    expectClose(outputs, named(fixture.expected, 'hidden_states'))
  })
})
