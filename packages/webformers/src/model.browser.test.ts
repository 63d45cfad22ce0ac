import { describe, expect, test, vi } from 'vitest'
import recorded from '../fixtures/models.json'
import {
  AutoConfig,
  AutoModel,
  AutoModelForMultipleChoice,
  graph,
  type Nested,
  type Tensor,
  tensor,
  toList,
} from './index'
import { fixtures } from './testing/browser'
import { hubOf } from './testing/hub'

const options = { fetch: hubOf(fixtures), cache: false }
const { inputs, outputs: truth } = recorded['tiny/bert-base']

/** Every value of the recorded list, and no other. */
function expectClose({ shape, data }: Tensor<'float32'>, expected: Nested<number>) {
  const truth = tensor(expected)
  expect(shape).toEqual(truth.shape)
  const differences = Array.from(data, (value, i) => Math.abs(value - Number(truth.data[i])))
  expect(Math.max(...differences)).toBeLessThan(1e-4)
}

// A software adapter takes long to compile shaders.
describe.each(['wasm', 'webgpu'] as const)('%s', { timeout: 180_000 }, (device) => {
  test('gives what Python gave, hidden states and attention maps when asked', async () => {
    await using model = await AutoModel.fromPretrained('tiny/bert-base', { ...options, device })
    expect(model.device).toBe(device)
    const usual = await model(inputs)
    expect(Object.keys(usual)).toEqual(['last_hidden_state', 'pooler_output'])
    expectClose(usual.last_hidden_state, truth.last_hidden_state)
    expectClose(usual.pooler_output!, truth.pooler_output)

    const all = await model(inputs, { outputHiddenStates: true, outputAttentions: true })
    expectClose(all.last_hidden_state, truth.last_hidden_state)
    expect(all.hidden_states).toHaveLength(3)
    all.hidden_states.forEach((states, i) => {
      expectClose(states, truth.hidden_states[i]!)
    })
    expect(all.attentions).toHaveLength(2)
    all.attentions.forEach((maps, i) => {
      expectClose(maps, truth.attentions[i]!)
    })
  })

  test('multiple choice reads [batch, choices, sequence]', async () => {
    const { inputs, outputs } = recorded['tiny/bert-choice']
    await using model = await AutoModelForMultipleChoice.fromPretrained('tiny/bert-choice', {
      ...options,
      device,
    })
    const { logits } = await model(inputs)
    expectClose(logits, outputs.logits)
  })
})

describe('precision', () => {
  /** Cosine of the angle between what came and what Python computed in full precision. */
  const agreement = ({ data }: Tensor<'float32'>) => {
    const expected = tensor(truth.last_hidden_state).data as Float32Array
    const dot = data.reduce((sum, value, i) => sum + value * expected[i]!, 0)
    return dot / Math.hypot(...data) / Math.hypot(...expected)
  }

  test.each([
    ['fp16', 0.9999],
    ['int8', 0.99],
  ] as const)('%s agrees to a cosine of %f', async (dtype, least) => {
    await using model = await AutoModel.fromPretrained('tiny/bert-base', { ...options, dtype })
    expect([model.dtype, model.device]).toEqual([dtype, 'wasm'])
    const { last_hidden_state } = await model(inputs)
    expect(agreement(last_hidden_state)).toBeGreaterThan(least)
    expect(agreement(last_hidden_state)).not.toBe(1)
  })

  test('int8 is for WASM', async () => {
    const loading = AutoModel.fromPretrained('tiny/bert-base', {
      ...options,
      device: 'webgpu',
      dtype: 'int8',
    })
    await expect(loading).rejects.toThrow("dtype 'int8' runs on WASM only")
  })

  test('a GPU without half precision computes in full', { timeout: 180_000 }, async () => {
    const adapter = await navigator.gpu.requestAdapter()
    const able = adapter!.features.has('shader-f16')
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    await using model = await AutoModel.fromPretrained('tiny/bert-base', {
      ...options,
      device: 'webgpu',
      dtype: 'fp16',
    })
    expect(model.dtype).toBe(able ? 'fp16' : 'fp32')
    expect(warn).toHaveBeenCalledTimes(able ? 0 : 1)
    warn.mockRestore()
    expect(agreement((await model(inputs)).last_hidden_state)).toBeGreaterThan(0.9999)
  })

  test('a checkpoint in half precision stays in it, a small model and a software adapter mean WASM', async () => {
    const config = { dtype: 'float16' }
    await using half = await AutoModel.fromPretrained('tiny/bert-base', { ...options, config })
    expect([half.dtype, half.device]).toEqual(['fp16', 'wasm'])
    await using full = await AutoModel.fromPretrained('tiny/bert-base', options)
    expect([full.dtype, full.device]).toEqual(['fp32', 'wasm'])
  })
})

