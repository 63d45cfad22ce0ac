import { expect, test } from 'vitest'
import { assign } from './assignment'

const total = (costs: readonly number[][], rows: readonly number[]) =>
  rows.reduce((sum, row, column) => sum + costs[row]![column]!, 0)

/** The least that any way costs. */
function least(costs: readonly number[][], column = 0, taken: readonly number[] = []): number {
  if (column === costs[0]!.length) return 0
  const ways = costs.flatMap((row, i) =>
    taken.includes(i) ? [] : [row[column]! + least(costs, column + 1, [...taken, i])],
  )
  return Math.min(...ways)
}

test('the cheapest of all ways, in any number of rows and columns', () => {
  let state = 1
  const random = () => {
    state = (state * 48271) % 2147483647
    return (state % 2000) / 100 - 10 // some of them equal
  }
  for (const [rows, columns] of [
    [1, 1],
    [3, 3],
    [6, 4],
    [7, 6],
    [5, 1],
  ] as const) {
    for (let round = 0; round < 20; round++) {
      const costs = Array.from({ length: rows }, () => Array.from({ length: columns }, random))
      const found = assign(costs)
      expect(new Set(found).size).toBe(columns)
      expect(total(costs, found)).toBeCloseTo(least(costs), 9)
    }
  }
})

test('nothing to give', () => {
  expect(assign([[], []])).toEqual([])
  expect(assign([])).toEqual([])
})
