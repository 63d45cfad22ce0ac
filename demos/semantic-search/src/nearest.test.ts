import { expect, test } from 'vitest'
import { nearest } from './nearest'

const vectors = Float32Array.of(1, 0, 0, 1, 0.6, 0.8, -1, 0, 0.8, 0.6)
const query = Float32Array.of(1, 0)

test('the best come first, with their cosine', () => {
  const found = nearest(query, vectors, () => true, 3)
  expect(found.map(({ index }) => index)).toEqual([0, 4, 2])
  expect(found.map(({ score }) => score)).toEqual([1, Math.fround(0.8), Math.fround(0.6)])
})

test('rows that are not filled yet are no answers', () => {
  expect(nearest(query, vectors, (index) => index > 2, 3).map(({ index }) => index)).toEqual([4, 3])
})

test('equals a full sort', () => {
  let seed = 7
  const random = () => {
    seed = (seed * 16807) % 2147483647
    return seed / 2147483647 - 0.5
  }
  const rows = Float32Array.from({ length: 500 * 4 }, random)
  const asked = Float32Array.from({ length: 4 }, random)
  const scores = Array.from({ length: 500 }, (_, index) => ({
    index,
    score: asked.reduce((sum, x, i) => sum + x * rows[index * 4 + i]!, 0),
  }))
  expect(nearest(asked, rows, () => true, 10)).toEqual(scores.sort((a, b) => b.score - a.score).slice(0, 10))
})
