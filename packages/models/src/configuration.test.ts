import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ConfigurationError, findArchitecture, ownFolders } from './index'

const configure = async (json: Record<string, unknown>) =>
  (await findArchitecture(String(json.model_type ?? 'bert'))).config(json)

test.each(ownFolders)('%s fills in what Python fills in', async (model_type) => {
  const recorded = readFileSync(new URL(`./${model_type}/fixture/defaults.json`, import.meta.url), 'utf8')
  const { config } = await findArchitecture(model_type)
  expect(config({})).toMatchObject(JSON.parse(recorded))
})

test('labels come from id2label, then from num_labels, then there are two', async () => {
  const named = await configure({ id2label: { 0: 'NEGATIVE', 1: 'NEUTRAL', 2: 'POSITIVE' }, num_labels: 7 })
  expect(named.num_labels).toBe(3)
  expect(named.label2id).toEqual({ NEGATIVE: 0, NEUTRAL: 1, POSITIVE: 2 })
  expect((await configure({ num_labels: 3 })).id2label).toEqual({ 0: 'LABEL_0', 1: 'LABEL_1', 2: 'LABEL_2' })
  expect((await configure({ id2label: null })).num_labels).toBe(2)
})

test('DistilBERT answers to both names of its sizes, and reads both', async () => {
  const own = await configure({ model_type: 'distilbert', dim: 32, n_layers: 2, n_heads: 4 })
  const common = await configure({
    model_type: 'distilbert',
    hidden_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 4,
  })
  expect(common).toEqual(own)
  expect(own).toMatchObject({
    dim: 32,
    hidden_size: 32,
    n_layers: 2,
    num_hidden_layers: 2,
    num_attention_heads: 4,
  })
})

test('GPT-2 and T5 answer to the common names of their sizes too', async () => {
  const sizes = { hidden_size: 32, num_hidden_layers: 3, num_attention_heads: 4, max_position_embeddings: 50 }
  const gpt2 = await configure({ model_type: 'gpt2', ...sizes })
  expect(gpt2).toMatchObject({ ...sizes, n_embd: 32, n_layer: 3, n_head: 4, n_positions: 50 })
  const t5 = await configure({ model_type: 't5', d_model: 32, num_layers: 3, num_heads: 4, d_kv: 5 })
  expect(t5).toMatchObject({ hidden_size: 32, num_hidden_layers: 3, num_attention_heads: 4, head_dim: 5 })
})

test('T5 derives its decoder and its feed-forward layers', async () => {
  const t5 = (json: object) => configure({ model_type: 't5', ...json })
  expect(await t5({ num_layers: 4 })).toMatchObject({ num_decoder_layers: 4 })
  expect(await t5({ num_layers: 4, num_decoder_layers: 2 })).toMatchObject({ num_decoder_layers: 2 })
  const layers: [string, string, boolean][] = [
    ['relu', 'relu', false],
    ['gelu', 'gelu', false],
    ['gated-gelu', 'gelu_new', true],
    ['gated-silu', 'silu', true],
  ]
  for (const [feed_forward_proj, dense_act_fn, is_gated_act] of layers)
    expect(await t5({ feed_forward_proj })).toMatchObject({ dense_act_fn, is_gated_act })
})

test('an image has one size, or height and width', async () => {
  const vit = (json: object) => configure({ model_type: 'vit', ...json })
  expect(await vit({ image_size: 384 })).toMatchObject({ image_size: 384, patch_size: 16 })
  expect(await vit({ image_size: [224, 112] })).toMatchObject({ image_size: [224, 112] })
  expect(await vit({ hidden_size: 96 })).toMatchObject({ pooler_output_size: 96 })
})

test('keys nobody here knows are kept, for those who do', async () => {
  expect(await configure({ finetuning_task: 'sst-2' })).toMatchObject({ finetuning_task: 'sst-2' })
})

test.each([
  [
    { position_embedding_type: 'relative_key' },
    'position_embedding_type = "relative_key"; supported: "absolute"',
  ],
  [{ is_decoder: true }, 'is_decoder = true; supported: false'],
  [{ hidden_act: 'gelu_10' }, 'hidden_act = "gelu_10"; supported: "gelu" or'],
  [{ hidden_size: '768' }, 'hidden_size = "768"; supported: a number such as 768'],
  [{ problem_type: 'ranking' }, 'problem_type = "ranking"; supported: "regression" or'],
  [
    { num_attention_heads: 10 },
    'num_attention_heads = 10; supported: a divisor of hidden_size, which is 768',
  ],
  [
    { model_type: 'mpnet', relative_attention_num_buckets: 64 },
    'relative_attention_num_buckets = 64; supported: 32',
  ],
  [{ model_type: 'electra', summary_type: 'attn' }, 'summary_type = "attn"; supported: "first" or'],
  [{ model_type: 'gpt2', n_head: 5 }, 'n_head = 5; supported: a divisor of n_embd, which is 768'],
  [{ model_type: 't5', feed_forward_proj: 'gated-mish' }, 'dense_act_fn = "mish"; supported: "gelu" or'],
  [{ model_type: 't5', feed_forward_proj: 'half-relu' }, 'dense_act_fn = "half-relu"; supported: "gelu" or'],
  [
    { model_type: 'vit', image_size: '224' },
    'image_size = "224"; supported: a number such as 224, or height',
  ],
  [{ model_type: 'vit', patch_size: [16, 16, 3] }, 'patch_size = [16,16,3]; supported: a number such as 16'],
  [{ model_type: 'distilbert', activation: 'mish' }, 'activation = "mish"; supported: "gelu" or'],
])('%o is refused by name', async (json, message) => {
  const { config } = await findArchitecture('model_type' in json ? json.model_type : 'bert')
  expect(() => config(json)).toThrow(ConfigurationError)
  expect(() => config(json)).toThrow(message)
})
