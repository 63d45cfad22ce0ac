/** @file Datasets in memory and as streams: what their methods give against Python's `datasets`. */
import { expect, test } from 'vitest'
import recorded from '../../fixtures/datasets.json'
import { DatasetError, OptionError } from '../errors'
import { Dataset } from './dataset'
import { Generator } from './generator'
import { IterableDataset } from './iterable-dataset'
import type { ColumnsOf } from './rows'

const expected = recorded.methods
type Item = { text: string; label: string | null; number: number }
const rows: Item[] = expected.rows
const dataset = Dataset.from(rows)
const stream = () =>
  IterableDataset.from(async function* () {
    yield* rows
  })
const numbers = (n: number) => Array.from({ length: n }, (_, x) => ({ x }))
async function list<R>(items: AsyncIterable<R>): Promise<R[]> {
  const all: R[] = []
  for await (const item of items) all.push(item)
  return all
}

const upper = ({ text, number }: Item) => ({ text: text.toUpperCase(), twice: number * 2 })
const windows = ({ text, number }: ColumnsOf<Item>) => ({
  pair: text.flatMap((t, i) => [`${t}${number[i]}`, `${t}${number[i]}`]),
})
const everyColumn = ['text', 'label', 'number'] as const

test('map adds what a function gives, of one row or of many', async () => {
  expect([...(await dataset.map(upper))]).toEqual(expected.map)
  const without = await dataset.map(async (row) => upper(row), { removeColumns: ['number', 'text'] })
  expect([...without]).toEqual(expected.mapWithout)
  const batched = await dataset.map(windows, { batched: true, batchSize: 4, removeColumns: everyColumn })
  expect([...batched]).toEqual(expected.batched)
  const joined = (_: object, index: number[]) => ({ size: index.map(() => index.length), index })
  expect([...(await dataset.map(joined, { batched: true, batchSize: 4 }))]).toEqual(expected.indices)
  expect([...(await dataset.map(() => undefined))]).toEqual(expected.nothing)
})

test('rows and columns are chosen', async () => {
  expect([...(await dataset.filter(({ text }, i) => text > 'b' && i !== 1))]).toEqual(expected.filter)
  expect([...dataset.select([4, 0, 0])]).toEqual(expected.select)
  expect([...dataset.take(2)]).toEqual(expected.take)
  expect([...dataset.skip(4)]).toEqual(expected.skip)
  expect([...dataset.renameColumn('text', 'sentence')]).toEqual(expected.renamed)
  expect([...dataset.removeColumns(['text'])]).toEqual(expected.removed)
  expect(dataset.columnNames).toEqual(['text', 'label', 'number'])
  expect(dataset.at(-1)).toEqual(rows[5])
  expect([...Dataset.fromDict({ a: new Int8Array([1, 2]), b: ['x', 'y'] })]).toEqual([
    { a: 1, b: 'x' },
    { a: 2, b: 'y' },
  ])
})

test('classes get numbers, sorted by name', () => {
  const encoded = dataset.classEncodeColumn('label')
  expect([...encoded]).toEqual(expected.encoded)
  expect(encoded.features.label!.names).toEqual(expected.names)
  const digits = Dataset.fromDict({ label: [10, 9, 2, 10] }).classEncodeColumn('label')
  expect(digits.column('label')).toEqual(expected.numbers)
  expect(digits.renameColumn('label', 'labels').take(1).features.labels!.names).toEqual(expected.numberNames)
})

test('a part is held out', () => {
  const { train, test: held } = dataset.trainTestSplit({ testSize: 0.25, shuffle: false })
  expect([...train]).toEqual(expected.train)
  expect([...held]).toEqual(expected.test)
  const split = Dataset.from(numbers(100)).trainTestSplit({ testSize: 30, seed: 42 })
  const order = [...new Generator(42).randperm(100)]
  expect(split.test.column('x')).toEqual(order.slice(0, 30))
  expect(split.train.column('x')).toEqual(order.slice(30))
  expect(() => dataset.trainTestSplit({ testSize: 6 })).toThrow(OptionError)
})

test("a shuffle is torch's permutation", () => {
  expect(Dataset.from(numbers(5)).shuffle({ seed: 42 }).column('x')).toEqual([
    ...new Generator(42).randperm(5),
  ])
})

test("a stream does as Python's does, and no more work than it is asked for", async () => {
  let made = 0
  const counted = stream().map((row) => {
    made++
    return upper(row)
  })
  expect(
    await list(
      counted
        .filter(({ twice }) => twice > 2)
        .skip(1)
        .take(2),
    ),
  ).toEqual(expected.stream)
  expect(made).toBe(5)
  const batched = stream().map(windows, { batched: true, batchSize: 4, removeColumns: everyColumn })
  expect(await list(batched)).toEqual(expected.streamBatched)
  expect(await list(stream().renameColumn('text', 'sentence'))).toEqual(expected.renamed)
  expect(await list(stream().removeColumns(['text']))).toEqual(expected.removed)
  expect([...(await Dataset.fromAsync(stream()))]).toEqual(rows)
})

test('a shuffled stream holds no more than its buffer, and is another in each epoch', async () => {
  const read = { rows: 0 }
  const source = IterableDataset.from(function* () {
    for (const row of numbers(50)) {
      read.rows++
      yield row
    }
  })
  const shuffled = source.shuffle({ seed: 3, bufferSize: 10 })
  const first = (await list(shuffled)).map(({ x }) => x)
  // The algorithm of Python's datasets: a row leaves its place to the next one read; at the end the rest, permuted.
  const generator = new Generator(3)
  const buffer = numbers(10).map(({ x }) => x)
  const drawn = numbers(40).map(({ x }) => {
    const place = generator.randint(10)
    const value = buffer[place]!
    buffer[place] = x + 10
    return value
  })
  expect(first).toEqual([...drawn, ...[...generator.randperm(10)].map((i) => buffer[i]!)])
  expect((await list(shuffled)).map(({ x }) => x)).toEqual(first)
  const mapped = shuffled.map(({ x }) => ({ y: x }))
  mapped.setEpoch(1)
  const second = (await list(mapped)).map(({ y }) => y)
  expect(second).not.toEqual(first)
  expect(second.toSorted((a, b) => a - b)).toEqual(numbers(50).map(({ x }) => x))
  read.rows = 0
  await list(shuffled.take(1))
  expect(read.rows).toBe(11)
})

test('what is not there, or does not fit, is an error', async () => {
  expect(() => dataset.at(6)).toThrow('There is no row 6: the dataset has 6')
  expect(() => dataset.column('texts' as 'text')).toThrow(
    'no column "texts". The dataset has text, label, number',
  )
  expect(() => dataset.renameColumn('text', 'label')).toThrow(DatasetError)
  expect(() => Dataset.fromDict({ a: [1], b: [1, 2] })).toThrow(
    'Column "a" has 1 values, but column "b" has 2',
  )
  await expect(dataset.map(windows, { batched: true })).rejects.toThrow('removeColumns')
  expect(() => stream().shuffle({ bufferSize: 0 })).toThrow(OptionError)
  const once = IterableDataset.from(rows.values())
  await list(once)
  await expect(list(once)).rejects.toThrow(DatasetError)
  const controller = new AbortController()
  const endless = IterableDataset.from(function* () {
    for (let x = 0; ; x++) yield { x }
  })
  setTimeout(() => controller.abort(new Error('enough')), 20)
  await expect(Dataset.fromAsync(endless, { signal: controller.signal })).rejects.toThrow('enough')
})
