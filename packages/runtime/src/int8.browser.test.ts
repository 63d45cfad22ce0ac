import { input, linear, type Module, parameters, program } from '@webformers/graph'
import { expect, test } from 'vitest'
import recorded from './fixture/int8.json'
import type { PlainTensors } from './tensor'
import { openTestDevice } from './testing'

const farthest = (own: ArrayLike<number>, truth: readonly number[]) =>
  truth.reduce((most, value, i) => Math.max(most, Math.abs(value - own[i]!)), 0)

test('layers that narrow and layers that widen, in 8 bits, are those of NumPy', async () => {
  await using opened = await openTestDevice('wasm')
  for (const { outputs, inputs, x, weight, bias, y, exact } of recorded) {
    const model = { dense: linear(inputs, outputs) }
    const given = { x: input(['batch', inputs]) }
    const traced = program({ y: model.dense(given.x) }, given, parameters(model as unknown as Module), {
      device: 'wasm',
      fused: true,
      compute: 'float32',
      weights: 'int8',
    })
    const tensor = (data: readonly number[], ...shape: number[]) =>
      ({ dtype: 'float32', shape, data: Float32Array.from(data) }) as const
    const weights: PlainTensors = {
      'dense.weight': tensor(weight, outputs, inputs),
      'dense.bias': tensor(bias, outputs),
    }
    const found = await opened.run(traced, weights, { x: tensor(x, x.length / inputs, inputs) })
    const own = found.outputs.y!.data as Float32Array
    expect(farthest(own, y)).toBeLessThan(1e-4)
    expect(farthest(own, exact)).toBeGreaterThan(1e-2)
  }
})
