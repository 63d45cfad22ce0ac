import { describe, expect, test } from 'vitest'
import {
  additiveMask,
  arange,
  attention,
  embedding,
  input,
  limit,
  linear,
  module,
  type Target,
  trace,
} from './index'

const target: Target = { device: 'wasm', fused: true, compute: 'float32', weights: 'float32' }
const inputs = () => ({
  input_ids: input(['batch', 'sequence'], 'int32'),
  attention_mask: input(['batch', 'sequence'], 'int32'),
})

const Tiny = () => {
  const words = embedding(10, 8)
  return module({
    words,
    positions: embedding(12, 8),
    query: linear(8, 8),
    head: linear(8, 10, { tied: words.children.weight }),
    unasked: linear(8, 3),
  }).forward((m, { input_ids, attention_mask }: ReturnType<typeof inputs>) => {
    const x = m.words(limit(input_ids, 1, 32)).add(m.positions(arange('sequence')))
    const { context, attentions } = attention(m.query(x), x, x, {
      heads: 2,
      bias: additiveMask(attention_mask),
    })
    return {
      hidden_states: [x, context],
      attentions: [attentions],
      logits: m.head(context),
      other: m.unasked(x),
    }
  })
}
const names = (wanted: string[], options: Partial<Target> = {}) =>
  trace(Tiny(), inputs(), wanted, { ...target, ...options }).parameters.map(({ name }) => name)

describe('a program', () => {
  test('keeps only what the outputs asked for need', () => {
    const { inputs: needed, parameters } = trace(Tiny(), inputs(), ['other'], target)
    expect(Object.keys(needed)).toEqual(['input_ids'])
    expect(parameters.map(({ name }) => name)).toEqual([
      'words.weight',
      'positions.weight',
      'unasked.weight',
      'unasked.bias',
    ])
  })
  test('names the tensors of a list, and says their dtypes and shapes', () => {
    const { outputs } = trace(Tiny(), inputs(), ['hidden_states', 'logits'], target)
    const shape = ['batch', 'sequence', 8]
    expect(outputs).toEqual({
      'hidden_states.0': { dtype: 'float32', shape },
      'hidden_states.1': { dtype: 'float32', shape },
      logits: { dtype: 'float32', shape: ['batch', 'sequence', 10] },
    })
  })
  test('knows a tied weight by both its names and stores it once', () => {
    const tied = trace(Tiny(), inputs(), ['logits'], target).parameters.filter(
      ({ sources }) => sources.length > 1,
    )
    expect(tied.map(({ sources }) => sources)).toEqual([['words.weight', 'head.weight']])
  })
  test('bounds ids by the rows of their table, and dimensions by the smallest limit', () => {
    const { inputs: needed, limits } = trace(Tiny(), inputs(), ['logits'], target)
    expect(limits).toEqual({ sequence: 12 })
    expect(needed.attention_mask).toEqual({ dtype: 'int32', shape: ['batch', 'sequence'] })
  })
  test('bounds ids that were reshaped on their way to the table', () => {
    const choices = { input_ids: input(['batch', 'choices', 'sequence'], 'int32') }
    const Choices = module({ words: embedding(10, 8) }).forward((m, { input_ids }: typeof choices) => ({
      x: m.words(input_ids.reshape('batch*choices', 'sequence')),
    }))
    expect(trace(Choices, choices, ['x'], target).inputs.input_ids?.below).toBe(10)
  })
  test('quantizes the matrices of linear layers and embeddings, each with its scales', () => {
    expect(names(['logits'], { weights: 'int8' })).toEqual([
      'words.weight:quantize',
      'words.weight:scales',
      'positions.weight:quantize',
      'positions.weight:scales',
      'query.bias',
      'query.weight:quantizeT',
      'query.weight:scales',
      'head.bias',
      'words.weight:quantizeT',
    ])
  })
  test('quantizes a weight that lies [in, out] with a scale for each column', () => {
    const x = { x: input(['batch', 8]) }
    const Turned = module({ c_fc: linear(8, 6, { transposed: true }) }).forward(
      (m, { x: rows }: typeof x) => ({
        y: m.c_fc(rows),
      }),
    )
    const { parameters } = trace(Turned, x, ['y'], { ...target, weights: 'int8' })
    expect(parameters.filter(({ transform }) => transform)).toEqual([
      {
        name: 'c_fc.weight:quantizeColumns',
        sources: ['c_fc.weight'],
        dtype: 'int8',
        shape: [8, 6],
        transform: { kind: 'quantize', axis: 1, transpose: false },
      },
      {
        name: 'c_fc.weight:scalesColumns',
        sources: ['c_fc.weight'],
        dtype: 'float32',
        shape: [6],
        transform: { kind: 'scales', axis: 1 },
      },
    ])
  })
  test('refuses an output the model does not give', () => {
    expect(() => trace(Tiny(), inputs(), ['pooler_output'], target)).toThrow(
      'gives no pooler_output; it gives hidden_states, attentions, logits, other',
    )
  })
})
