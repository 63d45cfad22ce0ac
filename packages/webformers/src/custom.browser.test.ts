import { describe, expect, test } from 'vitest'
import { ConfigurationError } from './all-errors'
import { AutoModel, AutoModelForSequenceClassification } from './auto'
import * as graph from './graph'
import { type Tensor, tensor } from './tensor'

/** What a page has to write for an architecture of its own. */
const {
  activations,
  additiveMask,
  arange,
  attention,
  dropout,
  embedding,
  headsOf,
  layerNorm,
  linear,
  module,
} = graph
type Config = Parameters<typeof headsOf>[0] &
  Record<'vocab_size' | 'positions' | 'layers' | 'num_labels', number>

type TextInputs = Record<'input_ids' | 'attention_mask', graph.Tensor>

const Layer = (c: Config, index: number) => {
  const heads = headsOf(c, index)
  return module({
    query: linear(c.hidden_size, heads),
    key: linear(c.hidden_size, heads),
    value: linear(c.hidden_size, heads),
    out: linear(heads, c.hidden_size),
    norm: layerNorm(c.hidden_size, 1e-5),
    wide: linear(c.hidden_size, 2 * c.hidden_size),
    narrow: linear(2 * c.hidden_size, c.hidden_size),
    last: layerNorm(c.hidden_size, 1e-5),
  }).forward((m, x: graph.Tensor, bias: graph.Tensor) => {
    const { context, attentions } = attention(m.query(x), m.key(x), m.value(x), {
      heads: heads.kept.length,
      bias,
    })
    const attended = m.norm(dropout(m.out(context), 0.1), x)
    return [m.last(m.narrow(activations.gelu(m.wide(attended))), attended), attentions] as const
  })
}
const Reader = (c: Config) =>
  module({
    words: embedding(c.vocab_size, c.hidden_size),
    places: embedding(c.positions, c.hidden_size),
    layers: Array.from({ length: c.layers }, (_, index) => Layer(c, index)),
  }).forward((m, { input_ids, attention_mask }: TextInputs) => {
    const attentions: graph.Tensor[] = []
    let last_hidden_state = m.words(input_ids).add(m.places(arange('sequence')))
    for (const layer of m.layers) {
      const [hidden, maps] = layer(last_hidden_state, additiveMask(attention_mask))
      last_hidden_state = hidden
      attentions.push(maps)
    }
    return { last_hidden_state, attentions }
  })
const Judge = (c: Config) =>
  module({ model: Reader(c), classifier: linear(c.hidden_size, c.num_labels) }).forward(
    (m, inputs: TextInputs) => {
      const { last_hidden_state, attentions } = m.model(inputs)
      return { logits: m.classifier(last_hidden_state.at(1, 0)), attentions }
    },
  )

AutoModel.register('reader', { heads: { Model: Reader, ForSequenceClassification: Judge } } as never)

const sizes = { vocab_size: 40, positions: 12, hidden_size: 16, num_attention_heads: 4, layers: 2 }
const config = { model_type: 'reader', ...sizes, id2label: { 0: 'no', 1: 'yes', 2: 'perhaps' } }
const inputs = {
  input_ids: [
    [3, 1, 4, 1, 5],
    [9, 2, 6, 0, 0],
  ],
  attention_mask: [
    [1, 1, 1, 1, 1],
    [1, 1, 1, 0, 0],
  ],
} // prettier-ignore
const labels = [2, 0]

const apart = (a: Tensor, b: Tensor) =>
  Math.max(...Array.from(a.data, Number).map((x, i) => Math.abs(x - Number(b.data[i]))))

/** softmax(logits) less the labels, over the batch: what cross-entropy adds to the gradient of logits. */
function errorsOf({ data, shape: [batch, classes] }: Tensor, labels: readonly number[]): number[][] {
  return labels.map((label, row) => {
    const powers = Array.from(data, Number)
      .slice(row * classes!, (row + 1) * classes!)
      .map(Math.exp)
    const sum = powers.reduce((a, b) => a + b)
    return powers.map((power, i) => (power / sum - Number(i === label)) / batch!)
  })
}

