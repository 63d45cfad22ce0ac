import { expect, test } from 'vitest'
import { OptionError } from '../errors'
import { dolaLayers } from './dola-layers'

/** What Python's rule gives: every second layer of a half, without the embeddings where they are the head's weights. */
test.each<[Parameters<typeof dolaLayers>[0], number, boolean, number[]]>([
  ['low', 12, false, [0, 2, 4]],
  ['low', 12, true, [2, 4]],
  ['high', 12, true, [6, 8, 10]],
  ['high', 13, false, [6, 8, 10, 12]],
  ['low', 2, true, [1]],
  ['low', 2, false, [0]],
  ['low', 1, true, [0]],
  ['low', 4, true, [2]],
  ['low', 48, true, [2, 4, 6, 8, 10, 12, 14, 16, 18]],
  ['high', 48, true, [28, 30, 32, 34, 36, 38, 40, 42, 44, 46]],
  [[3, 5, 12], 12, true, [3, 5]],
])('%j of %i layers, tied: %s', (wanted, num_hidden_layers, tie_word_embeddings, expected) => {
  expect(dolaLayers(wanted, { num_hidden_layers, tie_word_embeddings })).toEqual(expected)
})

test.each<[Parameters<typeof dolaLayers>[0], number]>([
  [[7], 6],
  [[], 6],
  ['low', 3],
])('%j of %i layers is refused', (wanted, num_hidden_layers) => {
  expect(() => dolaLayers(wanted, { num_hidden_layers })).toThrow(OptionError)
})
