import { expect, test } from 'vitest'
import { largest } from './dim'
import {
  concat,
  conv1d,
  conv2d,
  GraphError,
  input,
  interpolate,
  maxPool2d,
  product,
  quotient,
  sizeOf,
  sum,
} from './index'
import { leastSizes } from './least-sizes'

const pixels = input(['batch', 3, 'height', 'width'])
const half = (size: string) => sum([size, quotient(size, 2)])

test('a size has one spelling, whatever it was computed by', () => {
  expect(sum(['b', 'a', 'b', -1])).toBe('a+2*b-1')
  expect(product(['b', sum(['a', 2])])).toBe('a*b+2*b')
  expect(quotient(sum([quotient(sum(['h', 3]), 4), 1]), 2)).toBe(quotient(sum(['h', 7]), 8))
  expect(quotient(product([6, 'batch']), 3)).toBe('2*batch')
  expect(sum(['h', product([-1, 'h'])])).toBe(0)
})

test('a size is what its spelling says', () => {
  for (let h = 1; h < 40; h++) {
    const expected = h + Math.floor(h / 2)
    expect(sizeOf(half('h'), { h })).toBe(expected)
    expect(sizeOf(quotient(sum([product([3, half('h')]), -5]), 7), { h })).toBe(
      Math.floor((3 * expected - 5) / 7),
    )
  }
  expect(() => sizeOf('floor(h/x)', { h: 4 })).toThrow(GraphError)
})

test('how many windows lie in an image is a size', () => {
  const features = maxPool2d(conv2d(3, 8, 7, { stride: 2, padding: 3 })(pixels), 3, { stride: 2, padding: 1 })
  expect(features.shape).toEqual(['batch', 8, 'floor((height+3)/4)', 'floor((width+3)/4)'])
  expect(
    features.add(interpolate(features, { size: [features.shape[2]!, features.shape[3]!] })).shape,
  ).toEqual(features.shape)
  expect(concat([features, features.slice(2, 1, features.shape[2]!)], 2).shape[2]).toBe(
    '2*floor((height+3)/4)-1',
  )
  expect(conv2d(3, 8, 3, { stride: 2, padding: 'same' })(pixels).shape[2]).toBe('floor((height+1)/2)')
})

test('the smallest recording of which something is left, and gaps that stay small', () => {
  let heard = input(['batch', 1, 'samples'])
  for (const [kernel, stride] of [
    [10, 5],
    [3, 2],
    [3, 2],
    [3, 2],
    [3, 2],
    [2, 2],
    [2, 2],
  ] as const)
    heard = conv1d(Number(heard.shape[1]), 4, kernel, { stride })(heard)
  expect(leastSizes([heard])).toEqual({ samples: 400 })
  expect(sizeOf(heard.shape[2]!, { samples: 16000 })).toBe(49)
  expect(largest('height-4*floor(height/4)')).toBe(3)
  expect(largest('height*width')).toBeUndefined()
})
