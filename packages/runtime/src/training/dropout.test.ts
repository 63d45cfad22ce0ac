import { expect, test } from 'vitest'
import { hash, randomOf } from '../random'
import { CHUNK, drawDropout } from './dropout'

test.each([0.1, 0.25, 0.5, 0.999])(
  'entries are kept as numbers are drawn one at a time: %s',
  (probability) => {
    const length = 2 * CHUNK + 1003
    const kept = drawDropout(7)(length, { kind: 'dropout', dims: [], probability, site: 3 })
    const random = randomOf(hash('7 3'))
    expect(kept.every((keeps) => keeps === (random() < probability ? 0 : 1))).toBe(true)
    expect(kept).toHaveLength(length)
    const share = kept.reduce((sum, keeps) => sum + keeps, 0) / length
    expect(Math.abs(share - (1 - probability))).toBeLessThan(0.005)
  },
)

test('another seed keeps others, and another site', () => {
  const drawn = (seed: number, site: number) =>
    drawDropout(seed)(1000, { kind: 'dropout', dims: [], probability: 0.5, site })
  expect(drawn(1, 2)).toEqual(drawn(1, 2))
  expect(drawn(2, 2)).not.toEqual(drawn(1, 2))
  expect(drawn(1, 1)).not.toEqual(drawn(1, 2))
})
