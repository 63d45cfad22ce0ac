import { describe, expect, test } from 'vitest'
import { InputError } from '../errors'
import type { PlainTensor, PlainTensors } from '../tensor'
import { feedsFor } from './feeds'
import type { ValueTypes } from './model-file'

const ids = (...rows: number[][]): PlainTensor => ({
  dtype: 'int32',
  shape: [rows.length, rows[0]!.length],
  data: Int32Array.from(rows.flat()),
})
/** The values of a tensor of int64, row after row. */
const numbers = (tensor: PlainTensor | undefined) =>
  tensor && [tensor.dtype, tensor.shape, Array.from(tensor.data, Number)]

const text = { dtype: 'int64', shape: ['batch_size', 'sequence_length'] } as const
const past = { dtype: 'float32', shape: ['batch_size', 2, 'past_sequence_length', 4] } as const
const decoder: ValueTypes = {
  input_ids: text,
  attention_mask: { dtype: 'int64', shape: ['batch_size', 'past_sequence_length + sequence_length'] },
  position_ids: text,
  'past_key_values.0.key': past,
  'past_key_values.0.value': past,
}
/** A cache of two rows and three tokens. */
const cache: PlainTensors = Object.fromEntries(
  ['key', 'value'].map((part) => [
    `past_key_values.0.${part}`,
    { dtype: 'float32', shape: [2, 2, 3, 4], data: new Float32Array(48).fill(0.5) },
  ]),
)

describe('what is left out is as in Python', () => {
  test('a mask of ones and types of zeros, as int64', () => {
    const types: ValueTypes = { input_ids: text, attention_mask: text, token_type_ids: text }
    const feeds = feedsFor(types, { input_ids: ids([5, 6], [7, 8]) })
    expect(numbers(feeds.input_ids)).toEqual(['int64', [2, 2], [5, 6, 7, 8]])
    expect(numbers(feeds.attention_mask)).toEqual(['int64', [2, 2], [1, 1, 1, 1]])
    expect(numbers(feeds.token_type_ids)).toEqual(['int64', [2, 2], [0, 0, 0, 0]])
  })

  test('an empty cache of as many rows, positions from 0', () => {
    const feeds = feedsFor(decoder, { input_ids: ids([5, 6, 7], [5, 6, 7]) })
    expect(feeds['past_key_values.0.value']).toEqual({
      dtype: 'float32',
      shape: [2, 2, 0, 4],
      data: new Float32Array(),
    })
    expect(numbers(feeds.position_ids)).toEqual(['int64', [2, 3], [0, 1, 2, 0, 1, 2]])
    expect(numbers(feeds.attention_mask)).toEqual(['int64', [2, 3], [1, 1, 1, 1, 1, 1]])
  })

  test('positions and mask go on from what the cache holds', () => {
    const feeds = feedsFor(decoder, { input_ids: ids([5], [6]), ...cache })
    expect(numbers(feeds.position_ids)).toEqual(['int64', [2, 1], [3, 3]])
    expect(numbers(feeds.attention_mask)).toEqual(['int64', [2, 4], [1, 1, 1, 1, 1, 1, 1, 1]])
    expect(feeds['past_key_values.0.key']).toBe(cache['past_key_values.0.key'])
  })

  test('a merged decoder is told which branch; all logits are kept', () => {
    const types: ValueTypes = {
      ...decoder,
      use_cache_branch: { dtype: 'bool', shape: [1] },
      num_logits_to_keep: { dtype: 'int64', shape: [] },
    }
    const first = feedsFor(types, { input_ids: ids([5], [6]) })
    expect(numbers(first.use_cache_branch)).toEqual(['bool', [1], [0]])
    expect(numbers(first.num_logits_to_keep)).toEqual(['int64', [], [0]])
    expect(numbers(feedsFor(types, { input_ids: ids([5], [6]), ...cache }).use_cache_branch)).toEqual([
      'bool',
      [1],
      [1],
    ])
  })

  test('the states of an encoder are all attended to', () => {
    const types: ValueTypes = {
      input_ids: text,
      encoder_hidden_states: { dtype: 'float32', shape: ['batch_size', 'encoder_sequence_length', 3] },
      encoder_attention_mask: { dtype: 'int64', shape: ['batch_size', 'encoder_sequence_length'] },
    }
    const states: PlainTensor = { dtype: 'float32', shape: [1, 2, 3], data: new Float32Array(6) }
    const feeds = feedsFor(types, { input_ids: ids([0]), encoder_hidden_states: states })
    expect(numbers(feeds.encoder_attention_mask)).toEqual(['int64', [1, 2], [1, 1]])
  })
})

