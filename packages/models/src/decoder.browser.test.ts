import type { PlainTensor } from '@webformers/runtime'
import { openTestDevice, type TestDevice } from '@webformers/runtime/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findArchitecture, traceModel } from './index'

const SEQUENCE = 40

let device: TestDevice
beforeAll(async () => {
  device = await openTestDevice('webgpu')
}, 120_000)
afterAll(() => device[Symbol.asyncDispose]())

/** How many shaders one run of a model of so many layers starts. */
async function dispatches(model_type: string, num_hidden_layers: number, json: Record<string, unknown>) {
  const architecture = await findArchitecture(model_type)
  const sizes = {
    vocab_size: 30,
    hidden_size: 32,
    num_attention_heads: 4,
    intermediate_size: 48,
    head_dim: 8,
  }
  const config = architecture.config({ ...sizes, num_hidden_layers, ...json })
  const target = { device: 'webgpu', fused: true, compute: 'float32', weights: 'float32' } as const
  const program = traceModel(architecture, 'ForCausalLM', config, ['logits'], target)
  const tensor = (dtype: 'float32' | 'int32', shape: readonly number[]): PlainTensor => {
    const size = shape.reduce((product, dim) => product * dim, 1)
    const data = dtype === 'int32' ? new Int32Array(size).fill(1) : new Float32Array(size).fill(0.1)
    return { dtype, shape: [...shape], data }
  }
  const weights = program.parameters.map(({ sources, shape }) => [sources[0]!, tensor('float32', shape)])
  const feeds = Object.keys(program.inputs).map((name) => [name, tensor('int32', [1, SEQUENCE])])
  const execution = await device.run(program, Object.fromEntries(weights), Object.fromEntries(feeds))
  expect(execution.onCpu).toEqual([])
  return execution.dispatches.length
}

// Two norms, seven products, two rotations, two kernels of attention, the activation and its product are 15; heads that share
// keys and values take two more, norms of queries and keys another two, norms after both halves two again.
test.each([
  ['llama', { num_key_value_heads: 4 }, 15],
  ['llama', { num_key_value_heads: 2 }, 17],
  ['qwen3', { num_key_value_heads: 2 }, 19],
  ['gemma3_text', { num_key_value_heads: 1 }, 21],
  // Slices where projections lie in one matrix.
  ['phi3', { num_key_value_heads: 4 }, 17],
] as const)(
  '%s: a layer over %o starts %d shaders',
  async (model_type, json, expected) => {
    const [one, two] = [await dispatches(model_type, 1, json), await dispatches(model_type, 2, json)]
    expect(two - one).toBe(expected)
  },
  120_000,
)
