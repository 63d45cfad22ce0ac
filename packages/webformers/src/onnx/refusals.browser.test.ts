import { describe, expect, test } from 'vitest'
import {
  AutoModel,
  AutoModelForCausalLM,
  AutoModelForSeq2SeqLM,
  AutoModelForSequenceClassification,
  CorruptCheckpointError,
  ExecutionError,
  FileNotFoundError,
  FrozenModelError,
  IndexOutOfRangeError,
  InputError,
  type LoadOptions,
  OptionError,
  TruncatedFileError,
  WebformersError,
} from '../index'
import { changedIn, expectWorkersToEnd, replacing } from '../testing/bad-input'
import { fixtures } from '../testing/browser'
import { exportedFixtures, exportedTruth } from '../testing/exported'
import { type HubFiles, hubOf } from '../testing/hub'

const stars = 'exported/bert-stars'
const graph = `${stars}/onnx/model.onnx`
const { inputs } = exportedTruth['bert-stars']

const optionsFor = (files: HubFiles = exportedFixtures): LoadOptions => ({
  fetch: hubOf(files),
  cache: false,
  device: 'wasm',
  dtype: 'fp32',
})
const load = (files?: HubFiles, options: LoadOptions = {}) =>
  AutoModelForSequenceClassification.fromPretrained(stars, { ...optionsFor(files), ...options })

const without = (...paths: string[]): HubFiles =>
  Object.fromEntries(Object.entries(exportedFixtures).filter(([path]) => !paths.includes(path)))

expectWorkersToEnd()

describe('a load that fails says why and ends its worker:', () => {
  test.each<
    [what: string, load: () => Promise<unknown>, error: new (...given: never[]) => Error, message: RegExp]
  >([
    [
      'no file of that precision',
      () => load(undefined, { dtype: 'q4' }),
      FileNotFoundError,
      /no exported model of dtype 'q4'. It has onnx\/model\.onnx \(dtype: 'fp32'\), onnx\/model_fp16.*'fp16'.*'q8'/,
    ],
    [
      'a graph cut short',
      () => load(changedIn(exportedFixtures, graph, (bytes) => bytes.slice(0, -100))),
      TruncatedFileError,
      /"model\.onnx" ends after/,
    ],
    [
      'no graph but a web page',
      () => load(changedIn(exportedFixtures, graph, () => new TextEncoder().encode('<!doctype html>'))),
      WebformersError,
      /model\.onnx/,
    ],
    [
      'an empty file',
      () => load(changedIn(exportedFixtures, graph, () => new Uint8Array())),
      CorruptCheckpointError,
      /"model\.onnx" is no ONNX file/,
    ],
    [
      'an operator that onnxruntime has not',
      () => load(changedIn(exportedFixtures, graph, replacing('Softmax', 'Hardmux'))),
      ExecutionError,
      /onnxruntime could not go on.*Hardmux/s,
    ],
    [
      'weights that are said to lie beside it and do not',
      () =>
        AutoModel.fromPretrained(
          'exported/bert-words',
          optionsFor(without('exported/bert-words/onnx/model.onnx_data_1')),
        ),
      FileNotFoundError,
      /onnx\/model\.onnx_data_1/,
    ],
    [
      'weights that nobody said lie beside it',
      () =>
        AutoModel.fromPretrained('exported/bert-words', {
          ...optionsFor(without('exported/bert-words/onnx/model.onnx_data_1')),
          config: { 'transformers.js_config': {} },
        }),
      ExecutionError,
      /The weights of "model\.onnx" lie in model\.onnx_data_1, which is not there\. Beside it there is model\.onnx_data\./,
    ],
    [
      'weights cut short',
      () =>
        AutoModel.fromPretrained(
          'exported/bert-words',
          optionsFor(
            changedIn(exportedFixtures, 'exported/bert-words/onnx/model.onnx_data', (bytes) =>
              bytes.slice(0, 50),
            ),
          ),
        ),
      ExecutionError,
      /model\.onnx_data|could not/,
    ],
    [
      'a class of another head',
      () => AutoModel.fromPretrained(stars, optionsFor()),
      FrozenModelError,
      /onnx\/model\.onnx gives no last_hidden_state; it gives logits\. .*load the original weights/,
    ],
    [
      'outputs that it lacks',
      () => load(undefined, { outputs: ['pooler_output'] }),
      FrozenModelError,
      /gives no pooler_output; it gives logits/,
    ],
    [
      '8 bits on a GPU',
      () => load(undefined, { device: 'webgpu', dtype: 'q8' }),
      OptionError,
      /dtype 'q8' runs on WASM only/,
    ],
    [
      'graphs, where original weights are loaded',
      () =>
        AutoModelForSequenceClassification.fromPretrained('tiny/bert-stars', {
          ...optionsFor(fixtures),
          dtype: 'bnb4',
        }),
      OptionError,
      /"bnb4" names exported files.*fromOnnx: true/,
    ],
  ])('%s', async (_, loading, error, message) => {
    const failed = await loading().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(failed).toBeInstanceOf(error)
    expect((failed as Error).message).toMatch(message)
  })
})