test('types are those of the graph, half precision included', () => {
  const types: ValueTypes = {
    pixel_values: { dtype: 'float16', shape: ['batch', 2] },
    mask: { dtype: 'bool', shape: [2] },
    count: { dtype: 'float32', shape: [1] },
  }
  const feeds = feedsFor(types, {
    pixel_values: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, -2) },
    mask: { dtype: 'int64', shape: [2], data: BigInt64Array.of(0n, 3n) },
    count: { dtype: 'float16', shape: [1], data: Uint16Array.of(0x3800) },
  })
  expect(feeds.pixel_values).toEqual({
    dtype: 'float16',
    shape: [1, 2],
    data: Uint16Array.of(0x3c00, 0xc000),
  })
  expect(numbers(feeds.mask)).toEqual(['bool', [2], [0, 1]])
  expect(numbers(feeds.count)).toEqual(['float32', [1], [0.5]])
})

test('what the graph does not take is left out', () => {
  const feeds = feedsFor({ input_ids: text }, { input_ids: ids([5]), token_type_ids: ids([0]) })
  expect(Object.keys(feeds)).toEqual(['input_ids'])
})

describe('what can not be fed is named', () => {
  const given = { input_ids: ids([5, 6]) }

  test.each<[what: string, types: ValueTypes, given: PlainTensors, message: string]>([
    [
      'inputs that nobody gave and that have no default',
      { input_ids: text, bbox: { dtype: 'int64', shape: ['batch', 'sequence', 4] } },
      given,
      'wants bbox (int64, [batch, sequence, 4]), which was not given and has no default. Got input_ids.',
    ],
    ['nothing at all', { input_ids: text }, {}, 'wants input_ids (int64, [batch_size, sequence_length])'],
    [
      'a part of a cache',
      decoder,
      { ...given, 'past_key_values.0.key': cache['past_key_values.0.key']! },
      'wants past_key_values.0.value',
    ],
    [
      'too few dimensions',
      { input_ids: text },
      { input_ids: { dtype: 'int32', shape: [2], data: Int32Array.of(5, 6) } },
      'Input input_ids must be of shape [batch_size, sequence_length], got [2].',
    ],
    [
      'another size than the graph has',
      { pixel_values: { dtype: 'float32', shape: ['batch', 3] } },
      { pixel_values: { dtype: 'float32', shape: [1, 2], data: new Float32Array(2) } },
      'Input pixel_values must be of shape [batch, 3], got [1, 2].',
    ],
    [
      'a mask of another length',
      { input_ids: text, attention_mask: text },
      { ...given, attention_mask: ids([1, 1, 1]) },
      'dimension 1 is 3, but sequence_length is 2 in input_ids.',
    ],
    [
      'numbers with a point where whole ones are wanted',
      { input_ids: text },
      { input_ids: { dtype: 'float32', shape: [1, 1], data: Float32Array.of(5.5) } },
      'Input input_ids must be int64, got float32.',
    ],
    [
      'a type that has no tensor here',
      { x: { dtype: undefined, shape: [1] } },
      { x: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } },
      'Input x must be of a type that has no tensor here, got float32.',
    ],
    [
      'data that does not fill its shape',
      { input_ids: text },
      { input_ids: { dtype: 'int32', shape: [1, 3], data: Int32Array.of(5) } },
      'says it is int32 of shape [1, 3], but its data is 1 values in Int32Array',
    ],
  ])('%s', (_, types, inputs, message) => {
    expect(() => feedsFor(types, inputs)).toThrow(InputError)
    expect(() => feedsFor(types, inputs)).toThrow(message)
  })
})
