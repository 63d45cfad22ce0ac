import { describe, expect, test, vi } from 'vitest'
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
  toList,
  WorkerDiedError,
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
  return Math.max(...Array.from(data as Float32Array, (value, i) => Math.abs(value - Number(wanted.data[i]))))
}
const expectClose = (made: Tensor, expected: Nested<number>, tolerance = 1e-4) =>
  expect(distance(made, expected)).toBeLessThan(tolerance)

const expectCache = (made: PastKeyValues, expected: Nested<number>[][], tolerance = 1e-4) => {
  expect(made.map(({ length }) => length)).toEqual(expected.map(({ length }) => length))
  for (const [i, layer] of made.entries())
    for (const [j, part] of layer.entries()) expectClose(part, expected[i]![j]!, tolerance)
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

  test('a decoder goes on from the cache it gave', async () => {
    const { inputs, outputs, next: later, masked, generated } = truth.llama
    await using model = await AutoModelForCausalLM.fromPretrained('exported/llama', options)
    // The exporter left the cosines of rotary positions in the graph, and no GPU promises more than 2⁻¹¹ of them.
    const tolerance = device === 'webgpu' ? 2e-3 : 1e-4
    const first = await model(inputs)
    expectClose(first.logits, outputs.logits, tolerance)
    expectCache(first.past_key_values!, outputs.past_key_values, tolerance)
    const second = await model({ input_ids: later.input_ids, past_key_values: first.past_key_values })
    expectClose(second.logits, later.logits, tolerance)
    expect(second.past_key_values![1]![0]!.shape).toEqual([2, 2, 5, 4])

    const { logits } = await model({ ...inputs, attention_mask: masked.attention_mask })
    const tail = (logits.data as Float32Array).slice((4 + 2) * 60)
    expectClose({ dtype: 'float32', shape: [2, 60], data: tail }, masked.logits, tolerance)

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

describe('other heads', () => {
  const options: LoadOptions = { ...hub, device: 'wasm', dtype: 'fp32' }

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
})

describe('precision', () => {
  const load = (dtype: LoadOptions['dtype'], more: LoadOptions = {}) =>
    AutoModelForSequenceClassification.fromPretrained('exported/bert-stars', {
      ...hub,
      device: 'wasm',
      dtype,
      ...more,
    })
  const { inputs, outputs, quantized } = truth['bert-stars']

  test('8 bits agree with what onnxruntime computes in Python', async () => {
    await using model = await load('q8')
    expect(model.dtype).toBe('q8')
    const { logits } = await model(inputs)
    expectClose(logits, quantized.logits, 1e-4)
    expect(distance(logits, outputs.logits)).toBeGreaterThan(1e-3) // the full precision is another
  })

  test('8 bits are what WASM takes by itself, as in transformers.js', async () => {
    await using model = await load('auto')
    expect([model.dtype, model.device]).toEqual(['q8', 'wasm'])
    expectClose((await model(inputs)).logits, quantized.logits, 1e-4)
  })

  test('half precision comes out in single, and a cache in half goes in again', async () => {
    await using model = await load('fp16')
    const { logits } = await model(inputs)
    expect(logits.dtype).toBe('float32')
    expectClose(logits, outputs.logits, 1e-2)

    const { llama } = truth
    await using decoder = await AutoModelForCausalLM.fromPretrained('exported/llama', {
      ...hub,
      device: 'wasm',
      dtype: 'fp16',
    })
    const first = await decoder(llama.inputs)
    expectClose(first.logits, llama.outputs.logits, 5e-2)
    expect(first.past_key_values![0]!.map(({ dtype }) => dtype)).toEqual(['float16', 'float16'])
    const { past_key_values } = first
    const second = await decoder({ input_ids: llama.next.input_ids, past_key_values })
    expectClose(second.logits, llama.next.logits, 5e-2)
    // single precision is taken too
    const single = past_key_values!.map((layer) =>
      layer.map((part) => tensor(toList<number[]>(part), undefined, 'float32')),
    )
    expectClose(
      (await decoder({ input_ids: llama.next.input_ids, past_key_values: single })).logits,
      toList(second.logits),
    )
  })

  test('half precision wants a GPU that computes in it', async () => {
    const adapter = await navigator.gpu.requestAdapter()
    const loading = load('fp16', { device: 'webgpu' })
    if (adapter!.features.has('shader-f16')) {
      await using model = await loading
      expectClose((await model(inputs)).logits, outputs.logits, 1e-2)
    } else
      await expect(loading).rejects.toThrow(
        /model_fp16\.onnx computes in half precision, which this GPU does not/,
      )
  })
})

test('only the outputs asked for at load are given; a cache is not, where the configuration says so', async () => {
  const options: LoadOptions = { ...hub, device: 'wasm', dtype: 'fp32' }
  const load = (more: LoadOptions) =>
    AutoModelForCausalLM.fromPretrained('exported/llama', { ...options, ...more })
  await using few = await load({ outputs: ['logits'] })
  expect(Object.keys(await few({ input_ids: [1, 17] }))).toEqual(['logits'])
  await using bare = await load({ config: { use_cache: false } })
  expect(Object.keys(await bare({ input_ids: [1, 17] }))).toEqual(['logits'])
})

test('a worker that was lost starts again with the graph', async () => {
  const workers: Worker[] = []
  const Real = globalThis.Worker
  vi.stubGlobal(
    'Worker',
    class extends Real {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options)
        workers.push(this)
      }
    },
  )
  const { inputs, outputs } = truth['bert-stars']
  await using model = await AutoModelForSequenceClassification.fromPretrained('exported/bert-stars', {
    ...hub,
    device: 'wasm',
    dtype: 'fp32',
  })
  workers[0]!.terminate()
  await expect(model(inputs)).rejects.toThrow(WorkerDiedError)
  expectClose((await model(inputs)).logits, outputs.logits)
  expect(workers).toHaveLength(2)
  vi.unstubAllGlobals()
})
