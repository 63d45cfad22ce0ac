import { InputError } from '@webformers/runtime'
import { expect, test } from 'vitest'
import { tensor } from '../tensor'
import { flattenCache, nestCache } from './cache'

const one = (value: number) => tensor([value])
const keysAndValues = [
  'past_key_values.0.key',
  'past_key_values.0.value',
  'past_key_values.1.key',
  'past_key_values.1.value',
]

test('layers of keys and values, there and back', () => {
  const flat = Object.fromEntries(keysAndValues.map((name, i) => [name, one(i)]))
  const nested = nestCache(flat, keysAndValues)
  expect(nested).toEqual([
    [one(0), one(1)],
    [one(2), one(3)],
  ])
  expect(flattenCache(nested, keysAndValues, 'model.onnx')).toEqual(flat)
})

test('the encoder’s keys stand behind the decoder’s; layers of convolutions have one tensor, others none', () => {
  const pair = ['decoder.key', 'decoder.value', 'encoder.key', 'encoder.value'].map(
    (part) => `past_key_values.0.${part}`,
  )
  const flat = Object.fromEntries(pair.map((name, i) => [name, one(i)]))
  expect(nestCache(flat, pair)).toEqual([[one(0), one(1), one(2), one(3)]])
  const mixed = ['past_conv.0', 'past_key_values.2.key', 'past_key_values.2.value']
  const made = Object.fromEntries(mixed.map((name, i) => [name, one(i)]))
  expect(nestCache(made, mixed)).toEqual([[one(0)], [], [one(1), one(2)]])
})

test('the cache of another model is refused', () => {
  const past = [[one(0), one(1)]]
  expect(() => flattenCache(past, keysAndValues, 'model.onnx')).toThrow(InputError)
  expect(() => flattenCache(past, keysAndValues, 'model.onnx')).toThrow(
    'past_key_values has layers of [2] tensors, but model.onnx keeps [2, 2].',
  )
  expect(() => flattenCache(past, [], 'model.onnx')).toThrow('exported without a cache')
})
