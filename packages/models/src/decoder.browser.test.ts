import { type BlockType, finish } from '@webformers/graph'
import type { PlainTensor } from '@webformers/runtime'
import { openTestDevice, safetensors, settingsOf, type TestDevice } from '@webformers/runtime/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findArchitecture, modelParameters, traceDecoding, traceModel } from './index'

const SEQUENCE = 40

let device: TestDevice
let reference: TestDevice
beforeAll(async () => {
  device = await openTestDevice('webgpu')
  reference = await openTestDevice('wasm')
}, 120_000)
afterAll(() => Promise.all([device, reference].map((each) => each[Symbol.asyncDispose]())))

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
  const program = finish(traceModel(architecture, 'ForCausalLM', config, ['logits'], target))
  const tensor = (dtype: 'float32' | 'int32', shape: readonly number[]): PlainTensor => {
    const size = shape.reduce((product, dim) => product * dim, 1)
    const data = dtype === 'int32' ? new Int32Array(size).fill(1) : new Float32Array(size).fill(0.1)
    return { dtype, shape: [...shape], data }
  }
  const pieces = program.parameters.flatMap((parameter) => parameter.pieces ?? [parameter])
  const weights = pieces.map(({ sources, shape }) => [sources[0]!, tensor('float32', shape)])
  const feeds = Object.keys(program.inputs).map((name) => [name, tensor('int32', [1, SEQUENCE])])
  const execution = await device.run(program, Object.fromEntries(weights), Object.fromEntries(feeds))
  expect(execution.onCpu).toEqual([])
  return execution.dispatches.length
}

// Two norms, six products, two rotations, two kernels of attention and the product of both halves of a gated layer are 13; heads
// that share keys and values take two more, norms of queries and keys another two, norms after both halves two again.
test.each([
  ['llama', { num_key_value_heads: 4 }, 13],
  ['llama', { num_key_value_heads: 2 }, 15],
  ['qwen3', { num_key_value_heads: 2 }, 17],
  ['gemma3_text', { num_key_value_heads: 1 }, 19],
  // Three slices where projections lie in one matrix, whose halves are no product that ends with an activation.
  ['phi3', { num_key_value_heads: 4 }, 15],
] as const)(
  '%s: a layer over %o starts %d shaders',
  async (model_type, json, expected) => {
    const [one, two] = [await dispatches(model_type, 1, json), await dispatches(model_type, 2, json)]
    expect(two - one).toBe(expected)
  },
  120_000,
)

/** Numbers that are always the same. */
function drawn(length: number, seed: number): Float32Array<ArrayBuffer> {
  let state = seed + 1
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32 - 0.5
  })
}

// Fixtures have smaller heads, which such kernels do not serve.
const wide = { vocab_size: 40, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, pad_token_id: 0 }
const heads = { num_attention_heads: 4, num_key_value_heads: 2, head_dim: 16, rope_theta: 100 }
const slid = { sliding_window: 4, layer_types: ['sliding_attention', 'full_attention'] }
test.each([
  ['llama', { ...heads, attention_bias: true, mlp_bias: true }],
  ['llama', heads, 'Q8_0'],
  ['llama', heads, 'Q4_0'],
  ['llama', { ...heads, attention_bias: true }, 'Q4_1'],
  ['qwen2', heads],
  ['qwen3', { ...heads, ...slid, use_sliding_window: true }],
  ['gemma3_text', { ...heads, ...slid, rope_local_base_freq: 50, query_pre_attn_scalar: 16 }],
  ['phi3', { num_attention_heads: 2, num_key_value_heads: 1, rope_theta: 100 }],
  ['gpt2', { n_embd: 32, n_head: 2, n_layer: 2, n_positions: 32 }],
] as const)(
  'kernels that do several things at once go on as plain operations on WASM do: %s %o in blocks %s',
  async (model_type: string, json: Record<string, unknown>, type?: BlockType) => {
    const architecture = await findArchitecture(model_type)
    const config = architecture.config({ ...wide, ...json })
    const wanted = modelParameters(architecture, 'ForCausalLM', config)
    const tensors = wanted.map(({ paths: [name], shape }, i): [string, PlainTensor] => {
      const size = shape.reduce((product, dim) => product * dim, 1)
      return [name!, { dtype: 'float32', shape: [...shape], data: drawn(size, i) }]
    })
    const files = { 'model.safetensors': safetensors(Object.fromEntries(tensors)) }
    const texts = [
      {
        rows: [
          [0, 0, 5, 6, 7],
          [9, 8, 7, 6, 5],
        ],
        chunk: 128,
      },
      { rows: [[1, 2, 3, 4, 5, 6, 7]], chunk: 3 },
    ]
    const run = async (on: 'webgpu' | 'wasm', { client }: TestDevice) => {
      const target = { device: on, fused: on === 'webgpu', compute: 'float32', weights: 'float32' } as const
      const blocks = type && { blocks: () => type }
      const program = finish(
        traceDecoding(architecture, 'ForCausalLM', config, ['logits'], { ...target, ...blocks }),
      )
      using loaded = await client.decode(program, files)
      const found: number[][] = []
      for (const { rows, chunk } of texts) {
        const keep = rows.map((row) => Uint8Array.from(row, (token) => Math.min(token, 1)))
        const settings = { max_length: rows[0]!.length + 3, eos_token_id: [], pad_token_id: 0 }
        const { logits } = await loaded.generate(
          { keep, inputs: {}, caching: { chunk } },
          {
            prompts: rows.map((row) => Int32Array.from(row)),
            settings: settingsOf({ ...settings, output_logits: true }),
          },
        )
        found.push(logits!.flatMap((each) => [...each]))
      }
      return found
    }
    const [fused, plain] = [await run('webgpu', device), await run('wasm', reference)]
    for (const [i, logits] of plain.entries()) {
      const differences = logits.map((value, at) => Math.abs(value - fused[i]![at]!))
      expect(differences.length).toBe(3 * texts[i]!.rows.length * wide.vocab_size)
      expect(Math.max(...logits) - Math.min(...logits)).toBeGreaterThan(0.1)
      expect(Math.max(...differences)).toBeLessThan(1e-4)
    }
  },
  240_000,
)
