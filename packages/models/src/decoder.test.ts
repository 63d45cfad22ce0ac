import { finish } from '@webformers/graph'
import { expect, test } from 'vitest'
import { slidingWindows } from './decoder-configuration'
import { ConfigurationError, findArchitecture, type Head, traceDecoding, traceModel } from './index'

const configure = async (json: Record<string, unknown>) =>
  (await findArchitecture(String(json.model_type))).config(json) as unknown as Record<string, unknown>

const target = { device: 'webgpu', fused: true, compute: 'float32', weights: 'float32' } as const
const small = {
  vocab_size: 30,
  hidden_size: 8,
  num_attention_heads: 2,
  num_hidden_layers: 2,
  intermediate_size: 12,
}

async function trace(model_type: string, head: Head, outputs: string[], json: Record<string, unknown> = {}) {
  const architecture = await findArchitecture(model_type)
  const config = architecture.config({ num_key_value_heads: 2, ...small, ...json })
  return finish(traceModel(architecture, head, config, outputs, target))
}

test('null is a value where Python takes it for one', async () => {
  expect(await configure({ model_type: 'mistral' })).toMatchObject({ sliding_window: 4096, eos_token_id: 2 })
  const nulls = { sliding_window: null, eos_token_id: null, num_key_value_heads: null }
  expect(await configure({ model_type: 'mistral', ...nulls })).toMatchObject({
    sliding_window: null,
    eos_token_id: null,
    num_key_value_heads: 32,
  })
  expect(await configure({ model_type: 'gemma2', attn_logit_softcapping: null })).toMatchObject({
    attn_logit_softcapping: null,
    final_logit_softcapping: 30,
  })
})

test('several tokens may end a text', async () => {
  const several = await configure({ model_type: 'llama', eos_token_id: [128001, 128009] })
  expect(several.eos_token_id).toEqual([128001, 128009])
})

test('which layers see a window, and how wide', async () => {
  const windows = async (json: Record<string, unknown>) =>
    slidingWindows((await configure(json)) as unknown as Parameters<typeof slidingWindows>[0])
  const layers = { num_hidden_layers: 4, sliding_window: 7 }
  expect(await windows({ model_type: 'mistral', ...layers })).toEqual([7, 7, 7, 7])
  expect(await windows({ model_type: 'qwen2', ...layers, max_window_layers: 2 })).toEqual(
    Array(4).fill(undefined),
  )
  const sliding = { use_sliding_window: true, max_window_layers: 2 }
  expect(await windows({ model_type: 'qwen2', ...layers, ...sliding })).toEqual([undefined, undefined, 7, 7])
  expect(await windows({ model_type: 'gemma2', ...layers })).toEqual([7, undefined, 7, undefined])
  // In the layers that positions don't turn.
  const smol = { use_sliding_window: true, no_rope_layer_interval: 2 }
  expect(await windows({ model_type: 'smollm3', ...layers, ...smol })).toEqual([undefined, 7, undefined, 7])
  expect(await windows({ model_type: 'smollm3', ...layers })).toEqual(Array(4).fill(undefined))
  const pattern = { sliding_window_pattern: 3, use_bidirectional_attention: true }
  expect(await windows({ model_type: 'gemma3_text', ...layers, ...pattern })).toEqual([4, 4, undefined, 4])
})

test('layers that no position turns read none', async () => {
  const program = await trace('smollm3', 'Model', ['last_hidden_state'], { no_rope_layers: [0, 0] })
  expect(Object.keys(program.derived).filter((name) => /cos|sin/.test(name))).toEqual([])
  expect(await configure({ model_type: 'smollm3', num_hidden_layers: 5 })).toMatchObject({
    no_rope_layers: [1, 1, 1, 0, 1],
  })
})

test('GPT-NeoX has names of its own for how positions turn', async () => {
  expect(await configure({ model_type: 'gpt_neox', rotary_emb_base: 500, rotary_pct: 0.5 })).toMatchObject({
    rope_theta: 500,
    partial_rotary_factor: 0.5,
  })
  const rope_parameters = { rope_type: 'linear', factor: 4, rope_theta: 500, partial_rotary_factor: 0.5 }
  expect(await configure({ model_type: 'gpt_neox', rope_parameters })).toMatchObject({
    rotary_emb_base: 500,
    rotary_pct: 0.5,
    rope_scaling: { rope_type: 'linear', factor: 4 },
  })
})

test('tables of positions come from outside, one pair for each theta, and bound no text', async () => {
  const llama = await trace('llama', 'Model', ['last_hidden_state'], { max_position_embeddings: 131072 })
  expect(Object.keys(llama.derived).filter((name) => /cos|sin/.test(name))).toEqual([
    'cos(sequence)',
    'sin(sequence)',
  ])
  expect(llama.derived['cos(sequence)']).toMatchObject({ frequencies: [1, Math.fround(0.01)], scale: 1 })
  expect(llama.limits).toEqual({})
  expect(llama.onnx.length).toBeLessThan(20_000)
  const json = { head_dim: 4, layer_types: ['sliding_attention', 'full_attention'] }
  const gemma = await trace('gemma3_text', 'Model', ['last_hidden_state'], json)
  const rates = ['cos(sequence)', 'cos(sequence).1'].map((name) => gemma.derived[name])
  expect(rates).toMatchObject([
    { frequencies: [1, Math.fround(0.01)] },
    { frequencies: [1, Math.fround(0.001)] },
  ])
})

