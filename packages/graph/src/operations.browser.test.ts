import type { PlainTensor } from '@webformers/runtime'
import { type Execution, openTestDevice } from '@webformers/runtime/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { expressions } from './fixture/expressions'
import recorded from './fixture/operations.json'
import { type DType, gradients, input, type Program, program, type Shape, type Tensor } from './index'

interface Recorded {
  dtype: DType
  shape: number[]
  data: number[]
}
const { inputs: given, cases: truth } = recorded as unknown as {
  inputs: Record<string, Recorded & { dims: Shape }>
  cases: Record<string, Recorded & { gradients: Record<string, Recorded> }>
}

const plain = ({ dtype, shape, data }: Recorded) =>
  dtype === 'int64'
    ? { dtype, shape, data: BigInt64Array.from(data, BigInt) }
    : { dtype, shape, data: dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data) }

/** What WebGPU has no kernel for, or what this software adapter cannot hold: read on the CPU, or not at all. */
const withoutKernel = ['cast to int64', 'cast to int8', 'cast to uint8', 'cast to float16']
const names = Object.keys(expressions)

/** One graph of every expression, and one of the gradient of each: sum(y · cos(0, 1, 2, …)), as record.py has it. */
function graphs(device: 'wasm' | 'webgpu', fused: boolean) {
  const inputs = Object.fromEntries(
    Object.entries(given).map(([name, { dims, dtype }]) => [name, input(dims, dtype)]),
  )
  const asked = names.filter((name) => device === 'wasm' || !withoutKernel.includes(name))
  const values = Object.fromEntries(asked.map((name) => [name, expressions[name]!(inputs)]))
  const waves: Record<string, Tensor> = {}
  const slopes = asked.flatMap((name): [string, Tensor][] => {
    const [y, wanted] = [values[name]!, Object.keys(truth[name]!.gradients)]
    if (wanted.length === 0) return []
    const wave = input(y.shape)
    waves[`wave of ${name}`] = wave
    const loss = y.mul(wave).sum(y.shape.map((_, axis) => axis))
    const found = gradients(
      loss,
      wanted.map((of) => inputs[of]!),
    )
    return wanted.map((of, i) => [`${name} / ${of}`, found[i]!])
  })
  const target = { device, fused, compute: 'float32', weights: 'float32' } as const
  const of = (outputs: Record<string, Tensor>) => program(outputs, { ...inputs, ...waves }, new Map(), target)
  return { values: of(values), slopes: of(Object.fromEntries(slopes)) }
}

const cosines = ({ shape, data }: Recorded) => ({
  dtype: 'float32' as const,
  shape,
  data: Float32Array.from(data, (_, i) => Math.cos(i)),
})
const feeds = ({ inputs }: Program) =>
  Object.fromEntries(
    Object.keys(inputs).map((name) => [
      name,
      given[name] ? plain(given[name]) : cosines(truth[name.replace('wave of ', '')]!),
    ]),
  )

function expectClose(actual: PlainTensor | undefined, expected: Recorded, tolerance: number) {
  expect(actual?.shape).toEqual(expected.shape)
  const values = Array.from(actual!.data, Number)
  const off = values.map((x, i) => Math.abs(x - expected.data[i]!) / Math.max(1, Math.abs(expected.data[i]!)))
  expect(Math.max(...off)).toBeLessThan(tolerance)
}

test('every expression was recorded, and every recording has its expression', () => {
  expect(names.toSorted()).toEqual(Object.keys(truth).toSorted())
})

describe.each([
  { device: 'wasm', fused: true },
  { device: 'wasm', fused: false },
  { device: 'webgpu', fused: true },
  { device: 'webgpu', fused: false },
] as const)('$device, fused: $fused', ({ device, fused }) => {
  const made = graphs(device, fused)
  let values: Execution
  let slopes: Execution
  beforeAll(async () => {
    await using opened = await openTestDevice(device)
    values = await opened.run(made.values, {}, feeds(made.values))
    slopes = await opened.run(made.slopes, {}, feeds(made.slopes))
  }, 300_000)

  test.each(Object.keys(made.values.outputs))('%s', (name) => {
    const { outputs } = values
    expect(made.values.outputs[name]!.dtype).toBe(outputs[name]!.dtype)
    if (truth[name]!.dtype !== 'float16') expectClose(outputs[name], truth[name]!, 2e-5)
  })
  test.each(Object.keys(made.slopes.outputs))('gradient of %s', (name) => {
    const [of, by] = name.split(' / ') as [string, string]
    expectClose(slopes.outputs[name], truth[of]!.gradients[by]!, 1e-4)
  })
  if (device === 'webgpu') {
    test('everything ran on the GPU', () => {
      expect(values.onCpu).toEqual([])
      expect(slopes.onCpu).toEqual([])
    })
  }
})
