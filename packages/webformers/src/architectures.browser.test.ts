import { openCheckpoint } from '@webformers/hub'
import { describe, expect, test } from 'vitest'
import {
  AutoModel,
  AutoModelForCausalLM,
  AutoModelForImageClassification,
  AutoModelForSeq2SeqLM,
  AutoModelForSequenceClassification,
  AutoModelForTextEncoding,
  type Tensor,
  tensor,
} from './index'
import { type HubFiles, hubOf } from './testing/hub'

/** Models of every kind of input, recorded beside their architectures, as repositories `t5/base` and their like. */
const urls = import.meta.glob<string>('../../models/src/{bart,bert,gpt2,mbart,t5,vit}/fixture/*/*', {
  query: '?url',
  import: 'default',
  eager: true,
})
const files: HubFiles = Object.fromEntries(
  Object.entries(urls).map(([path, url]) => [
    path.replace('../../models/src/', '').replace('/fixture/', '/'),
    async () => (await fetch(url)).blob(),
  ]),
)
const options = { fetch: hubOf(files), cache: false, device: 'wasm' } as const

async function read(repository: string, name: 'inputs' | 'expected'): Promise<Record<string, Tensor>> {
  const file = `${name}.safetensors`
  const checkpoint = await openCheckpoint({ [file]: await files[`${repository}/${file}`]!() })
  const entries = [...checkpoint.entries].map(async ([key, { dtype, shape }]) => {
    const { buffer } = Uint8Array.from(await checkpoint.bytes(key))
    const data = dtype === 'I32' ? new Int32Array(buffer) : new Float32Array(buffer)
    return [key, tensor(Array.from(data), shape, dtype === 'I32' ? 'int32' : 'float32')] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

/** The outputs by the names they were recorded under, a number behind those of lists. */
const flat = (outputs: object): Record<string, Tensor<'float32'>> =>
  Object.fromEntries(
    Object.entries(outputs).flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((each, i) => [`${name}.${i}`, each]) : [[name, value]],
    ),
  )

function expectClose(outputs: object, expected: Record<string, Tensor>) {
  const given = flat(outputs)
  expect(Object.keys(given).toSorted()).toEqual(Object.keys(expected).toSorted())
  for (const [name, { shape, data }] of Object.entries(expected)) {
    expect(given[name]!.shape).toEqual(shape)
    const differences = Array.from(given[name]!.data, (value, i) => Math.abs(value - Number(data[i])))
    expect(Math.max(...differences), name).toBeLessThan(1e-4)
  }
}

const everything = { outputHiddenStates: true, outputAttentions: true }

test('GPT-2 says what comes next', async () => {
  await using model = await AutoModelForCausalLM.fromPretrained('gpt2/causal-lm', options)
  const outputs = await model(await read('gpt2/causal-lm', 'inputs'), everything)
  expectClose(outputs, await read('gpt2/causal-lm', 'expected'))
})

describe('T5', () => {
  const repository = 't5/conditional-generation'

  test('gives the lists of its encoder and its decoder', async () => {
    await using model = await AutoModelForSeq2SeqLM.fromPretrained(repository, options)
    const expected = await read(repository, 'expected')
    expectClose(await model(await read(repository, 'inputs'), everything), expected)
    const usual = await model(await read(repository, 'inputs'))
    const { logits, encoder_last_hidden_state } = expected
    expectClose(usual, { logits: logits!, encoder_last_hidden_state: encoder_last_hidden_state! })
  })

  test('without masks every token counts; a list is a batch of one', async () => {
    await using model = await AutoModelForSeq2SeqLM.fromPretrained(repository, options)
    const { input_ids, decoder_input_ids } = await read(repository, 'inputs')
    const { logits } = await read(repository, 'expected') // the first row has no padding
    const row = ({ data, shape }: Tensor) => Array.from(data, Number).slice(0, shape[1])
    const first = await model({ input_ids: row(input_ids!), decoder_input_ids: row(decoder_input_ids!) })
    expect(first.logits.shape).toEqual([1, ...logits!.shape.slice(1)])
    const truth = Array.from(logits!.data, Number).slice(0, first.logits.data.length)
    expect(Math.max(...truth.map((value, i) => Math.abs(value - first.logits.data[i]!)))).toBeLessThan(1e-4)
  })

  test('its encoder is a model of its own, and in another checkpoint the same', async () => {
    await using model = await AutoModelForTextEncoding.fromPretrained('t5/encoder', options)
    const inputs = await read('t5/encoder', 'inputs')
    expectClose(await model(inputs, everything), await read('t5/encoder', 'expected'))
    await using part = await AutoModelForTextEncoding.fromPretrained(repository, options)
    const { input_ids, attention_mask } = await read(repository, 'inputs')
    const outputs = await part({ input_ids: input_ids!, attention_mask: attention_mask! })
    const { encoder_last_hidden_state } = await read(repository, 'expected')
    expectClose(outputs, { last_hidden_state: encoder_last_hidden_state! })
  })

  test('a decoder that is given nothing is missed', async () => {
    await using model = await AutoModelForSeq2SeqLM.fromPretrained(repository, options)
    await expect(model({ input_ids: [7, 8] })).rejects.toThrow('Missing input decoder_input_ids')
  })
})

describe('BART and mBART', () => {
  const ids = [
    [17, 4, 9, 2, 8],
    [21, 30, 2, 8, 1],
  ]
  const masks = [
    [1, 1, 1, 1, 1],
    [1, 1, 1, 1, 0],
  ]

  // Python's shift_tokens_right puts decoder_start_token_id, here 3, or the text's last token before it.
  test.each([
    ['bart', [3, 3], [3, 3]],
    ['mbart', [8, 8], [2, 8]],
  ])('%s gives its text back where nothing else is asked for', async (type, starts, labelStarts) => {
    await using model = await AutoModelForSeq2SeqLM.fromPretrained(`${type}/conditional-generation`, options)
    const behind = ([first, second]: number[]) => [
      [first!, 17, 4, 9, 2],
      [second!, 21, 30, 2, 8],
    ]
    const inputs = { input_ids: ids, attention_mask: masks }
    const { logits } = await model(inputs)
    expect(logits).toEqual((await model({ ...inputs, decoder_input_ids: behind(starts) })).logits)
    expect(logits).not.toEqual((await model({ ...inputs, decoder_input_ids: ids })).logits)
    const labelled = await model(inputs, { labels: ids.map((row) => row.with(4, -100)) })
    expect(labelled.logits).toEqual(
      (await model({ ...inputs, decoder_input_ids: behind(labelStarts) })).logits,
    )
  })

  test('a decoder alone says what it is, and looks at an encoder that is told', async () => {
    const repository = 'bart/causal-lm-cross'
    await using model = await AutoModelForCausalLM.fromPretrained(repository, options)
    expect(model.config).toMatchObject({ is_decoder: true, is_encoder_decoder: false })
    const { encoder_attention_mask, ...inputs } = await read(repository, 'inputs')
    const expected = await read(repository, 'expected')
    expectClose(
      await model({ ...inputs, encoder_attention_mask: encoder_attention_mask! }, everything),
      expected,
    )
    const { logits } = await model(inputs)
    const every = tensor(new Array(3 * 7).fill(1), [3, 7], 'int32')
    expect(logits).toEqual((await model({ ...inputs, encoder_attention_mask: every })).logits)
  })

  test('a decoder alone takes its part of a whole model, and says so when it is saved', async () => {
    const [model, info] = await AutoModelForCausalLM.fromPretrained('bart/conditional-generation', {
      ...options,
      outputLoadingInfo: true,
    })
    expect(info.missing_keys).toEqual([])
    const { logits } = await model({ input_ids: ids })
    const files = await model.toFiles()
    await model.dispose()
    const config = JSON.parse(await files['config.json']!.text())
    expect(config).toMatchObject({ is_decoder: true, architectures: ['BartForCausalLM'] })
    await using again = await AutoModelForCausalLM.fromPretrained(files, options)
    expect((await again({ input_ids: ids })).logits).toEqual(logits)
  })
})

test('the encoder of a model that is one is the model', async () => {
  await using model = await AutoModelForTextEncoding.fromPretrained('bert/base', options)
  const outputs = await model(await read('bert/base', 'inputs'), everything)
  expectClose(outputs, await read('bert/base', 'expected'))
})

test('ViT labels images, and takes no others than of its size', async () => {
  await using model = await AutoModelForImageClassification.fromPretrained(
    'vit/image-classification',
    options,
  )
  const inputs = await read('vit/image-classification', 'inputs')
  expectClose(await model(inputs, everything), await read('vit/image-classification', 'expected'))
  const image = tensor(new Array(3 * 8 * 8).fill(0), [1, 3, 8, 8], 'float32')
  await expect(model({ pixel_values: image })).rejects.toThrow(
    'Input pixel_values must be of shape [batch, 3, 12, 12], got [1, 3, 8, 8]',
  )
})

test('without a padding token GPT-2 classifies one text at a time', async () => {
  await using model = await AutoModelForSequenceClassification.fromPretrained(
    'gpt2/sequence-classification',
    {
      ...options,
      config: { pad_token_id: null },
    },
  )
  const { input_ids } = await read('gpt2/sequence-classification', 'inputs')
  await expect(model({ input_ids: input_ids! })).rejects.toThrow('must be of shape [1, sequence]')
})

describe('precision', () => {
  /** Cosine of the angle between what came and what Python computed in full precision. */
  const agreement = ({ data }: Tensor<'float32'>, expected: Tensor) => {
    const truth = expected.data as Float32Array
    const dot = data.reduce((sum, value, i) => sum + value * truth[i]!, 0)
    return dot / Math.hypot(...data) / Math.hypot(...truth)
  }

  test.each([
    ['gpt2/base', 'fp16', 0.9999],
    ['gpt2/base', 'int8', 0.999],
    ['t5/base', 'fp16', 0.9999],
    ['t5/base', 'int8', 0.995],
    ['vit/base', 'fp16', 0.9999],
    ['vit/base', 'int8', 0.999],
  ] as const)('%s in %s agrees to a cosine of %f', async (repository, dtype, least) => {
    await using model = await AutoModel.fromPretrained(repository, { ...options, dtype })
    const { last_hidden_state } = await model(await read(repository, 'inputs'))
    const { last_hidden_state: truth } = await read(repository, 'expected')
    const cosine = agreement(last_hidden_state, truth!)
    expect(cosine).toBeGreaterThan(least)
    expect(cosine).not.toBe(1)
  })
})
