import type { PlainTensor } from '@webformers/runtime'
import { type Execution, openTestDevice, type TestDevice } from '@webformers/runtime/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cosines, given, graphs, names, type Recorded, truth } from './fixture/graphs'
import type { Program } from './index'

const plain = ({ dtype, shape, data }: Recorded) =>
  dtype === 'int64'
    ? { dtype, shape, data: BigInt64Array.from(data, BigInt) }
    : { dtype, shape, data: dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data) }

/** What WebGPU has no kernel for, or what this software adapter cannot hold: read on the CPU, or not at all. */
const withoutKernel = ['cast to int64', 'cast to int8', 'cast to uint8', 'cast to float16']
const feeds = ({ inputs }: Program) =>
  Object.fromEntries(
    Object.keys(inputs).map((name) => [
      name,
      given[name] ? plain(given[name]) : cosines(truth[name.replace('wave of ', '')]!.shape),
    ]),
  )

function expectClose(actual: PlainTensor | undefined, expected: Recorded, tolerance: number) {
  expect(actual?.shape).toEqual(expected.shape)
  const values = Array.from(actual!.data, Number)
  const off = values.map((x, i) => Math.abs(x - expected.data[i]!) / Math.max(1, Math.abs(expected.data[i]!)))
  expect(Math.max(...off)).toBeLessThan(tolerance)
}

/** Whether a graph without fused kernels is another one: what is the same is run once. */
function differs(device: 'wasm' | 'webgpu', name: string): boolean {
  const [fused, plain] = [true, false].map((fused) => graphs({ device, fused }, [name]))
  const same = (['values', 'slopes'] as const).every(
    (kind) => String(fused![kind].onnx) === String(plain![kind].onnx),
  )
  return !same
}

test('every expression was recorded, and every recording has its expression', () => {
  expect(names.toSorted()).toEqual(Object.keys(truth).toSorted())
})

describe.each(['wasm', 'webgpu'] as const)('%s', (device) => {
  // One for both: most shaders are the same.
  let opened: TestDevice
  beforeAll(async () => {
    opened = await openTestDevice(device)
  }, 60_000)
  afterAll(() => opened[Symbol.asyncDispose]())

  describe.each([true, false])('fused: %s', (fused) => {
    const possible = names.filter((name) => device === 'wasm' || !withoutKernel.includes(name))
    const asked = fused ? possible : possible.filter((name) => differs(device, name))
    const made = graphs({ device, fused }, asked)
    let values: Execution
    let slopes: Execution
    beforeAll(async () => {
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
})
