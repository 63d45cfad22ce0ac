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
const urls = import.meta.glob<string>('../../models/src/{bert,gpt2,t5,vit}/fixture/*/*', {
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
