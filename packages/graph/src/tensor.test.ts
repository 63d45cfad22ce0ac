import { describe, expect, test } from 'vitest'
import { applyRmsNorm } from './composites/rms-norm'
import { attention, concat, constant, GraphError, gradients, input, rotary, type Tensor } from './index'
import { broadcast, product, sizeOf } from './shape'

const x = input(['batch', 'sequence', 8])

describe('shapes', () => {
  test('broadcast by the rule of NumPy', () => {
    expect(broadcast(['batch', 1, 8], ['sequence', 8])).toEqual(['batch', 'sequence', 8])
    expect(broadcast([], [3, 1])).toEqual([3, 1])
  })
  test('multiply into names that sizes can be put into', () => {
    expect(product(['batch', 2, 'sequence', 3])).toBe('6*batch*sequence')
    expect(sizeOf('6*batch*sequence', { batch: 2, sequence: 5 })).toBe(60)
    expect(() => sizeOf('batch*choices', { batch: 2 })).toThrow('"choices" has no size; known: batch')
  })
})

const mistakes: Record<string, [make: () => Tensor | Tensor[], message: RegExp]> = {
  'broadcasting names that differ': [
    () => x.add(input(['sequence', 'batch', 8])),
    /sequence is not batch|batch is not sequence/,
  ],
  'broadcasting sizes that differ': [() => x.mul(input([7])), /8 is not 7/],
  'adding integers to floats': [() => x.add(input([8], 'int32')), /one dtype, got float32 and int32/],
  'a matrix product of unequal inner sizes': [
    () => x.matmul(input([7, 8])),
    /\[\.\., n, k\] and \[\.\., k, m\]/,
  ],
  'an axis that is not there': [() => x.sum([3]), /Axis 3 is outside a tensor of rank 3/],
  'reshaping to another number of elements': [() => input([4, 3]).reshape(5), /holds 12 elements/],
  'a transposition that forgets an axis': [() => x.transpose(0, 1), /does not order the 3 axes/],
  'a slice that leaves its axis': [() => x.slice(2, 4, 9), /does not lie in axis 2/],
  'squeezing an axis that is not 1': [() => x.squeeze(2), /needs an axis of size 1, got 8/],
  'joining tensors that differ elsewhere': [
    () => concat([x, input(['batch', 3, 8])], 2),
    /shapes alike elsewhere/,
  ],
  'a constant with a value too few': [() => constant([1, 2], [3]), /needs 3 values, got 2/],
  'heads that do not divide the width': [() => attention(x, x, x, { heads: 3 }).context, /3 heads/],
  'heads that do not share keys evenly': [
    () => attention(x, x, x, { heads: 4, keyValueHeads: 3 }).context,
    /keys and values with 3 heads/,
  ],
  'a residual of another shape': [
    () => applyRmsNorm(x, input([8]), 1e-6, input(['batch', 1, 8])).sum,
    /a residual shaped like x, got \[batch,sequence,8\], \[8\] and \[batch,1,8\]/,
  ],
  'rotary positions that are no int64': [
    () =>
      rotary(x, input([9, 2]), input([9, 2]), { heads: 2, positions: input(['batch', 'sequence'], 'int32') }),
    /got .* and int32 positions/,
  ],
  'the gradient of a loss that is no scalar': [
    () => gradients(x, [x]),
    /scalar loss, got \[batch,sequence,8\]/,
  ],
}

test.each(Object.entries(mistakes))('%s is refused while tracing', (_, [make, message]) => {
  expect(make).toThrow(GraphError)
  expect(make).toThrow(message)
})
