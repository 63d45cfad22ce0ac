import type { Target } from '@webformers/graph'
import { openCheckpoint } from '@webformers/hub'
import type { PlainTensor, PlainTensors } from '@webformers/runtime'
import { type Execution, openTestDevice, type TestDevice } from '@webformers/runtime/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  findArchitecture,
  type Head,
  type Json,
  listNames,
  modelTypes,
  outputNames,
  traceModel,
} from './index'

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
    head: headOf(String(json.architectures)),
    weights: { 'model.safetensors': await blob(fixture, 'model.safetensors') },
    inputs: await readTensors(fixture, 'inputs.safetensors'),
    expected: await readTensors(fixture, 'expected.safetensors'),
  }
}

/** BertForMaskedLM → ForMaskedLM */
function headOf(className: string): Head {
  const [head] = className.match(/(EncoderModel|LMHeadModel|Model|For[A-Z]\w+)$/)!
  return head === 'LMHeadModel' ? 'ForCausalLM' : (head as Head)
}

type Fixture = Awaited<ReturnType<typeof readFixture>>

/** The first fixture of a head. */
async function fixtureOf(type: string, head: Head): Promise<Fixture> {
  for (const name of fixtures.filter((name) => name.startsWith(`${type}/`))) {
    const fixture = await readFixture(name)
    if (fixture.head === head) return fixture
  }
  throw new Error(`${type} has no fixture of ${head}.`)
}

const firstHead = async (type: string): Promise<Head> => {
  const { heads } = await findArchitecture(type)
  return Object.keys(heads).find((head) => head.startsWith('For')) as Head
}

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
  const feeds = Object.keys(program.inputs).map((name) => [name, inputs[name] ?? standard(name, inputs)])
  return device.run(program, weights, Object.fromEntries(feeds))
}

/** What a caller may leave out, and what Python then takes. */
function standard(name: string, inputs: PlainTensors): PlainTensor {
  const { shape } = inputs[name.startsWith('decoder_') ? 'decoder_input_ids' : 'input_ids']!
  const size = shape.reduce((product, dim) => product * dim)
  return { dtype: 'int32', shape, data: new Int32Array(size).fill(name.endsWith('attention_mask') ? 1 : 0) }
}

/** The names of a head's outputs: what it gives by default, hidden states, attention maps. */
const namesOf = ({ architecture, config }: Fixture, head: Head) => ({
  usual: outputNames(architecture, head, config),
  states: listNames(architecture, head, config, 'hidden_states'),
  maps: listNames(architecture, head, config, 'attentions'),
})

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
    const { head, expected } = fixture
    const { usual, states, maps } = namesOf(fixture, head)

    const all = await run(opened, fixture, head, [...usual, ...states, ...maps], target)
    expectClose(all.outputs, expected)
    expectPlacedOn(device, all)
    if (!fused) return
    // The kernel that fuses attention gives no attention maps: it serves where none are asked for.
    const few = await run(opened, fixture, head, [...usual, ...states], target)
    expectClose(few.outputs, named(expected, ...usual, ...states))
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

  const pairs: [type: string, base: Head, head?: Head][] = [
    ...modelTypes.map((type): [string, Head] => [type, 'Model']),
    ['t5', 'EncoderModel', 'ForTokenClassification'],
  ]

  test.each(pairs)("%s: %s takes its part of a head's checkpoint", async (type, base, head) => {
    const fixture = await fixtureOf(type, head ?? (await firstHead(type)))
    const { states } = namesOf(fixture, base)
    const { outputs } = await run(opened, fixture, base, states, target)
    expectClose(outputs, named(fixture.expected, ...states))
  })

  test.each(pairs)('%s: a head takes a checkpoint of %s for that part of it', async (type, base, given) => {
    const [fixture, head] = [await fixtureOf(type, base), given ?? (await firstHead(type))]
    const { states } = namesOf(fixture, head)
    const { outputs } = await run(opened, fixture, head, states, target)
    expectClose(outputs, named(fixture.expected, ...states))
  })
})
