import { input, layerNorm, linear, type Program, parameters, program, type Target } from '@webformers/graph'
import { MissingTensorError, TensorShapeError } from '@webformers/hub'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Device } from './adapter'
import { IndexOutOfRangeError, SequenceTooLongError } from './errors'
import type { PlainTensors, TensorDType } from './tensor'
import { arrayOf } from './tensor'
import { openTestDevice, safetensors, type TestDevice } from './testing'

// torch.nn.functional.linear(layer_norm(x)) with the weights as they are and rounded to 16 bits, by PyTorch 2.13.
const x = [
  -0.900672, -0.921888, -0.200463, -0.347103, 0.678968, 0.553607, -0.25281, -1.692176, 0.374477, -0.12617,
  1.154928, 0.21284, 0.133164, 0.699506, -0.114779, -0.089287, 0.745461, 1.007207, 1.603984, 0.04299,
  0.494445, -0.330242, -0.672852, -1.852834,
]
const shapes = { 'dense.weight': [5, 4], 'dense.bias': [5], 'norm.weight': [4], 'norm.bias': [4] }
type Values = Record<keyof typeof shapes, number[]>
const recorded: Record<'F32' | 'F16' | 'BF16', { dtype: TensorDType; weights: Values; y: number[] }> = {
  F32: {
    dtype: 'float32',
    weights: {
      'dense.weight': [
        -0.172691, -0.594039, 0.450177, 0.207702, 0.475458, 1.233554, 0.405868, -0.472827, -0.455398,
        0.735977, 0.888653, 1.031899, -1.196732, -0.15507, 0.35641, 1.06022, -1.303461, -0.439795, -0.383867,
        -0.399745,
      ],
      'dense.bias': [0.218694, -0.73448, -0.032337, 0.230493, -0.00603],
      'norm.weight': [-0.731596, -0.870867, -0.213277, 0.151539],
      'norm.bias': [-0.175218, 1.646073, -0.028338, 0.050175],
    },
    y: [
      -1.471788, 2.445076, 1.509967, -0.714999, -1.757529, -0.258632, 0.151287, 0.85561, 0.875611, 0.741982,
      -1.489438, 2.302795, 1.621407, -0.166409, -0.847525, 0.17185, -0.449462, 0.239907, 0.329707, 0.031013,
      -0.784086, 0.927426, 0.563114, -0.231019, -0.38356, -0.446869, 0.514464, 1.300837, 1.162772, 0.916649,
    ],
  },
  F16: {
    dtype: 'float16',
    weights: {
      'dense.weight': [
        45447, 47297, 14132, 12965, 14235, 15599, 13950, 46993, 46921, 14819, 15132, 15393, 48329, 45302,
        13748, 15422, 48439, 46857, 46628, 46693,
      ],
      'dense.bias': [13056, 47584, 43044, 13152, 40493],
      'norm.weight': [47578, 47864, 45779, 12505],
      'norm.bias': [45467, 16022, 42817, 10860],
    },
    y: [
      -1.472634, 2.445522, 1.510193, -0.714664, -1.757571, -0.258882, 0.151696, 0.855507, 0.875015, 0.741894,
      -1.490291, 2.303394, 1.621536, -0.166519, -0.847628, 0.17185, -0.449346, 0.239872, 0.329603, 0.030998,
      -0.784486, 0.927781, 0.563189, -0.231064, -0.38367, -0.447264, 0.515001, 1.300708, 1.161985, 0.916553,
    ],
  },
  BF16: {
    dtype: 'float16',
    weights: {
      'dense.weight': [
        48689, 48920, 16102, 15957, 16115, 16286, 16080, 48882, 48873, 16188, 16227, 16260, 49049, 48671,
        16054, 16264, 49063, 48865, 48837, 48845,
      ],
      'dense.bias': [15968, 48956, 48388, 15980, 48070],
      'norm.weight': [48955, 48991, 48730, 15899],
      'norm.bias': [48691, 16339, 48360, 15694],
    },
    y: [
      -1.471969, 2.44983, 1.509259, -0.713602, -1.757624, -0.259681, 0.156057, 0.855392, 0.872126, 0.740477,
      -1.489542, 2.308592, 1.620512, -0.16722, -0.848059, 0.1705, -0.446668, 0.240701, 0.328634, 0.029839,
      -0.784452, 0.931548, 0.564137, -0.231491, -0.384283, -0.447898, 0.520146, 1.299719, 1.158296, 0.915016,
    ],
  },
}

const inputs: PlainTensors = { x: { dtype: 'float32', shape: [2, 3, 4], data: Float32Array.from(x) } }

function checkpoint(format: keyof typeof recorded): Record<string, Blob> {
  const { dtype, weights } = recorded[format]
  const tensors = Object.entries(weights).map(([name, values]) => {
    const data = arrayOf(dtype, values.length)
    for (const [i, value] of values.entries()) data[i] = value
    return [name, { dtype, shape: shapes[name as keyof typeof shapes], data }] as const
  })
  const dtypes = Object.fromEntries(tensors.map(([name]) => [name, format]))
  return { 'model.safetensors': safetensors(Object.fromEntries(tensors), dtypes) }
}

function trace(target: Partial<Target>): Program {
  const model = { norm: layerNorm(4, 1e-5), dense: linear(4, 5) }
  const given = { x: input(['batch', 'sequence', 4]) }
  const normalized = model.norm(given.x)
  return program({ normalized, y: model.dense(normalized) }, given, parameters(model), {
    device: 'wasm',
    fused: true,
    compute: 'float32',
    weights: 'float32',
    ...target,
  })
}