test('what a frozen graph can not give is refused with the reason, and the next call is answered', async () => {
  await using model = await load()
  const states = model(inputs, { outputHiddenStates: true })
  await expect(states).rejects.toThrow(FrozenModelError)
  await expect(states).rejects.toThrow(
    'outputHiddenStates was asked for, but onnx/model.onnx was exported without hidden_states',
  )
  await expect(model(inputs, { outputAttentions: true })).rejects.toThrow(
    /outputAttentions.*original weights/,
  )
  for (const saving of [
    model.savePretrained('mine.zip'),
    model.toFiles(),
    model.pushToHub('me/mine'),
    model.toOnnx(),
  ])
    await expect(saving).rejects.toThrow(FrozenModelError)
  await expect(model({ input_ids: [2, 420] })).rejects.toThrow(IndexOutOfRangeError)
  await expect(model({ input_ids: [2, 420] })).rejects.toThrow('input_ids[0, 1] is 420')
  await expect(model({ ...inputs, input_idz: [1] })).rejects.toThrow(
    'Unknown input input_idz. This exported graph takes input_ids, attention_mask, token_type_ids.',
  )
  await expect(model({ attention_mask: [1, 1] })).rejects.toThrow(InputError)
  await expect(model({ attention_mask: [1, 1] })).rejects.toThrow(/wants input_ids/)
  await expect(model({ input_ids: [2], past_key_values: [] })).resolves.toBeDefined()
  await expect(model({ input_ids: [2], past_key_values: [[]] })).rejects.toThrow('exported without a cache')
  expect((await model(inputs)).logits.shape).toEqual([2, 5])
})

test('an input that nobody can fill is named', async () => {
  await using model = await load(
    changedIn(exportedFixtures, graph, replacing('token_type_ids', 'visual_embeds_')),
  )
  await expect(model(inputs)).rejects.toThrow(
    'wants visual_embeds_ (int64, [batch_size, sequence_length]), which was not given and has no default. Got input_ids, attention_mask.',
  )
  const { logits } = await model({
    ...inputs,
    token_type_ids: undefined,
    visual_embeds_: inputs.token_type_ids,
  } as never)
  expect(logits.shape).toEqual([2, 5]) // by its name it can be given all the same
})

test('an architecture that nobody has written here is no hindrance, nor is a configuration of another', async () => {
  for (const config of [
    { model_type: 'tree' },
    { model_type: undefined },
    { model_type: 'bert', hidden_act: 'mish' },
  ]) {
    await using model = await load(undefined, { config })
    const { logits } = await model(inputs)
    expect(logits.data[0]).toBeCloseTo(exportedTruth['bert-stars'].outputs.logits[0]![0]!, 4)
    expect(model.config.id2label[4]).toBe('superb')
  }
})

test('the cache of another model is refused', async () => {
  await using decoder = await AutoModelForCausalLM.fromPretrained('exported/llama', optionsFor())
  await using pair = await AutoModelForSeq2SeqLM.fromPretrained('exported/t5', optionsFor())
  const { past_key_values } = await decoder({ input_ids: [1, 17] })
  await expect(pair({ ...exportedTruth.t5.inputs, past_key_values })).rejects.toThrow(
    /layers of \[2, 2\] tensors, but onnx\/encoder_model\.onnx.* keeps \[4\]/,
  )
  await expect(pair({ input_ids: [17, 5, 1] })).rejects.toThrow('Missing input decoder_input_ids')
})

test('original weights come first, unless graphs are asked for', async () => {
  const original = Object.entries(fixtures).filter(([path]) => path.startsWith('tiny/bert-stars/'))
  const both: HubFiles = {
    ...Object.fromEntries(original),
    'tiny/bert-stars/onnx/model.onnx': exportedFixtures[graph]!,
  }
  const options = { fetch: hubOf(both), cache: false, device: 'wasm' } as const
  const first = async (more: LoadOptions) => {
    await using model = await AutoModelForSequenceClassification.fromPretrained('tiny/bert-stars', {
      ...options,
      ...more,
    })
    return (await model(inputs)).logits.data[0]!
  }
  const exported = exportedTruth['bert-stars'].outputs.logits[0]![0]!
  expect(await first({ fromOnnx: true })).toBeCloseTo(exported, 4)
  expect(await first({ modelFileName: 'model' })).toBeCloseTo(exported, 4)
  expect(Math.abs((await first({})) - exported)).toBeGreaterThan(0.1)
})
