import { expect, test } from 'vitest'
import { round } from './rounding'

/** As `round(value, 4)` of Python 3.11 gave them; the first six lie in the middle of two. */
const truth = [
  [0.03125, 0.0312],
  [0.09375, 0.0938],
  [-0.03125, -0.0312],
  [0.65625, 0.6562],
  [-0.65625, -0.6562],
  [0.71875, 0.7188],
  [2.00005, 2],
  [1.00015, 1.0002],
  [0.12345, 0.1235],
  [1234.56785, 1234.5678],
  [1e-9, 0],
] as const

test.each(truth)('%d is rounded as in Python', (value, rounded) => {
  expect(round(value, 4)).toBe(rounded)
})

test('what is no number stays so', () => {
  expect(round(Number.NaN, 4)).toBeNaN()
  expect(round(Number.POSITIVE_INFINITY, 4)).toBe(Number.POSITIVE_INFINITY)
})
