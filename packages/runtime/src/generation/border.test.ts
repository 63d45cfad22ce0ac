import { expect, test } from 'vitest'
import { randomOf } from '../random'
import { border, kthLargest } from './border'
import { largest } from './numeric'

const random = randomOf(5)
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
const SIZE = 5000 // more than are simply sorted
const lists: Readonly<Record<string, Float32Array>> = {
  normal: Float32Array.from({ length: SIZE }, () => normal() * 3),
  equal: new Float32Array(SIZE).fill(0.5),
  'few values': Float32Array.from({ length: SIZE }, () => Math.round(normal())),
  'far apart': Float32Array.from({ length: SIZE }, () => normal() * 10 ** Math.round(normal() * 9)),
  'partly infinite': Float32Array.from({ length: SIZE }, () =>
    random() < 0.3 ? Number.NEGATIVE_INFINITY : normal(),
  ),
}

test.each(Object.entries(lists))('a border in %s values is where sorting puts it', (_, keys) => {
  const order = [...keys.keys()].sort((a, b) => keys[a]! - keys[b]! || a - b)
  const weights = keys.map(() => random())
  for (const limit of [0, 0.4, 17, 1300, SIZE / 2, 2 * SIZE]) {
    let sum = 0
    const first = order.find((at) => {
      sum += weights[at]!
      return sum > limit
    })
    const found = border(keys, (taken) => taken <= limit, weights)
    expect(found).toEqual(first === undefined ? undefined : { key: keys[first], at: first })
  }
})

test.each(Object.entries(lists))('the largest of %s values are those that sorting puts last', (_, values) => {
  const sorted = [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b)
  for (const k of [1, 2, 50, 1000]) expect(kthLargest(values, k)).toBe(values[sorted[k - 1]!])
  expect([...largest(values, 20)]).toEqual(sorted.slice(0, 20))
})
