import { expect, test } from 'vitest'
import { commonPrefix, reusable } from './prefix'

const text = (tokens: readonly number[], padding = 0) => ({
  tokens,
  keep: tokens.map((_, i) => Number(i >= padding)),
})

test('texts begin alike as long as tokens are the same; padding may be any token', () => {
  expect(commonPrefix(text([7, 8, 9]), text([7, 8, 5, 9]))).toBe(2)
  expect(commonPrefix(text([7, 8]), text([7, 8, 9]))).toBe(2)
  expect(commonPrefix(text([0, 7, 8], 1), text([3, 7, 8], 1))).toBe(3)
  expect(commonPrefix(text([0, 7, 8], 1), text([0, 7, 8]))).toBe(0)
  expect(commonPrefix(text([]), text([1]))).toBe(0)
})

test('each text goes on from the row that it shares most with; all rows have one length, and a token is left to read', () => {
  const read = [text([7, 8, 9, 10]), text([7, 3, 4, 5]), text([7, 8, 1, 1])]
  expect(reusable(read, [text([7, 3, 4, 6]), text([7, 8, 9, 10])])).toEqual({ rows: [1, 0], length: 3 })
  expect(reusable(read, [text([7, 8, 1, 1, 2])])).toEqual({ rows: [2], length: 4 })
  expect(reusable(read, [text([7, 8, 9, 10])])).toEqual({ rows: [0], length: 3 })
  expect(reusable(read, [text([5, 8]), text([7, 8])]).length).toBe(0)
  expect(reusable([], [text([5, 8])]).length).toBe(0)
})
