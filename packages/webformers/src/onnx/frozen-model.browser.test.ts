import { describe, expect, test } from 'vitest'
import {
  AutoModel,
  AutoModelForCausalLM,
  AutoModelForMaskedLM,
  AutoModelForQuestionAnswering,
  AutoModelForSeq2SeqLM,
  AutoModelForSequenceClassification,
  AutoModelForTokenClassification,
  type LoadOptions,
  type Nested,
  type PastKeyValues,
  type Tensor,
  tensor,
} from '../index'
import { exportedFixtures, exportedTruth } from '../testing/exported'
import { type HubFiles, hubOf } from '../testing/hub'

const truth = exportedTruth
const hub = { fetch: hubOf(exportedFixtures), cache: false }
const without = (...parts: string[]): HubFiles =>
  Object.fromEntries(
    Object.entries(exportedFixtures).filter(([path]) => !parts.some((part) => path.endsWith(part))),
  )

/** The greatest difference from every value of the recorded list. */
function distance({ shape, data }: Tensor, expected: Nested<number>): number {
  const wanted = tensor(expected)
  expect(shape).toEqual(wanted.shape)
  return Math.max(...Array.from(data, (value, i) => Math.abs(Number(value) - Number(wanted.data[i]))))
}
const expectClose = (made: Tensor, expected: Nested<number>, tolerance = 1e-4) =>
  expect(distance(made, expected)).toBeLessThan(tolerance)

const expectCache = (made: PastKeyValues, expected: Nested<number>[][]) => {
  expect(made.map(({ length }) => length)).toEqual(expected.map(({ length }) => length))
  for (const [i, layer] of made.entries())
    for (const [j, part] of layer.entries()) expectClose(part, expected[i]![j]!)
}

/** The likeliest token after the last one of the first row. */
function next({ shape, data }: Tensor): number {
  const [, sequence = 1, vocabulary = 1] = shape
  const last = Array.from((data as Float32Array).subarray((sequence - 1) * vocabulary, sequence * vocabulary))
  return last.indexOf(Math.max(...last))
}

