import type { PlainTensor, PlainTensors } from '@webformers/runtime'
import { openTestDevice, safetensors } from '@webformers/runtime/testing'
import { describe, expect, test } from 'vitest'
import { cosines, given, graphs, names, truth, waveOf } from './fixture/graphs'
import {
  activations,
  attention,
  crossEntropy,
  type Dim,
  dropout,
  GraphError,
  gradients,
  input,
  layerNorm,
  limit,
  linear,
  parameter,
  parameters,
  program,
  type Segment,
  sizeOf,
  type Tensor,
} from './index'

/** Other sizes than those that were recorded. */
const sizes = { batch: 3, sequence: 4, keys: 6, height: 6, width: 8, length: 10 }
const shapeOf = (dims: readonly Dim[]) => dims.map((dim) => sizeOf(dim, sizes))
const count = (shape: readonly number[]) => shape.reduce((size, dim) => size * dim, 1)

const numbersOf = ({ data }: PlainTensor): number[] => Array.from<number | bigint, number>(data, Number)

const lean = { device: 'wasm', fused: true, compute: 'float32', weights: 'float32' } as const

/** Numbers from −1 to 1, the same ones each time. */
function numbers(seed: number) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
}

function drawn(name: string, seed: number): PlainTensor {
  const { dims, dtype } = given[name]!
  const [shape, next] = [shapeOf(dims), numbers(seed)]
  const of = (value: () => number) => Array.from({ length: count(shape) }, value)
  if (dtype === 'int64')
    return {
      dtype,
      shape,
      data: BigInt64Array.from(
        of(() => Math.abs(next()) * 8),
        (n) => BigInt(Math.floor(n)),
      ),
    }
  if (dtype === 'int32') {
    const whole = of(() => Math.floor(Math.abs(next()) * 6.99))
    if (name === 'keep')
      return { dtype, shape, data: Int32Array.from(whole, (n, i) => (i % 4 === 0 || n > 2 ? 1 : 0)) }
    return { dtype, shape, data: Int32Array.from(whole, (n) => (name === 'labels' && n === 6 ? -100 : n)) }
  }
  const positive = ['positive', 'even', 'items', 'variances'].includes(name)
  return {
    dtype: 'float32',
    shape,
    data: Float32Array.from(of(next), (n) => (positive ? (n + 1.3) / 2.5 : 1.5 * n)),
  }
}

/** All but what is not smooth on the scale of a step: logits of thousands, choices with a jump, and edges. torch's gradients stand for
 * these. */
const rough = [
  'cross-entropy, large logits',
  'binary cross-entropy, large logits',
  'where',
  'max pool',
  'max pool, ties',
  'max pool of a known size',
  'convolution and batch norm',
  'relu6',
]
const asked = names.filter((name) => !rough.includes(name) && Object.keys(truth[name]!.gradients).length > 0)
const differentiated = asked.flatMap((name) => Object.keys(truth[name]!.gradients))

test('gradients agree with finite differences at other sizes', async () => {
  await using device = await openTestDevice('wasm')
  const made = graphs({ device: 'wasm', fused: true }, asked)
  const inputs = Object.fromEntries(Object.keys(given).map((name, i) => [name, drawn(name, i + 1)]))
  const pick = (of: Readonly<Record<string, unknown>>, from: PlainTensors) =>
    Object.fromEntries(Object.keys(of).map((name) => [name, from[name]!]))
  const waves = Object.fromEntries(
    asked.map((name) => [waveOf(name), cosines(shapeOf(made.values.outputs[name]!.shape))]),
  )
  const { outputs: slopes } = await device.run(
    made.slopes,
    {},
    pick(made.slopes.inputs, { ...inputs, ...waves }),
  )

  const moved = (of: string, step: number): PlainTensor => {
    const [next, x] = [numbers(99), inputs[of]!]
    return {
      ...x,
      data: Float32Array.from(x.data as Float32Array, (n) => n + step * Math.sign(next())),
    } as PlainTensor
  }
  using loaded = await device.client.load(made.values, { 'model.safetensors': safetensors({}) })
  const wrong: string[] = []
  for (const of of new Set(differentiated)) {
    const at = (step: number) => loaded.run(pick(made.values.inputs, { ...inputs, [of]: moved(of, step) }))
    const step = 2 ** -8
    const [a, b, c, d] = [await at(-step), await at(-step / 2), await at(step / 2), await at(step)]
    for (const name of asked) {
      const slope = slopes[`${name} / ${of}`]
      if (!slope) continue
      const loss = (values: PlainTensors) =>
        numbersOf(values[name]!).reduce((sum, y, i) => sum + y * Math.cos(i), 0)
      const wide = (loss(d) - loss(a)) / (2 * step)
      const fine = (loss(c) - loss(b)) / step
      const [next, dx] = [numbers(99), numbersOf(slope)]
      const along = dx.reduce((sum, g) => sum + g * Math.sign(next()), 0)
      const off = Math.abs((4 * fine - wide) / 3 - along) / Math.max(Math.hypot(...dx), 0.1)
      if (!(off < 1e-3)) wrong.push(`${name} / ${of}: ${off}`)
    }
  }
  expect(wrong).toEqual([])
}, 120_000)

