import { expect, test } from 'vitest'
import { shiftedRight } from './shift-right'

const PAD = 1
const ids = [
  [17, 4, 9, 2, 8],
  [21, -100, 2, 8, -100],
  [1, 1, 12, 2, 8],
]
const plain = { shape: [3, 5], data: ids.flat() }

// What shift_tokens_right of modeling_bart.py and modeling_mbart.py give for these.
test.each([
  [
    2,
    [
      [2, 17, 4, 9, 2],
      [2, 21, PAD, 2, 8],
      [2, 1, 1, 12, 2],
    ],
  ],
  [
    'last',
    [
      [8, 17, 4, 9, 2],
      [2, 21, PAD, 2, 8],
      [12, 1, 1, 12, 2],
    ],
  ],
] as const)('labels one place to the right, behind %s', (start, expected) => {
  const shifted = shiftedRight(plain, { start, padding: PAD, ignored: -100 })
  expect(Array.from(shifted)).toEqual(expected.flat())
})

test('ids of 64 bits are taken', () => {
  const shifted = shiftedRight(
    { shape: [2], data: BigInt64Array.of(5n, 6n) },
    { start: 3, padding: 1, ignored: -100 },
  )
  expect(Array.from(shifted)).toEqual([3, 5])
})