test('without a padding token, texts are classified one at a time', async () => {
  const { inputs } = await trace('llama', 'ForSequenceClassification', ['logits'])
  expect(inputs.input_ids?.shape).toEqual([1, 'sequence'])
  const padded = await trace('llama', 'ForSequenceClassification', ['logits'], { pad_token_id: 0 })
  expect(padded.inputs.input_ids?.shape).toEqual(['batch', 'sequence'])
})

test.each([
  [{ model_type: 'llama', num_key_value_heads: 5 }, 'a divisor of num_attention_heads, which is 32'],
  [
    { model_type: 'qwen3', layer_types: ['full_attention'] },
    '32 of "full_attention" and "sliding_attention"',
  ],
  [
    { model_type: 'gemma2', num_hidden_layers: 1, layer_types: ['chunked_attention'] },
    'supported: 1 of "full_',
  ],
  [{ model_type: 'mistral', sliding_window: '4096' }, 'sliding_window = "4096"; supported: a number or null'],
  [{ model_type: 'phi3', hidden_act: 'xielu' }, 'hidden_act = "xielu"'],
  [{ model_type: 'qwen2', hidden_size: 100 }, 'a divisor of hidden_size, which is 100'],
  [{ model_type: 'smollm3', num_hidden_layers: 3, no_rope_layers: [1, 0] }, 'supported: a list of 3 numbers'],
  [{ model_type: 'smollm3', no_rope_layer_interval: 0 }, 'no_rope_layer_interval = 0; supported: a number'],
  [
    { model_type: 'smollm3', num_hidden_layers: 1, layer_types: ['sliding_attention'] },
    'sliding_window = null; supported: a number, as layer_types has "sliding_attention"',
  ],
  [{ model_type: 'gpt_neox', hidden_size: 768 }, 'rotary_pct = 0.25; supported: a part of the 12 channels'],
  [{ model_type: 'gpt_neox', num_attention_heads: 13 }, 'num_attention_heads = 13; supported: a divisor of'],
  [{ model_type: 'llama', head_dim: 5 }, 'head_dim = 5; supported: an even number of channels that turn'],
])('%o is refused by name', async (json, message) => {
  await expect(configure(json)).rejects.toThrow(ConfigurationError)
  await expect(configure(json)).rejects.toThrow(message)
})

/** Weights that lie behind each other as one, of a decoder of one layer. */
async function joined(
  outputs: string[],
  device: 'webgpu' | 'wasm',
  part: 'self_attn' | 'mlp',
  hooks: Parameters<typeof traceDecoding>[5] = {},
) {
  const architecture = await findArchitecture('llama')
  const sizes = { ...small, num_hidden_layers: 1, num_key_value_heads: 1, head_dim: 16 }
  const config = architecture.config({ ...sizes, attention_bias: true })
  const { decode } = finish(
    traceDecoding(architecture, 'ForCausalLM', config, outputs, { ...target, device }, hooks),
  )
  return decode.parameters
    .filter(({ name, pieces }) => pieces && name.includes(part))
    .map(({ name, shape, pieces }) => ({ name, shape, of: pieces!.map((each) => each.shape) }))
}

test('on a GPU attention reads its input by one product, unless somebody looks into it', async () => {
  const named = (part: string) =>
    ['q', 'k', 'v'].map((one) => `model.layers.0.self_attn.${one}_proj.${part}`).join('+')
  expect(await joined(['logits'], 'webgpu', 'self_attn')).toEqual([
    {
      name: named('weight'),
      shape: [64, 8],
      of: [
        [32, 8],
        [16, 8],
        [16, 8],
      ],
    },
    { name: named('bias'), shape: [64], of: [[32], [16], [16]] },
  ])
  expect(await joined(['logits', 'attentions'], 'webgpu', 'self_attn')).toEqual([])
  expect(await joined(['logits'], 'wasm', 'self_attn')).toEqual([])
})

test('on a GPU both products of a gated layer are one, unless something else takes the place of one', async () => {
  const both = 'model.layers.0.mlp.gate_proj.weight+model.layers.0.mlp.up_proj.weight:times'
  expect(await joined(['logits'], 'webgpu', 'mlp')).toEqual([
    {
      name: both,
      shape: [24, 8, 1, 1],
      of: [
        [12, 8],
        [12, 8],
      ],
    },
  ])
  const patch = { 'model.layers.0.mlp.up_proj': 'input' } as const
  expect(await joined(['logits'], 'webgpu', 'mlp', { patch })).toEqual([])
  expect(await joined(['logits'], 'wasm', 'mlp')).toEqual([])
})
