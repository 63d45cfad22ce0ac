/** @file Random numbers and orders against those that torch, transformers and accelerate give. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import recorded from '../../fixtures/samplers.json'
import { Generator } from './generator'
import { epochOrder, lengthGroupedOrder } from './sampler'

const { draws, permutations, lengthGrouped, trainer } = recorded
const times = <T>(n: number, draw: () => T) => Array.from({ length: n }, draw)

test.each(draws)('every kind of draw with seed $seed', (expected) => {
  const generator = new Generator(BigInt(expected.seed))
  expect(times(6, () => generator.rand())).toEqual(expected.rand)
  expect(times(6, () => generator.rand64())).toEqual(expected.rand64)
  const [probabilities, happened] = expected.bernoulli as [number[], boolean[]]
  expect(probabilities.map((p) => generator.bernoulli(p))).toEqual(happened)
  for (const [high, values] of expected.randint as [number, number[]][]) {
    expect(times(3, () => generator.randint(high))).toEqual(values)
  }
  expect(times(3, () => String(generator.randomSeed()))).toEqual(expected.randomSeed)
  expect([...generator.randperm(20)]).toEqual(expected.randperm)
})

test.each(permutations)('a permutation of $size', ({ seed, size, head, sha256 }) => {
  const order = new Generator(seed).randperm(size)
  expect([...order.subarray(0, 8)]).toEqual(head)
  expect(createHash('sha256').update(new Uint8Array(order.buffer)).digest('hex')).toBe(sha256)
})

test('a state goes on where it was taken', () => {
  const generator = new Generator(42)
  generator.randperm(1000)
  const state = structuredClone(generator.getState())
  const next = generator.randperm(1000)
  expect(new Generator(1).setState(state).randperm(1000)).toEqual(next)
  expect(generator.randperm(1000)).not.toEqual(next)
})

test('without a seed no two generators agree', () => {
  expect(new Generator().random64()).not.toBe(new Generator().random64())
})

test.each(lengthGrouped)('items of one length together, batches of $batchSize', async (expected) => {
  const { lengths, batchSize, seed, order } = expected
  expect([...(await lengthGroupedOrder(lengths, batchSize, new Generator(seed)))]).toEqual(order)
})

test.each(trainer)('the order of each epoch of Trainer, $size items', ({ seed, dataSeed, size, orders }) => {
  const given = orders.map((_, epoch) => [...epochOrder(size, dataSeed ?? seed, epoch)])
  expect(given).toEqual(orders)
})
