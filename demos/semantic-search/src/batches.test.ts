import { expect, test } from 'vitest'
import { planBatches } from './batches'

const texts = Array.from({ length: 101 }, (_, i) => 'x'.repeat((i * 37) % 101))

test('every text is in one batch', () => {
  const all = planBatches(texts, 8).flat()
  expect(all.toSorted((a, b) => a - b)).toEqual(texts.map((_, i) => i))
})

test('a batch pads little: its texts are neighbours in length', () => {
  for (const batch of planBatches(texts, 8)) {
    const lengths = batch.map((i) => texts[i]!.length)
    expect(Math.max(...lengths) - Math.min(...lengths)).toBe(batch.length - 1)
  }
})

test('the first half of the work is half of the characters, within a tenth', () => {
  const batches = planBatches(texts, 8)
  const characters = (list: number[][]) => list.flat().reduce((sum, i) => sum + texts[i]!.length, 0)
  const share = characters(batches.slice(0, 6)) / characters(batches)
  expect(share).toBeGreaterThan(0.4)
  expect(share).toBeLessThan(0.6)
})

test.each([0, 1, 2, 3])('%i texts', (n) => {
  expect(planBatches(texts.slice(0, n), 2).flat()).toHaveLength(n)
})
