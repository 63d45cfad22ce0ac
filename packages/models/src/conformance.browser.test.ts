import { finish, type Target } from '@webformers/graph'
import type { PlainTensors } from '@webformers/runtime'
import type { Execution, TestDevice } from '@webformers/runtime/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findArchitecture, type Head, listNames, outputNames, ownFolders, traceModel } from './index'
import {
  expectClose,
  expectPlacedOn,
  type Fixture,
  feedsOf,
  fixtures,
  openDevice,
  readFixture,
  representatives,
} from './testing/fixtures'

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

/** Whether the base model and the first head of an architecture give the same lists: one tower of two gives others. */
async function sharesStates(type: string): Promise<boolean> {
  const architecture = await findArchitecture(type)
  const head = Object.keys(architecture.heads).find((name) => name.startsWith('For')) as Head | undefined
  if (!head || !architecture.heads.Model) return false
  const { config } = await readFixture(fixtures.find((name) => name.startsWith(`${type}/`))!)
  const [base, own] = (['Model', head] as const).map((each) =>
    listNames(architecture, each, config, 'hidden_states').join(),
  )
  return base === own
}

const shared = await Promise.all(ownFolders.map(async (type) => ((await sharesStates(type)) ? [type] : [])))

/** Trace a head, load the fixture's weights into it, and run it on the fixture's inputs. */
function run(
  device: TestDevice,
  { architecture, config, weights, inputs }: Fixture,
  head: Head,
  outputs: readonly string[],
  target: Target,
): Promise<Execution> {
  const program = finish(
    traceModel(architecture, head, config, outputs, target, { given: Object.keys(inputs) }),
  )
  return device.run(program, weights, feedsOf(Object.keys(program.inputs), inputs))
}

/** The names of a head's outputs: what it gives by default, hidden states, and attention maps, where Python gives some. */
const namesOf = ({ architecture, config, expected }: Fixture, head: Head) => ({
  usual: outputNames(architecture, head, config),
  states: listNames(architecture, head, config, 'hidden_states'),
  maps: listNames(architecture, head, config, 'attentions').filter((name) =>
    Object.keys(expected).some((each) => each.startsWith(`${name}.`)),
  ),
})

const named = (tensors: PlainTensors, ...kinds: string[]) =>
  Object.fromEntries(Object.entries(tensors).filter(([name]) => kinds.includes(name.split('.')[0]!)))

test.each(ownFolders)('%s has a fixture of its base model and of every head', async (type) => {
  const { heads } = await findArchitecture(type)
  const inFolder = await Promise.all(fixtures.filter((name) => name.startsWith(`${type}/`)).map(readFixture))
  const recorded = inFolder.filter(({ config }) => config.model_type === type)
  expect(new Set(recorded.map(({ head }) => head))).toEqual(new Set(Object.keys(heads)))
})

describe.each(['wasm', 'webgpu'] as const)('%s', (device) => {
  // One for both: most shaders are the same.
  let opened: TestDevice
  beforeAll(async () => {
    opened = await openDevice(device)
  }, 120_000)
  afterAll(() => opened[Symbol.asyncDispose]())

  /** These are lowered in every way; a GPU, which compiles for long, runs the others once. */
  const thorough = device === 'wasm' ? fixtures : representatives
  const cases = [
    ...fixtures.map((name) => ({ name, fused: true })),
    ...thorough.map((name) => ({ name, fused: false })),
  ]
  test.each(cases)('$name agrees with transformers, fused: $fused', async ({ name, fused }) => {
    const target = { device, fused, compute: 'float32', weights: 'float32' } as const
    const fixture = await readFixture(name)
    const { head, expected } = fixture
    const { usual, states, maps } = namesOf(fixture, head)

    const all = await run(opened, fixture, head, [...usual, ...states, ...maps], target)
    expectClose(all.outputs, expected)
    expectPlacedOn(device, all)
    if (!fused || maps.length === 0 || !thorough.includes(name)) return
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
    ...shared.flat().map((type): [string, Head] => [type, 'Model']),
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