describe.each(['wasm', 'webgpu'] as const)('%s', { timeout: 180_000 }, (device) => {
  const options: LoadOptions = { ...hub, device, dtype: 'fp32' }

  test('a classifier', async () => {
    const { inputs, outputs, 'without types': bare } = truth['bert-stars']
    await using model = await AutoModelForSequenceClassification.fromPretrained(
      'exported/bert-stars',
      options,
    )
    expect([model.device, model.dtype, model.config.num_labels]).toEqual([device, 'fp32', 5])
    const made = await model(inputs)
    expect(Object.keys(made)).toEqual(['logits'])
    expectClose(made.logits, outputs.logits)
    // a flat list is a batch of one; the mask and the types that are left out are Python's
    expectClose((await model({ input_ids: inputs.input_ids[0]! })).logits, bare.logits)
  })

  test('a masked language model whose weights lie in two files beside the graph', async () => {
    const { inputs, outputs } = truth['bert-words']
    await using model = await AutoModelForMaskedLM.fromPretrained('exported/bert-words', options)
    const { logits } = await model(inputs)
    const first = logits.data.slice(0, 3 * 420) as Float32Array
    expectClose({ dtype: 'float32', shape: [3, 420], data: first }, outputs.logits[0]!)
  })

  test('answers, from two outputs', async () => {
    const { inputs, outputs } = truth['bert-answers']
    await using model = await AutoModelForQuestionAnswering.fromPretrained('exported/bert-answers', options)
    const made = await model(inputs)
    expectClose(made.start_logits, outputs.start_logits)
    expectClose(made.end_logits, outputs.end_logits)
  })

  test('beside config.json, as Optimum writes; hidden states and attention maps that the graph has', async () => {
    const { inputs, outputs } = truth['bert-entities']
    await using model = await AutoModelForTokenClassification.fromPretrained(
      'exported/bert-entities',
      options,
    )
    expect(Object.keys(await model(inputs))).toEqual(['logits'])
    const made = await model(inputs, { outputHiddenStates: true, outputAttentions: true })
    expectClose(made.logits, outputs.logits)
    expect([made.hidden_states.length, made.attentions.length]).toEqual([2, 1])
    made.hidden_states.forEach((states, i) => {
      expectClose(states, outputs.hidden_states[i]!)
    })
    expectClose(made.attentions[0]!, outputs.attentions[0]!)
  })

  test('sentence embeddings; token types that the graph does not take are left out', async () => {
    const { inputs, outputs } = truth['bert-sentences']
    await using model = await AutoModel.fromPretrained('exported/bert-sentences', options)
    const made = await model({ ...inputs, token_type_ids: inputs.input_ids.map((row) => row.map(() => 0)) })
    expectClose(made.last_hidden_state, outputs.token_embeddings)
    expectClose((made as unknown as Record<string, Tensor>).sentence_embedding!, outputs.sentence_embedding)
  })

  test('a decoder goes on from the cache it gave', async () => {
    const { inputs, outputs, next: later, masked, generated } = truth.llama
    await using model = await AutoModelForCausalLM.fromPretrained('exported/llama', options)
    const first = await model(inputs)
    expectClose(first.logits, outputs.logits)
    expectCache(first.past_key_values!, outputs.past_key_values)
    const second = await model({ input_ids: later.input_ids, past_key_values: first.past_key_values })
    expectClose(second.logits, later.logits)
    expect(second.past_key_values![1]![0]!.shape).toEqual([2, 2, 5, 4])

    const { logits } = await model({ ...inputs, attention_mask: masked.attention_mask })
    const tail = (logits.data as Float32Array).slice((4 + 2) * 60)
    expectClose({ dtype: 'float32', shape: [2, 60], data: tail }, masked.logits)

    const ids = [inputs.input_ids[0]!.slice()]
    let step = await model({ input_ids: ids })
    while (ids[0]!.length < generated[0]!.length) {
      ids[0]!.push(next(step.logits))
      step = await model({ input_ids: [[ids[0]!.at(-1)!]], past_key_values: step.past_key_values })
    }
    expect(ids).toEqual(generated)
  })

  test.each([
    ['merged', hub.fetch],
    ['in two halves', hubOf(without('decoder_model_merged.onnx'))],
  ])('an encoder with its decoder, %s', async (_, fetch) => {
    const { inputs, outputs, next: later, generated } = truth.t5
    await using model = await AutoModelForSeq2SeqLM.fromPretrained('exported/t5', { ...options, fetch })
    const first = await model(inputs)
    expect(Object.keys(first).sort()).toEqual(['encoder_last_hidden_state', 'logits', 'past_key_values'])
    expectClose(first.logits, outputs.logits)
    expectClose(first.encoder_last_hidden_state, outputs.encoder_last_hidden_state)
    expectCache(first.past_key_values!, outputs.past_key_values)

    const encoded = {
      attention_mask: inputs.attention_mask,
      encoder_outputs: { last_hidden_state: first.encoder_last_hidden_state },
    }
    const second = await model({
      ...encoded,
      ...later,
      logits: undefined,
      past_key_values: first.past_key_values,
    } as never)
    expectClose(second.logits, later.logits)
    expect(second.past_key_values![0]!.map(({ shape }) => shape[2])).toEqual([4, 4, 5, 5])

    const rows: number[][] = [[0], [0]]
    let past: PastKeyValues | undefined
    while (rows[0]!.length < generated[0]!.length) {
      const step = await model({
        ...encoded,
        decoder_input_ids: rows.map((row) => [row.at(-1)!]),
        past_key_values: past,
      })
      past = step.past_key_values
      const { data } = step.logits
      rows.forEach((row, i) => {
        const own = data.slice(i * 60, (i + 1) * 60) as Float32Array
        row.push(next({ dtype: 'float32', shape: [1, 1, 60], data: own }))
      })
    }
    expect(rows).toEqual(generated)
  })
})
