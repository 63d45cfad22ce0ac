import { describe, expect, test } from 'vitest'
import truth from '../fixtures/surgery.json'
import { ConfigurationError, OptionError, TensorShapeError, UnknownPathError } from './all-errors'
import { AutoModelForMaskedLM } from './auto'
import { AutoTokenizer } from './index'
import { type Tensor, tensor } from './tensor'
import { fixtures } from './testing/browser'
import { hubOf } from './testing/hub'
import { type Digest, difference, openRecorded, readRecorded } from './testing/recorded-models'

const TOLERANCE = 1e-4
type Digests = Record<string, Digest>

/** The ids that are left of a vocabulary that lost its last five. */
async function smallInputs(name: string, vocabulary: number): Promise<Record<string, Tensor>> {
  const inputs = await readRecorded(name, 'inputs.safetensors')
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => {
      if (!key.endsWith('input_ids')) return [key, value]
      const ids = Int32Array.from(Array.from(value.data, Number), (id) => Math.min(id, vocabulary - 5))
      return [key, { dtype: 'int32', shape: value.shape, data: ids }]
    }),
  )
}

function expectDigests(found: object, expected: Digests) {
  const compared = Object.entries(found).filter(([name]) => name in expected)
  expect(compared).not.toEqual([])
  for (const [name, value] of compared)
    expect(difference(value as Tensor, expected[name]!), name).toBeLessThan(TOLERANCE)
}

describe('pruned', () => {
  const names = ['bert/masked-lm', 'gpt2/causal-lm', 'vit/base'] as const
  test.each(names)('%s gives what Python gives, and is smaller', async (name) => {
    await using model = await openRecorded(name)
    const { steps, outputs } = truth.pruned[name]
    const inputs = await readRecorded(name, 'inputs.safetensors')
    const before = model.numParameters()
    await model(inputs)
    for (const heads of steps) await model.pruneHeads(heads as Record<string, number[]>)
    expect(model.numParameters()).toBeLessThan(before)
    expectDigests(await model(inputs), outputs as unknown as Digests)
  })
})

describe('resized', () => {
  const changes = [
    ['bert/masked-lm', '5'],
    ['bert/masked-lm-untied', '3'],
    ['roberta/masked-lm-untied', '5'],
    ['albert/masked-lm', '5'],
    ['electra/masked-lm', '3'],
    ['gpt2/causal-lm-untied', '5'],
    ['llama/causal-lm-tied', '5'],
    ['t5/conditional-generation', '-4'],
    ['bart/conditional-generation', '5'],
    ['bart/conditional-generation', '-4'],
    ['mbart/conditional-generation', '5'],
    ['m2m_100/conditional-generation', '3'],
    ['marian/conditional-generation', '5'],
    ['marian/conditional-generation', '-4'],
    ['mt5/conditional-generation', '3'],
    ['umt5/conditional-generation', '-4'],
    ['gpt_neox/causal-lm', '5'],
    ['smollm3/causal-lm', '5'],
  ] as const
  test.each(changes)('%s by %s tokens', async (name, change) => {
    await using model = await openRecorded(name)
    const inputs = await smallInputs(name, Number(model.config.vocab_size))
    const { count, vocab_size, parameters, outputs, options } = (
      truth.resized[name] as Record<string, (typeof truth.resized)['bert/masked-lm']['5']>
    )[change]!
    const padToMultipleOf = (options as { pad_to_multiple_of?: number }).pad_to_multiple_of
    const { weight } = await model.resizeTokenEmbeddings(count, { padToMultipleOf })
    expect([weight.shape[0], model.config.vocab_size]).toEqual([vocab_size, vocab_size])
    for (const [each, digest] of Object.entries(parameters as unknown as Digests))
      expect(difference(await model.getParameter(each), digest), each).toBeLessThan(TOLERANCE)
    expectDigests(await model(inputs), outputs as unknown as Digests)
  })

  test('new rows are drawn about the mean, others each time, or as those of a new model', async () => {
    await using model = await openRecorded('bert/masked-lm')
    const name = 'bert.embeddings.word_embeddings.weight'
    const { data: old, shape } = await model.getParameter(name)
    const [rows, width] = shape as [number, number]
    await model.resizeTokenEmbeddings(rows + 2)
    const { data } = await model.getParameter(name)
    expect(data.slice(0, old.length)).toEqual(old)
    const [a, b] = [data.slice(rows * width, (rows + 1) * width), data.slice((rows + 1) * width)]
    expect(a).not.toEqual(b)
    const deviations = Array.from({ length: width }, (_, i) => {
      const column = Array.from({ length: rows }, (_, row) => old[row * width + i]!)
      const mean = column.reduce((sum, x) => sum + x) / rows
      return (
        Math.abs(a[i]! - mean) /
        Math.sqrt(1e-9 * (column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / rows))
      )
    })
    expect(Math.max(...deviations)).toBeLessThan(5)
    expect(Math.max(...deviations)).toBeGreaterThan(0.2)
    await model.resizeTokenEmbeddings(rows + 200, { meanResizing: false })
    const drawn = (await model.getParameter(name)).data.slice((rows + 2) * width)
    expect(Math.hypot(...drawn) / Math.sqrt(drawn.length)).toBeCloseTo(
      Number(model.config.initializer_range),
      2,
    )
    await expect(model.resizeTokenEmbeddings(0)).rejects.toThrow(OptionError)
    expect((await model.resizeTokenEmbeddings()).weight.shape).toEqual([rows + 200, width])
  })

  test('a tokenizer that has learnt a token, and the model with it', async () => {
    const options = { fetch: hubOf(fixtures), cache: false }
    const tokenizer = await AutoTokenizer.fromPretrained('tiny/bert-fill-mask', options)
    await using model = await AutoModelForMaskedLM.fromPretrained('tiny/bert-fill-mask', {
      ...options,
      device: 'wasm',
    })
    tokenizer.addTokens(['<city>'])
    await model.resizeTokenEmbeddings(tokenizer.length)
    const inputs = tokenizer('I live in <city>')
    const { logits } = await model(inputs)
    expect(logits.shape.at(-1)).toBe(tokenizer.length)
    await using again = await AutoModelForMaskedLM.fromPretrained(await model.toFiles(), { device: 'wasm' })
    expect((await again(inputs)).logits).toEqual(logits)
  })
})

