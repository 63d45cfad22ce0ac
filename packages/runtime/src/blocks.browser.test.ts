import {
  type BlockType,
  embedding,
  input,
  linear,
  type Module,
  parameters,
  program,
  type Target,
  type Tensor,
} from '@webformers/graph'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PlainTensors } from './tensor'
import { openTestDevice, type TestDevice } from './testing'

const [ROWS, WIDTH] = [45, 96]
const wave = (length: number, step: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * i * step + i))
const tensor = (data: Float32Array<ArrayBuffer>, ...shape: number[]) =>
  ({ dtype: 'float32', shape, data }) as const
const weights: PlainTensors = {
  'dense.weight': tensor(wave(ROWS * WIDTH, 0.37), ROWS, WIDTH),
  'dense.bias': tensor(wave(ROWS, 0.11), ROWS),
  'turned.weight': tensor(wave(ROWS * WIDTH, 0.23), WIDTH, ROWS),
  'words.weight': tensor(wave(ROWS * WIDTH, 0.51), ROWS, WIDTH),
}

/** Layers of each kind; the last is tied to the table. */
function traced(target: Pick<Target, 'device' | 'fused'>, type?: BlockType) {
  const words = embedding(ROWS, WIDTH)
  const model = {
    words,
    dense: linear(WIDTH, ROWS),
    turned: linear(WIDTH, ROWS, { bias: false, transposed: true }),
    head: linear(WIDTH, ROWS, { bias: false, tied: words.children.weight }),
  }
  const given = { x: input(['batch', 'sequence', WIDTH]), ids: input(['batch', 'sequence'], 'int32') }
  const looked = model.words(given.ids)
  const outputs: Record<string, Tensor> = {
    dense: model.dense(given.x),
    turned: model.turned(given.x),
    words: looked,
    head: model.head(looked.add(given.x)),
  }
  return program(outputs, given, parameters(model as unknown as Module), {
    ...target,
    compute: 'float32',
    weights: 'float32',
    blocks: () => type,
  })
}

const inputsOf = (sequence: number): PlainTensors => ({
  x: tensor(wave(2 * sequence * WIDTH, 0.05), 2, sequence, WIDTH),
  ids: {
    dtype: 'int32',
    shape: [2, sequence],
    data: Int32Array.from({ length: 2 * sequence }, (_, i) => (i * 7) % ROWS),
  },
})

const apart = (a: PlainTensors, b: PlainTensors) =>
  Math.max(
    ...Object.entries(b).map(([name, { data }]) =>
      (data as Float32Array).reduce(
        (most, value, i) => Math.max(most, Math.abs(value - Number(a[name]!.data[i]))),
        0,
      ),
    ),
  )

let devices: Record<'wasm' | 'webgpu', TestDevice>
beforeAll(async () => {
  devices = { wasm: await openTestDevice('wasm'), webgpu: await openTestDevice('webgpu') }
}, 120_000)
afterAll(() => Promise.all(Object.values(devices).map((device) => device[Symbol.asyncDispose]())))

describe.each([
  ['Q8_0', 0.2],
  ['Q4_0', 5],
  ['Q4_1', 5],
] as const)('%s', (type, coarse) => {
  test("a GPU's kernels for blocks give what plain operations give of the numbers they stand for", async () => {
    const { wasm, webgpu } = devices
    // One row a text, and so many that another kernel takes them.
    for (const sequence of [1, 12]) {
      const inputs = inputsOf(sequence)
      const plain = await wasm.run(traced({ device: 'wasm', fused: false }, type), weights, inputs)
      const fused = await webgpu.run(traced({ device: 'webgpu', fused: true }, type), weights, inputs)
      expect(apart(fused.outputs, plain.outputs)).toBeLessThan(2e-5)
      expect(fused.onCpu).toEqual([])
      const kernels = fused.dispatches.map((name) => name.split(/[[:]/)[0]!)
      expect(kernels.filter((name) => name.startsWith('MatMulNBits'))).toHaveLength(3)
      expect(kernels.filter((name) => name === 'GatherBlockQuantized')).toHaveLength(1)
      // One product of sums for each layer; layers that read the same share them.
      const count = (name: string) => kernels.filter((other) => other.startsWith(name)).length
      expect([count('Gemm'), count('Reduce')]).toEqual(type === 'Q4_1' ? [3, 2] : [0, 0])
      expect(kernels).toHaveLength(type === 'Q4_1' ? 12 : 5)

      const exact = await wasm.run(traced({ device: 'wasm', fused: false }), weights, inputs)
      const rounding = apart(plain.outputs, exact.outputs)
      expect(rounding).toBeGreaterThan(coarse / 10)
      expect(rounding).toBeLessThan(coarse)
    }
  })
})
