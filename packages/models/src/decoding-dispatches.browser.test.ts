/** @file What one decoded token starts on a GPU, shader by shader. Sizes do not change it. */
import { type BlockType, finish } from '@webformers/graph'
import type { PlainTensor } from '@webformers/runtime'
import { openTestDevice, safetensors, settingsOf, type TestDevice } from '@webformers/runtime/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findArchitecture, modelParameters, traceDecoding } from './index'

let device: TestDevice
beforeAll(async () => {
  device = await openTestDevice('webgpu')
}, 120_000)
afterAll(() => device[Symbol.asyncDispose]())

const sizes = {
  vocab_size: 64,
  hidden_size: 64,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 16,
  intermediate_size: 96,
}

/** The shaders of the last of three tokens, of a model of so many layers. */
async function shaders(json: Record<string, unknown>, num_hidden_layers: number, type?: BlockType) {
  const architecture = await findArchitecture(String(json.model_type))
  const config = architecture.config({ ...sizes, ...json, num_hidden_layers })
  const tensors = modelParameters(architecture, 'ForCausalLM', config).map(
    ({ paths: [name], shape }): [string, PlainTensor] => {
      const size = shape.reduce((product, dim) => product * dim, 1)
      return [name!, { dtype: 'float32', shape: [...shape], data: new Float32Array(size).fill(0.01) }]
    },
  )
  const target = { device: 'webgpu', fused: true, compute: 'float32', weights: 'float32' } as const
  const program = finish(
    traceDecoding(architecture, 'ForCausalLM', config, ['logits'], {
      ...target,
      ...(type && { blocks: () => type }),
    }),
  )
  const files = { 'model.safetensors': safetensors(Object.fromEntries(tensors)) }
  using loaded = await device.client.decode(program, files)
  const generated = (tokens: number) =>
    device.dispatches(() =>
      loaded.generate(
        { keep: [Uint8Array.of(1, 1, 1)], inputs: {} },
        {
          prompts: [Int32Array.of(1, 2, 3)],
          settings: settingsOf({ max_length: 3 + tokens, eos_token_id: [], pad_token_id: 0 }),
        },
      ),
    )
  const [two, three] = [await generated(2), await generated(3)]
  return three.slice(two.length).map((name) => name.split(/[[:]/)[0]!)
}

/** How often each shader is started more in `all` than in `some`. */
function surplus(all: readonly string[], some: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const name of all) counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const name of some) counts.set(name, counts.get(name)! - 1)
  return Object.fromEntries([...counts].filter(([, count]) => count !== 0))
}

/** Queries, keys and values come from one product, are turned and put into the cache, and two shaders look at all keys. */
const attention = {
  SplitPackedQKVWithRotaryEmbeddingAndCopyKV: 1,
  FlashAttentionDecodeQKV: 1,
  FlashAttentionDecodeVxReduce: 1,
}
/** The same where norms of queries and keys come in between. */
const normed = {
  FusedQKRotaryEmbedding: 1,
  CopyKVCache: 1,
  FlashAttentionDecodeQKV: 1,
  FlashAttentionDecodeVxReduce: 1,
}
/** Both products of a gated layer are one, which ends with the activation; then its halves are multiplied. */
const gated = { MatMul: 1, Einsum: 1 }
/** In blocks of 8 bits, and where a checkpoint has both products as one, the activation is apart. */
const halves = { QuickGelu: 1, Einsum: 1 }
const norms = { SkipLayerNorm: 2 }

// Around the layers are masks, the words, their norm, the scores of the last token and the likeliest of them.
test.each([
  [{ model_type: 'llama' }, undefined, { ...attention, ...gated, ...norms, Gemm: 3 }, 14],
  [{ model_type: 'llama' }, 'Q8_0', { ...attention, ...halves, ...norms, MatMulNBits: 4 }, 14],
  [
    { model_type: 'llama' },
    'Q4_0',
    { ...attention, SkipLayerNorm: 1, MatMulNBits: 3, MatMulNBitsMlpDecode: 1 },
    14,
  ],
  // What is added to all numbers of a block is a product of its own, of sums.
  [
    { model_type: 'llama' },
    'Q4_1',
    { ...attention, ...halves, ...norms, MatMulNBits: 4, ReduceSum: 4, Gemm: 4 },
    18,
  ],
  [{ model_type: 'phi3' }, undefined, { ...attention, ...halves, ...norms, Gemm: 4 }, 14],
  [{ model_type: 'qwen3' }, undefined, { ...normed, ...gated, ...norms, Gemm: 5 }, 14],
  [{ model_type: 'gemma3_text' }, undefined, { ...normed, ...gated, ...norms, LayerNorm: 2, Gemm: 5 }, 18],
] as const)(
  '%o in blocks %s: a layer starts %o',
  async (json, type, layer, around) => {
    const [one, two] = [await shaders(json, 1, type), await shaders(json, 2, type)]
    expect(surplus(two, one)).toEqual(layer)
    expect(2 * one.length - two.length).toBe(around)
  },
  240_000,
)