describe('an architecture written in the page', () => {
  const open = () => AutoModelForSequenceClassification.fromConfig(config, { device: 'wasm', seed: 3 })

  test('shows what is inside, and takes other values', async () => {
    await using model = await open()
    const { logits } = await model(inputs)
    expect(logits.shape).toEqual([2, 3])
    const { captured } = await model.capture(['layers.1', 'model.layers.0.query'])(inputs)
    expect((captured['model.layers.0.query'] as Tensor).shape).toEqual([2, 5, 16])
    const last = captured['layers.1'] as Tensor<'float32'>
    const again = await model.patch({ 'layers.1': last })(inputs)
    expect(apart(again.logits, logits)).toBeLessThan(1e-5)
    const nothing = await model.patch({ 'layers.1': (x) => x.mul(0) })(inputs)
    const bias = await model.getParameter('classifier.bias')
    expect(Array.from(nothing.logits.data)).toEqual([...bias.data, ...bias.data])
  })

  test('a head that is masked has no say, as one that is pruned', async () => {
    await using model = await open()
    const headMask = [
      [1, 0, 1, 1],
      [0, 1, 1, 0],
    ] // prettier-ignore
    const masked = await model(inputs, { headMask })
    expect(apart(masked.logits, (await model(inputs)).logits)).toBeGreaterThan(1e-5)
    const before = model.numParameters()
    await model.pruneHeads({ 0: [1] })
    await model.pruneHeads({ 1: [0, 3] })
    expect(before - model.numParameters()).toBe(3 * (3 * (4 * 16 + 4) + 16 * 4))
    const pruned = await model(inputs, { outputAttentions: true })
    expect(apart(pruned.logits, masked.logits)).toBeLessThan(1e-5)
    expect(pruned.attentions.map(({ shape }) => shape[1])).toEqual([3, 2])
    expect(model.config.pruned_heads).toEqual({ 0: [1], 1: [0, 3] })
    await expect(model.pruneHeads({ 7: [0] })).rejects.toThrow(ConfigurationError)

    await using loaded = await AutoModelForSequenceClassification.fromPretrained(await model.toFiles(), {
      device: 'wasm',
    })
    expect((await loaded(inputs)).logits.data).toEqual((await model(inputs)).logits.data)
  })

  test('has a loss and gradients', async () => {
    await using model = await open()
    const { logits } = await model(inputs)
    const { loss, gradients } = await model.gradients(inputs, { labels })
    const errors = errorsOf(logits, labels)
    const expected = errors[0]!.map((error, i) => error + errors[1]![i]!)
    const bias = tensor(expected, [3], 'float32')
    expect(apart(gradients['classifier.bias']!, bias)).toBeLessThan(1e-6)
    expect(Object.keys(gradients)).toEqual(model.namedParameters().map(([name]) => name))
    expect(apart((await model(inputs, { labels })).loss, loss)).toBeLessThan(1e-6)

    // A step against the gradient makes the loss smaller by what the gradient promises.
    const name = 'model.words.weight'
    const [weight, gradient] = [await model.getParameter(name), gradients[name]!]
    const length = Math.hypot(...gradient.data)
    const step = 1e-2 / length
    await model.setParameter(
      name,
      tensor(
        weight.data.map((x, i) => x - step * gradient.data[i]!),
        weight.shape,
        'float32',
      ),
    )
    const after = (await model(inputs, { labels })).loss.data[0]!
    expect((loss.data[0]! - after) / (step * length ** 2)).toBeCloseTo(1, 1)
  })

  test('its vocabulary grows', async () => {
    await using model = await open()
    const { logits } = await model(inputs)
    await model.resizeTokenEmbeddings(42)
    expect(model.getInputEmbeddings().weight.shape).toEqual([42, 16])
    expect(apart((await model(inputs)).logits, logits)).toBe(0)
    await model({ input_ids: [[41, 40]] })
  })
})
