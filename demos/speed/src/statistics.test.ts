import { expect, test } from 'vitest'
import { speeds, spread } from './statistics'

test.each([
  [[7], { median: 7, low: 7, high: 7 }],
  [[10, 9, 2], { median: 9, low: 2, high: 10 }],
  [[3, 1, 2, 10], { median: 2.5, low: 1, high: 10 }],
])('the spread of %j', (values, expected) => {
  expect(spread(values)).toEqual(expected)
})

test('of nothing there is none', () => {
  expect(() => spread([])).toThrow('other work on this device disturbed them all')
})

test('tokens a second of what follows the first, without rounds that were disturbed', () => {
  const rounds = [
    { first: 20, all: 340 },
    { first: 400, all: 350 },
    { first: 100, all: 900 },
  ]
  expect(speeds(rounds, 32)).toEqual([100, 40])
})