test('the configuration can ask for hidden states by itself', async () => {
  const config = { output_hidden_states: true }
  await using model = await AutoModel.fromPretrained('tiny/bert-base', { ...options, device: 'wasm', config })
  expect((await model(inputs)).hidden_states).toHaveLength(3)
  expect(await model(inputs, { outputHiddenStates: false })).not.toHaveProperty('hidden_states')
})

test('only the outputs asked for at load are given', async () => {
  const load = (...outputs: string[]) =>
    AutoModel.fromPretrained('tiny/bert-base', { ...options, device: 'wasm', outputs })
  await using model = await load('pooler_output')
  expect(Object.keys(await model(inputs))).toEqual(['pooler_output'])
  expect(Object.keys(await model(inputs, { outputAttentions: true }))).toEqual([
    'pooler_output',
    'attentions',
  ])
  await expect(load('logits')).rejects.toThrow(/gives no logits.*last_hidden_state/)
})

test('a checkpoint that has no pooler gives no pooled output, and says so', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  await using model = await AutoModel.fromPretrained('tiny/bert-fill-mask', { ...options, device: 'wasm' })
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('pooler_output is left out'))
  expect(Object.keys(await model({ input_ids: [[1, 2, 3]] }))).toEqual(['last_hidden_state'])
  warn.mockRestore()
})

test('a flat list is a batch of one; what is left out is as in Python', async () => {
  await using model = await AutoModel.fromPretrained('tiny/bert-base', { ...options, device: 'wasm' })
  const { last_hidden_state } = await model({ input_ids: inputs.input_ids[0]! })
  expectClose(last_hidden_state, [truth.last_hidden_state[0]!])
  const same = await model({ input_ids: tensor([inputs.input_ids[0]!], undefined, 'int64') })
  expectClose(same.last_hidden_state, [truth.last_hidden_state[0]!])
})

test('two models run side by side, and their calls at once', async () => {
  const load = () => AutoModel.fromPretrained('tiny/bert-base', { ...options, device: 'wasm' })
  const models = await Promise.all([load(), load()])
  const answers = await Promise.all(models.flatMap((model) => [model(inputs), model(inputs)]))
  for (const { last_hidden_state } of answers) expectClose(last_hidden_state, truth.last_hidden_state)
  await Promise.all(models.map((model) => model.dispose()))
})

test('a configuration has its architecture’s defaults', async () => {
  const config = await AutoConfig.fromPretrained('tiny/bert-stars', options)
  expect(config).toMatchObject({ model_type: 'bert', hidden_size: 32, hidden_act: 'gelu', num_labels: 5 })
  expect(config.id2label[4]).toBe('superb')
})

test('an architecture written in the page loads, answers and is listed', async () => {
  const { additiveMask, embedding, module } = graph
  // The words of a BERT checkpoint and nothing else of it.
  AutoModel.register('word-vectors', {
    base_model_prefix: 'bert',
    heads: {
      Model: (c) =>
        module({
          embeddings: { word_embeddings: embedding(Number(c.vocab_size), Number(c.hidden_size)) },
        }).forward((m, { input_ids }: Record<string, graph.Tensor>) => ({
          last_hidden_state: m.embeddings.word_embeddings(input_ids!),
        })),
    },
  })
  const config = { model_type: 'word-vectors' }
  await using model = await AutoModel.fromPretrained('tiny/bert-base', { ...options, device: 'wasm', config })
  const { last_hidden_state } = await model({ input_ids: [7, 7, 8] })
  const [first, second, third] = toList<number[][][]>(last_hidden_state)[0]!
  expect(first).toEqual(second)
  expect(first).not.toEqual(third)
  expect(last_hidden_state.shape).toEqual([1, 3, 32])
  expect(additiveMask).toBeTypeOf('function')

  expect(() =>
    AutoModel.register('bert', { heads: { Model: () => Object.assign(() => ({}), { children: {} }) } }),
  ).toThrow('model_type "bert" is known already')
  const unknown = AutoModel.fromPretrained('tiny/bert-base', { ...options, config: { model_type: 'bort' } })
  await expect(unknown).rejects.toThrow(/No architecture for model_type "bort".* word-vectors/)
})
