import { finish } from '@webformers/graph'
import { expect, test } from 'vitest'
import { ConfigurationError, findArchitecture, type Head, traceGradients, traceModel } from './index'

const target = { device: 'wasm', fused: true, compute: 'float32', weights: 'float32' } as const
const sizes = {
  vocab_size: 30,
  d_model: 8,
  encoder_layers: 1,
  decoder_layers: 1,
  encoder_attention_heads: 2,
  decoder_attention_heads: 4,
  encoder_ffn_dim: 12,
  decoder_ffn_dim: 12,
}

const configure = async (json: Record<string, unknown>) =>
  (await findArchitecture(String(json.model_type))).config(json) as unknown as Record<string, unknown>

async function trace(model_type: string, head: Head, outputs: string[], json: Record<string, unknown> = {}) {
  const architecture = await findArchitecture(model_type)
  return finish(traceModel(architecture, head, architecture.config({ ...sizes, ...json }), outputs, target))
}

test('BART has three labels unless it says otherwise, and summarizers begin as they once said', async () => {
  expect((await configure({ model_type: 'bart' })).num_labels).toBe(3)
  expect((await configure({ model_type: 'bart', num_labels: 4 })).num_labels).toBe(4)
  expect((await configure({ model_type: 'bart', id2label: { 0: 'A', 1: 'B' } })).num_labels).toBe(2)
  expect((await configure({ model_type: 'mbart' })).num_labels).toBe(2)
  const old = { model_type: 'bart', force_bos_token_to_be_generated: true }
  expect((await configure(old)).forced_bos_token_id).toBe(0)
  expect((await configure({ ...old, forced_bos_token_id: 7 })).forced_bos_token_id).toBe(7)
})

test('sizes answer to the common names, too', async () => {
  const json = { model_type: 'mbart', hidden_size: 32, num_attention_heads: 4, encoder_layers: 3 }
  expect(await configure(json)).toMatchObject({
    d_model: 32,
    encoder_attention_heads: 4,
    num_hidden_layers: 3,
  })
})

test("a decoder of Marian has the encoder's words, or its own", async () => {
  const marian = (json: object) => configure({ model_type: 'marian', vocab_size: 50, ...json })
  expect((await marian({})).decoder_vocab_size).toBe(50)
  expect((await marian({ decoder_vocab_size: 40 })).decoder_vocab_size).toBe(50)
  const own = { share_encoder_decoder_embeddings: false }
  expect((await marian(own)).decoder_vocab_size).toBe(50)
  expect((await marian({ ...own, decoder_vocab_size: 40 })).decoder_vocab_size).toBe(40)

  const { inputs, outputs } = await trace('marian', 'ForConditionalGeneration', ['logits'], {
    ...own,
    decoder_vocab_size: 40,
  })
  expect(inputs.input_ids!.below).toBe(30)
  expect(inputs.decoder_input_ids!.below).toBe(40)
  expect(outputs.logits!.shape).toEqual(['batch', 'decoder_sequence', 40])
})

test('tables of positions bound texts, those of M2M100 do not', async () => {
  const limitsOf = async (model_type: string) =>
    (await trace(model_type, 'Model', ['last_hidden_state'], { max_position_embeddings: 20 })).limits
  const both = { sequence: 20, decoder_sequence: 20 }
  expect(await limitsOf('bart')).toEqual(both)
  expect(await limitsOf('mbart')).toEqual(both)
  expect(await limitsOf('marian')).toEqual(both)
  expect(await limitsOf('m2m_100')).toEqual({})
})

test('a decoder alone looks at an encoder where the configuration says so', async () => {
  const alone = await trace('bart', 'ForCausalLM', ['logits'])
  expect(Object.keys(alone.inputs)).toEqual(['input_ids', 'attention_mask'])
  const informed = await trace('bart', 'ForCausalLM', ['logits'], { add_cross_attention: true })
  expect(informed.inputs.encoder_hidden_states).toEqual({
    dtype: 'float32',
    shape: ['batch', 'encoder_sequence', 8],
  })
  expect(Object.keys(informed.inputs)).toContain('encoder_attention_mask')
})

test('a decoder alone finds its words where a whole model has them', async () => {
  const { parameters } = await trace('mbart', 'ForCausalLM', ['logits'])
  const words = parameters.find(({ sources }) => sources.includes('lm_head.weight'))!
  expect(words.sources[0]).toBe('model.decoder.embed_tokens.weight')
  expect(words.sources).toContain('model.shared.weight')
  expect(words.sources).toContain('shared.weight')
})

test('what a head says of itself', async () => {
  const { headConfig, config } = await findArchitecture('bart')
  expect(headConfig?.('ForCausalLM', config({}))).toEqual({ is_decoder: true, is_encoder_decoder: false })
  expect(headConfig?.('ForConditionalGeneration', config({}))).toEqual({})
  expect(config({ ...config({}), ...headConfig?.('ForQuestionAnswering', config({})) }).num_labels).toBe(2)
  expect(headConfig?.('ForQuestionAnswering', config({ id2label: { 0: 'start', 1: 'end' } }))).toEqual({})
})

test('training skips layers, inference does not', async () => {
  const architecture = await findArchitecture('m2m_100')
  const config = architecture.config({ ...sizes, dropout: 0, attention_dropout: 0, decoder_layerdrop: 0.25 })
  const drawn = (dropout: boolean) => {
    const hooks = { loss: {}, dropout }
    const { derived } = finish(
      traceGradients(architecture, 'ForConditionalGeneration', config, hooks, target),
    )
    return Object.values(derived).flatMap((one) => (one.kind === 'dropout' ? [one] : []))
  }
  const skipped = drawn(true).toSorted((a, b) => a.probability - b.probability)
  expect(skipped).toMatchObject([
    { dims: ['1'], probability: 0.05 },
    { dims: ['1'], probability: 0.25 },
  ])
  expect(drawn(false)).toEqual([])
})

test.each([
  [{ model_type: 'bart', activation_function: 'mish' }, 'activation_function = "mish"'],
  [{ model_type: 'bart', d_model: 100 }, 'encoder_attention_heads = 16; supported: a divisor of d_model'],
  [
    { model_type: 'mbart', decoder_attention_heads: 5 },
    'decoder_attention_heads = 5; supported: a divisor of d_model, which is 1024',
  ],
  [{ model_type: 'bart', tie_encoder_decoder: true }, 'tie_encoder_decoder = true; supported: false'],
  [
    { model_type: 'marian', d_model: 15, encoder_attention_heads: 5, decoder_attention_heads: 3 },
    'd_model = 15; supported: an even number',
  ],
  [
    { model_type: 'm2m_100', d_model: 15, encoder_attention_heads: 5, decoder_attention_heads: 3 },
    'd_model = 15; supported: an even number',
  ],
  [{ model_type: 'bart', pruned_heads: { 'decoder.12': [0] } }, 'names layer "decoder.12"'],
  [
    { model_type: 'bart', decoder_attention_heads: 8, pruned_heads: { 0: [15], 'cross.0': [8] } },
    'names head 8 of layer "cross.0"; its heads are 0 to 7',
  ],
])('%o is refused by name', async (json, message) => {
  await expect(configure(json)).rejects.toThrow(ConfigurationError)
  await expect(configure(json)).rejects.toThrow(message)
})