/** The greatest difference from what was recorded. */
const distance = (tensors: PlainTensors, name: string, expected: readonly number[]) => {
  const { data } = tensors[name]!
  expect(data.length).toBe(expected.length)
  return Math.max(...expected.map((value, i) => Math.abs(value - Number(data[i]))))
}

describe.each<Device>(['wasm', 'webgpu'])('%s', (device) => {
  let opened: TestDevice
  beforeAll(async () => {
    opened = await openTestDevice(device)
  })
  afterAll(() => opened.client.dispose())

  test.each(['F32', 'F16', 'BF16'] as const)('a checkpoint in %s agrees with PyTorch', async (format) => {
    const { outputs, onCpu } = await opened.run(trace({ device }), checkpoint(format), inputs)
    expect(outputs.y!.shape).toEqual([2, 3, 5])
    expect(distance(outputs, 'y', recorded[format].y)).toBeLessThan(5e-6)
    expect(onCpu).toEqual([])
  })

  test.each(['F32', 'F16'] as const)('weights held in half precision, from %s', async (format) => {
    const { outputs } = await opened.run(trace({ device, weights: 'float16' }), checkpoint(format), inputs)
    expect(distance(outputs, 'y', recorded.F16.y)).toBeLessThan(5e-6)
  })

  test('only the outputs asked for come back', async () => {
    using loaded = await opened.client.load(trace({ device }), checkpoint('F32'))
    expect(Object.keys(await loaded.run(inputs, { outputs: ['normalized'] }))).toEqual(['normalized'])
    await expect(loaded.run(inputs, { outputs: ['logits'] })).rejects.toThrow(
      'Unknown output logits. This program gives normalized, y.',
    )
  })
})

describe('int8', () => {
  test('agrees with full precision as far as 8 bits can', async () => {
    await using opened = await openTestDevice('wasm')
    const wave = (length: number, step: number) =>
      Float32Array.from({ length }, (_, i) => Math.sin(i * i * step))
    const weights: PlainTensors = {
      'dense.weight': { dtype: 'float32', shape: [32, 64], data: wave(32 * 64, 0.37) },
      'dense.bias': { dtype: 'float32', shape: [32], data: wave(32, 0.11) },
    }
    const traced = (precision: Target['weights']) => {
      const model = { dense: linear(64, 32) }
      const given = { x: input(['batch', 64]) }
      return program({ y: model.dense(given.x) }, given, parameters(model), {
        device: 'wasm',
        fused: true,
        compute: 'float32',
        weights: precision,
      })
    }
    const fed: PlainTensors = { x: { dtype: 'float32', shape: [3, 64], data: wave(3 * 64, 0.05) } }
    const full = (await opened.run(traced('float32'), weights, fed)).outputs.y!.data as Float32Array
    const quantized = (await opened.run(traced('int8'), weights, fed)).outputs.y!.data as Float32Array
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0)
    const cosine = dot(full, quantized) / Math.sqrt(dot(full, full) * dot(quantized, quantized))
    expect(cosine).toBeGreaterThan(0.9995)
    expect(quantized).not.toEqual(full)
  })
})

describe('what is wrong arrives as what it is', () => {
  let opened: TestDevice
  beforeAll(async () => {
    opened = await openTestDevice('wasm')
  })
  afterAll(() => opened.client.dispose())

  test('tensors missing or of another shape', async () => {
    const { data } = inputs.x!
    const weight = { dtype: 'float32', shape: [4, 6], data } as const
    const half = { 'model.safetensors': safetensors({ 'dense.weight': weight }) }
    const missing = opened.client.load(trace({}), half)
    await expect(missing).rejects.toBeInstanceOf(MissingTensorError)
    await expect(missing).rejects.toThrow('lacks 3 of the 4 tensors')
    const wrong = safetensors({
      'dense.weight': weight,
      'dense.bias': { ...weight, shape: [24] },
      'norm.weight': { ...weight, shape: [24] },
      'norm.bias': { ...weight, shape: [24] },
    })
    await expect(opened.client.load(trace({}), { 'model.safetensors': wrong })).rejects.toBeInstanceOf(
      TensorShapeError,
    )
  })

  test('ids out of range and inputs too long', async () => {
    const ids = input(['batch', 'sequence'], 'int32')
    const embedded = program({ y: ids.cast('float32').mul(2) }, { ids }, new Map(), {
      device: 'wasm',
      fused: true,
      compute: 'float32',
      weights: 'float32',
    })
    const bounded: Program = {
      ...embedded,
      inputs: { ids: { ...embedded.inputs.ids!, below: 10 } },
      limits: { sequence: 3 },
    }
    using loaded = await opened.client.load(bounded, { 'model.safetensors': safetensors({}) })
    const run = (...values: number[]) =>
      loaded.run({ ids: { dtype: 'int32', shape: [1, values.length], data: Int32Array.from(values) } })
    expect((await run(1, 9)).y!.data).toEqual(Float32Array.of(2, 18))
    await expect(run(1, 10)).rejects.toBeInstanceOf(IndexOutOfRangeError)
    await expect(run(1, 10)).rejects.toMatchObject({ position: [0, 1], value: 10, below: 10 })
    await expect(run(1, 2, 3, 4)).rejects.toBeInstanceOf(SequenceTooLongError)
  })
})
