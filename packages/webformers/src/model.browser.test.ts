import { describe, expect, test } from 'vitest'
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

describe.each(['wasm', 'webgpu'] as const)('%s', (device) => {
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

test('the configuration can ask for hidden states by itself', async () => {
  const config = { output_hidden_states: true }
  await using model = await AutoModel.fromPretrained('tiny/bert-base', { ...options, device: 'wasm', config })
  expect((await model(inputs)).hidden_states).toHaveLength(3)
  expect(await model(inputs, { outputHiddenStates: false })).not.toHaveProperty('hidden_states')
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
