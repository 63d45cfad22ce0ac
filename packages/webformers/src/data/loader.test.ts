/** @file Batches in order, from any position on, and what goes wrong on the way. */
import { expect, test } from 'vitest'
import { CollateError, DatasetError, OptionError } from '../errors'
import { toList } from '../tensor'
import type { Batch } from './collators/collate'
import { defaultDataCollator } from './collators/default'
import { Generator } from './generator'
import { DataLoader, type EpochOptions, type LoadedBatch } from './loader'
import { epochOrder } from './sampler'

const rows = Array.from({ length: 10 }, (_, i) => ({ x: i * 10 }))
const xs = ({ batch }: { batch: Batch }) => toList<number[]>(batch.x!)
async function collect(loader: Pick<DataLoader, 'epoch'>, options?: EpochOptions): Promise<LoadedBatch[]> {
  const batches: LoadedBatch[] = []
  for await (const batch of loader.epoch(options)) batches.push(batch)
  return batches
}

/** Adds a random number to each item, as a collator that masks does. */
function randomCollator(seed: number) {
  const generator = new Generator(seed)
  const collate = (features: readonly object[]) => ({
    ...defaultDataCollator(features),
    noise: defaultDataCollator([{ noise: generator.randperm(1000) }]).noise!,
  })
  return Object.assign(collate, { generator })
}

test('items come in order, the last batch smaller or left out', async () => {
  const loader = new DataLoader(rows, { batchSize: 4 })
  const batches = await collect(loader)
  expect(batches.map(xs)).toEqual([
    [0, 10, 20, 30],
    [40, 50, 60, 70],
    [80, 90],
  ])
  expect(batches.map(({ items }) => items).at(-1)).toEqual([8, 9])
  expect(loader.length).toBe(3)
  const full = new DataLoader(rows, { batchSize: 4, dropLast: true })
  expect((await collect(full)).map(xs)).toEqual(batches.slice(0, 2).map(xs))
  expect(full.length).toBe(2)
})

test('items are taken in the order given, and loaded only when needed', async () => {
  const asked: number[] = []
  const dataset = {
    length: 10,
    at: async (i: number) => {
      asked.push(i)
      return rows[i]
    },
  }
  const loader = new DataLoader(dataset, { batchSize: 2 })
  const order = epochOrder(10, 42, 0)
  const batches: number[][] = []
  for await (const batch of loader.epoch({ order })) {
    batches.push(xs(batch))
    if (batches.length === 2) break
  }
  expect(batches.flat()).toEqual([...order.slice(0, 4)].map((i) => i * 10))
  // Two batches, and the one ahead at most.
  expect(asked.length).toBeLessThanOrEqual(6)
})

test.each(['list', 'stream'])('a %s goes on where it stood, random numbers too', async (kind) => {
  const dataset =
    kind === 'list'
      ? rows
      : {
          async *[Symbol.asyncIterator]() {
            yield* rows
          },
        }
  const order = kind === 'list' ? epochOrder(10, 7, 3) : undefined
  const whole = await collect(new DataLoader(dataset, { batchSize: 3, collate: randomCollator(5) }), {
    order,
  })
  let collated = 0
  const collate = randomCollator(99)
  const counting = Object.assign(
    (features: readonly object[]) => {
      collated++
      return collate(features)
    },
    { generator: collate.generator },
  )
  const from = structuredClone(whole[1]!.position)
  const rest = await collect(new DataLoader(dataset, { batchSize: 3, collate: counting }), { order, from })
  expect(rest).toEqual(whole.slice(2))
  expect(collated).toBe(2)
})

test('the next batch is made while one is worked on, and no further one', async () => {
  let made = 0
  const collate = (features: readonly object[]) => {
    made++
    return defaultDataCollator(features)
  }
  const epoch = new DataLoader(rows, { batchSize: 2, collate }).epoch()
  await epoch.next()
  await expect.poll(() => made).toBe(2)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(made).toBe(2)
  await epoch.return()
})

test('an abort ends an epoch, even when a stream hangs', async () => {
  const controller = new AbortController()
  const hanging = {
    async *[Symbol.asyncIterator]() {
      yield rows[0]!
      await new Promise(() => {})
    },
  }
  const epoch = new DataLoader(hanging, { batchSize: 1 }).epoch({ signal: controller.signal })
  expect(xs((await epoch.next()).value!)).toEqual([0])
  const next = epoch.next()
  controller.abort(new Error('enough'))
  await expect(next).rejects.toThrow('enough')
})

test('an error names the batch, the items and the value', async () => {
  const dataset = [...rows.slice(0, 5), { x: 'five' }, ...rows.slice(6)]
  const failed = collect(new DataLoader(dataset, { batchSize: 2 }), { order: [3, 4, 1, 5] })
  await expect(failed).rejects.toThrow(CollateError)
  await expect(failed).rejects.toThrow(
    'Batch 1 of the epoch, made of the dataset\'s items 1, 5: Item 1 of the batch has the string "five" in "x", but a tensor needs numbers',
  )
  const thrown = new TypeError('mine')
  const collate = () => {
    throw thrown
  }
  await expect(collect(new DataLoader(rows, { batchSize: 2, collate }))).rejects.toMatchObject({
    name: 'CollateError',
    cause: thrown,
  })
})

test.each([
  ['an empty list', new DataLoader([], { batchSize: 2 }), {}, 'has no item'],
  ['an empty stream', new DataLoader(new Set<object>(), { batchSize: 2 }), {}, 'has no item'],
  ['fewer than a batch', new DataLoader(rows, { batchSize: 11, dropLast: true }), {}, 'dropLast'],
  [
    'an index too large',
    new DataLoader(rows, { batchSize: 2 }),
    { order: [0, 10] },
    'Item 10 of the dataset is undefined',
  ],
  [
    'a stream shorter than before',
    new DataLoader(new Set(rows), { batchSize: 4 }),
    { from: { batches: 3 } },
    'ends after 10 items, but was to go on from item 12',
  ],
])('%s is an error', async (_, loader, options, message) => {
  const failed = collect(loader, options)
  await expect(failed).rejects.toThrow(DatasetError)
  await expect(failed).rejects.toThrow(message)
})

test('a batch size must be a whole number from 1 on', () => {
  expect(() => new DataLoader(rows, { batchSize: 0 })).toThrow(OptionError)
})