describe('parameters', () => {
  const open = (dtype: 'fp32' | 'int8' = 'fp32') => openRecorded('bert/masked-lm', { device: 'wasm', dtype })
  const inputs = () => readRecorded('bert/masked-lm', 'inputs.safetensors')
  const logitsOf = async (of: Awaited<ReturnType<typeof open>>) =>
    ((await of(await inputs())) as unknown as { logits: Tensor<'float32'> }).logits

  test('are the checkpoint’s, and a tied one is one under all its names', async () => {
    await using model = await open()
    const stored = await readRecorded('bert/masked-lm', 'model.safetensors')
    const state = await model.stateDict()
    for (const [name, value] of Object.entries(stored)) expect(state[name], name).toEqual(value)
    expect(state['cls.predictions.decoder.weight']).toBe(state['bert.embeddings.word_embeddings.weight'])
    expect(model.getOutputEmbeddings()).toMatchObject({ path: 'cls.predictions.decoder' })

    const { weight } = model.getInputEmbeddings()
    const value = await weight.value()
    const halved = tensor(
      value.data.map((x) => x / 2),
      value.shape,
      'float32',
    )
    await model.setParameter('cls.predictions.decoder.weight', halved)
    expect(await model.getParameter('embeddings.word_embeddings.weight')).toEqual(halved)
    await model.setInputEmbeddings(value)
    await using other = await open()
    expect(await logitsOf(model)).toEqual(await logitsOf(other))
  })

  test('calls under way end with what the model was; what comes after has the new values', async () => {
    await using model = await open()
    const before = await logitsOf(model)
    const given = await inputs()
    const running = model(given)
    const setting = model.setParameter('cls.predictions.bias', tensor(new Float32Array(60).fill(100)))
    expect((await running) as unknown).toEqual({ logits: before })
    await setting
    const { data } = await logitsOf(model)
    expect(data[0]! - before.data[0]!).toBeGreaterThan(90)
  })

  test('changes of one after another add up, saved in half precision, in an ONNX file and in int8', async () => {
    await using model = await open('int8')
    const whole = await model.toOnnx()
    await Promise.all([
      model.pruneHeads({ 0: [0] }),
      model.resizeTokenEmbeddings(70),
      model.pruneHeads({ 1: [1] }),
    ])
    expect(model.config).toMatchObject({ vocab_size: 70, pruned_heads: { 0: [0], 1: [1] } })
    expect((await model.toOnnx()).size).toBeLessThan(whole.size)
    const logits = await logitsOf(model)
    await using again = await AutoModelForMaskedLM.fromPretrained(await model.toFiles({ dtype: 'fp16' }), {
      device: 'wasm',
    })
    const { data } = (await again(await inputs())).logits
    const dot = data.reduce((sum, x, i) => sum + x * logits.data[i]!, 0)
    expect(dot / Math.hypot(...data) / Math.hypot(...logits.data)).toBeGreaterThan(0.99)
    const { gradients } = await again.gradients(await inputs(), {
      labels: (await readRecorded('bert/masked-lm', 'gradients.safetensors')).labels!,
    })
    expect(gradients['bert.encoder.layer.0.attention.self.query.weight']!.shape).toEqual([8, 16])
  })

  test('untied ones can be tied', async () => {
    await using model = await openRecorded('bert/masked-lm-untied')
    const before = model.numParameters()
    const { weight } = model.getInputEmbeddings()
    await model.tieWeights()
    expect(before - model.numParameters()).toBe(weight.size)
    expect(model.config.tie_word_embeddings).toBe(true)
    expect(model.getOutputEmbeddings()!.weight.name).toBe(weight.name)
    const state = await model.stateDict()
    expect(state['cls.predictions.decoder.weight']).toEqual(await weight.value())
  })

  test('what is wrong is told', async () => {
    await using model = await open()
    await expect(model.getParameter('encoder.layer.0.attention.self.query.wait')).rejects.toThrow(
      UnknownPathError,
    )
    await expect(model.setParameter('cls.predictions.bias', tensor([1, 2]))).rejects.toThrow(TensorShapeError)
    await expect(model.pruneHeads({ 0: [7] })).rejects.toThrow(ConfigurationError)
    await expect(model.pruneHeads({ 9: [0] })).rejects.toThrow(ConfigurationError)
    await expect(model.pruneHeads({ 0: [0, 1] })).rejects.toThrow(ConfigurationError)
    expect(() => model.requiresGrad(false, 'bert.encodr')).toThrow(UnknownPathError)
    expect(model.config.pruned_heads).toEqual({})
  })
})
