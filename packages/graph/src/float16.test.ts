import { expect, test } from 'vitest'
import { float16 } from './float16'

// Bits from numpy.float16(value).view(numpy.uint16).
test.each([
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2.5, 0xc100],
  [1 / 3, 0x3555],
  [65504, 0x7bff],
  [6.1035e-5, 0x0400],
  [5.9605e-8, 0x0001],
  [2.98e-8, 0x0000],
  [1 + 1 / 2048, 0x3c00],
  [1 + 3 / 2048, 0x3c02],
  [0.99999, 0x3c00],
])('%f becomes %i', (value, bits) => expect(float16(value)).toBe(bits))

test('what half precision cannot hold becomes its largest finite number', () => {
  expect(float16(-3.4e38)).toBe(0xfbff)
})