test('of no labels that count the loss is no number, and nothing flows, as in torch', async () => {
  const [logits, labels] = [input([2, 3]), input([2], 'int32')]
  const loss = crossEntropy(logits, labels)
  const [slope] = gradients(loss, [logits])
  await using device = await openTestDevice('wasm')
  const made = program({ loss, slope: slope! }, { logits, labels }, new Map(), lean)
  const ignored: PlainTensor = { dtype: 'int32', shape: [2], data: Int32Array.of(-100, -100) }
  const { outputs } = await device.run(made, {}, { logits: cosines([2, 3]), labels: ignored })
  expect(numbersOf(outputs.loss!)).toEqual([Number.NaN])
  expect(numbersOf(outputs.slope!).map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0])
}, 60_000)

/** A few layers of a transformer. */
function stack() {
  const heads = 2
  const layers = [0, 1, 2].map(() => ({
    q: linear(8, 8),
    k: linear(8, 8),
    v: linear(8, 8),
    up: linear(8, 8),
    norm: layerNorm(8, 1e-5),
  }))
  const x = input(['batch', 'sequence', 8])
  const segments: Segment[] = []
  const last = layers.reduce((hidden, { q, k, v, up, norm }) => {
    const { context, attentions } = attention(q(hidden), k(hidden), v(hidden), { heads })
    const result = norm(activations.gelu(up(context)), hidden)
    segments.push({ inputs: [hidden], outputs: [result, attentions] })
    return result
  }, x)
  const names = parameters(layers)
  const loss = last.mul(last).sum([0, 1, 2])
  return { names, loss, segments, x }
}

describe.each(['wasm', 'webgpu'] as const)('segments computed again on %s', (device) => {
  test('give the same gradients, and are not merged with those of the forward pass', async () => {
    const { names, loss, segments, x } = stack()
    const targets = [...names.keys()]
    const weights = Object.fromEntries(
      [...names].map(([{ shape }, [name]], i): [string, PlainTensor] => {
        const next = numbers(i)
        const data = Float32Array.from({ length: count(shape as number[]) }, () => next())
        return [name!, { dtype: 'float32', shape: shape as number[], data }]
      }),
    )
    const made = (recompute: readonly Segment[]) => {
      const found = gradients(loss, targets, { recompute })
      const outputs = Object.fromEntries(
        targets.map((t, i) => [`gradient of ${names.get(t)![0]}`, found[i]!]),
      )
      return program(outputs, { x }, names, { device, fused: false, compute: 'float32', weights: 'float32' })
    }
    await using opened = await openTestDevice(device)
    const feeds = { x: cosines([2, 5, 8]) }
    const kept = await opened.run(made([]), weights, feeds)
    const again = await opened.run(made(segments), weights, feeds)
    // onnxruntime makes kernels of norms in plain operations where nobody asks for their inner values.
    const tolerance = device === 'wasm' ? 1e-6 : 5e-6
    for (const [name, values] of Object.entries(kept.outputs)) {
      const [expected, actual] = [numbersOf(values), numbersOf(again.outputs[name]!)]
      const scale = Math.max(...expected.map(Math.abs), 1)
      expect(Math.max(...actual.map((n, i) => Math.abs(n - expected[i]!))) / scale).toBeLessThan(tolerance)
    }
    if (device === 'webgpu') {
      const softmaxes = (of: readonly string[]) => of.filter((name) => name.startsWith('Softmax')).length
      expect(softmaxes(kept.dispatches)).toBe(3)
      expect(softmaxes(again.dispatches)).toBe(6)
      expect(again.onCpu).toEqual([])
    }
  }, 60_000)
})

const written = (
  outputs: Record<string, Tensor>,
  inputs: Record<string, Tensor>,
  names = new Map<Tensor, string[]>(),
) => program(outputs, inputs, names, lean).onnx.length

test('what identities say costs no node, and what nobody asks for is not computed', () => {
  const x = input(['batch', 8])
  const slope = (y: Tensor) => gradients(y.mul(y).sum([0, 1]), [x])[0]!
  expect(written({ dx: slope(dropout(limit(x, 0, 9), 0.5)) }, { x })).toBe(written({ dx: slope(x) }, { x }))

  const [frozen, trained] = [parameter(8, 8), parameter(8, 8)]
  const loss = x.matmul(frozen).tanh().matmul(trained).sum([0, 1])
  const names = new Map([
    [frozen, ['frozen']],
    [trained, ['trained']],
  ])
  const alone = input(['batch', 8])
  const given = written(
    { dw: gradients(alone.matmul(trained).sum([0, 1]), [trained])[0]! },
    { x: alone },
    names,
  )
  const through = written({ dw: gradients(loss, [trained])[0]! }, { x }, names)
  const forward = written({ h: x.matmul(frozen).tanh() }, { x }, names) - written({ h: x.tanh() }, { x })
  expect(through - given - forward).toBeLessThan(60) // the tanh
})

test('segments that need each other can not be computed again', () => {
  const x = input([2])
  const [a, b] = [x.exp(), x.tanh()]
  const [c, d] = [b.exp(), a.tanh()]
  const loss = c.add(d).sum([0])
  const recompute = [
    { inputs: [x, b], outputs: [a, c] },
    { inputs: [x, a], outputs: [b, d] },
  ]
  expect(() => gradients(loss, [x], { recompute })).toThrow(GraphError)
})
