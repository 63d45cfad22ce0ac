import { constant, type Dim, type Outputs, rotaryTables, Tensor } from '@webformers/graph'
import type { PlainTensor, PlainTensors } from '@webformers/runtime'
import type { TestDevice } from '@webformers/runtime/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gradientOutput, traceGradients } from './index'
import {
  expectPlacedOn,
  feedsOf,
  fixtures,
  openDevice,
  readFixture,
  readHead,
  readTensors,
  representatives,
} from './testing/fixtures'

/** Of the largest entry of a gradient: half of one in a thousand, as an entry that is wrong shows at half its error at least. */
const TOLERANCE = 5e-4
/** The recorder lets a gradient that is not rounding only be so much smaller than the largest of its model. */
const SMALLEST = 2e-3

/** What is recorded with the gradients. */
const BESIDES = ['loss', 'labels', 'start_positions', 'end_positions']

/** cos(0, 1, 2, …) */
const cosines = (dim: Dim): Tensor =>
  typeof dim === 'number'
    ? constant(
        Array.from({ length: dim }, (_, i) => Math.cos(i)),
        [dim],
      )
    : rotaryTables(dim, { frequencies: [1], scale: 1 }).cos.reshape(dim)

/** The sum of `x` weighted along every axis. */
const weigh = (x: Tensor): Tensor => (x.rank === 0 ? x : weigh(x.mul(cosines(x.shape.at(-1)!)).sum([-1])))

/** The loss of a model without a head. */
const sumOfOutputs = ({ feature_maps = [], ...outputs }: Outputs): Tensor =>
  [
    Object.entries(outputs).flatMap(([name, x]) =>
      /^((text|image|audio)_features|image_embeddings|auxiliary_(logits|boxes)|speaker_cosines)$/.test(name)
        ? []
        : [x],
    ),
    feature_maps,
  ]
    .flat()
    .flatMap((x) => (x instanceof Tensor ? [weigh(x)] : []))
    .reduce((a, b) => a.add(b))

/** The loss of a fixture and the gradient of each of its parameters, in one run. */
async function run(device: TestDevice, on: 'wasm' | 'webgpu', name: string, recorded: PlainTensors) {
  const { architecture, config, head, weights, inputs } = await readFixture(name)
  const labels = recorded.labels ?? recorded.start_positions
  const loss = labels ? { labels: labels.dtype as 'int32' | 'float32' } : { of: sumOfOutputs }
  const target = { device: on, fused: true, compute: 'float32', weights: 'float32' } as const
  const program = traceGradients(architecture, head, config, { loss, given: Object.keys(inputs) }, target)
  return device.run(program, weights, feedsOf(Object.keys(program.inputs), { ...inputs, ...recorded }))
}

/** What the recorder keeps of a gradient: of a vector all of it, of a matrix G · w and wᵀ · G for w = 1.5 + cos(0, 1, 2, …), its
 * norm and its largest entry. */
function summarize({ shape, data }: PlainTensor): number[] {
  const values = Array.from(data, Number)
  if (shape.length < 2) return values
  const [rows, columns] = [shape[0]!, values.length / shape[0]!]
  const [byRow, byColumn] = [new Array<number>(rows).fill(0), new Array<number>(columns).fill(0)]
  for (const [i, value] of values.entries()) {
    const [row, column] = [Math.floor(i / columns), i % columns]
    byRow[row]! += value * (1.5 + Math.cos(column))
    byColumn[column]! += value * (1.5 + Math.cos(row))
  }
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
  return [...byRow, ...byColumn, norm, largest(values)]
}

const largest = (values: readonly number[]) =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

/** The loss and every gradient as recorded, each entry to a part of the largest one of its own gradient. */
function expectGradients(outputs: PlainTensors, recorded: PlainTensors) {
  const truth = Object.entries(recorded).filter(([name]) => !BESIDES.includes(name))
  const names = ['loss', ...truth.map(([name]) => gradientOutput(name))]
  expect(Object.keys(outputs).toSorted()).toEqual(names.toSorted())
  const loss = Number(recorded.loss!.data[0])
  expect(Math.abs(Number(outputs.loss!.data[0]) - loss)).toBeLessThan(TOLERANCE * Math.abs(loss))

  const compared = truth.map(([name, { data }]) => {
    const gradient = outputs[gradientOutput(name)]!
    const [found, expected] = [summarize(gradient), Array.from(data, Number)]
    expect(found.length, name).toBe(expected.length)
    const difference = largest(found.map((value, i) => value - expected[i]!))
    return { name, difference, size: gradient.shape.length < 2 ? largest(expected) : expected.at(-1)! }
  })
  const rounding = SMALLEST * largest(compared.map(({ size }) => size))
  const errors = compared.map(
    ({ name, difference, size }) => [name, difference / Math.max(size, rounding)] as const,
  )
  expect(errors.filter(([, error]) => !(error < TOLERANCE))).toEqual([])
}

describe.each([
  { device: 'wasm', chosen: fixtures },
  { device: 'webgpu', chosen: representatives },
] as const)('$device', { timeout: 240_000 }, ({ device, chosen }) => {
  let opened: TestDevice
  beforeAll(async () => {
    opened = await openDevice(device)
  }, 120_000)
  afterAll(() => opened[Symbol.asyncDispose]())

  test.each(chosen)("%s: the gradient of every parameter is torch's", async (name) => {
    const recorded = await readTensors(name, 'gradients.safetensors')
    const execution = await run(opened, device, name, recorded)
    // The loss of CTC goes from frame to frame, which onnxruntime does on the CPU.
    if ((await readHead(name)) !== 'ForCTC') expectPlacedOn(device, execution)
    expectGradients(execution.outputs, recorded)
  })
})
