import { expect, test } from 'vitest'
import { ticks } from './ticks'

test.each([
  [0, 0.7, 4, [0, 0.2, 0.4, 0.6]],
  [0, 1, 4, [0, 0.5, 1]],
  [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [0, 0.3, 3, [0, 0.1, 0.2, 0.3]],
  [0, 137, 4, [0, 50, 100]],
  [3, 3, 4, [3]],
])('from %d to %d, about %i', (from, to, count, expected) => {
  expect(ticks(from, to, count)).toEqual(expected)
})
