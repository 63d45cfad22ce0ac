/** @file Parquet decoded in its worker: the rows that Python wrote, however the file comes. */
import { NetworkError } from '@webformers/hub'
import { expect, test, vi } from 'vitest'
import plainFile from '../../fixtures/data/none.parquet?url'
import zstdFile from '../../fixtures/data/zstd.parquet?url'
import recorded from '../../fixtures/datasets.json'
import { DatasetError } from '../errors'
import { Dataset } from './dataset'
import { IterableDataset } from './iterable-dataset'

const rows = recorded.parquet.map(({ wide, ...row }) => ({
  ...row,
  wide: typeof wide === 'string' ? BigInt(wide) : wide,
}))
const bytesOf = async (address: string) => (await fetch(address)).arrayBuffer()

test.each([
  ['an address', plainFile, async (address: string) => address],
  ['a file', zstdFile, async (address: string) => new Blob([await bytesOf(address)])],
  ['bytes', plainFile, bytesOf],
  ['a stream', zstdFile, async (address: string) => (await fetch(address)).body!],
])('from %s', async (_, address, source) => {
  expect([...(await Dataset.fromParquet(await source(address)))]).toEqual(rows)
})

test('whoever stops early ends the worker, and so does an error', async () => {
  const terminate = vi.spyOn(Worker.prototype, 'terminate')
  for await (const row of IterableDataset.fromParquet(plainFile).take(1)) expect(row).toEqual(rows[0])
  expect(terminate).toHaveBeenCalledTimes(1)
  await expect(Dataset.fromParquet(new Blob(['a,b\n1,2\n']))).rejects.toThrow(DatasetError)
  await expect(Dataset.fromParquet(plainFile, { columns: ['texts'] })).rejects.toThrow(
    'The Parquet file can\'t be read: There is no column "texts", but text, label,',
  )
  expect(terminate).toHaveBeenCalledTimes(3)
})

test('a network that breaks off is an error of its own', async () => {
  let requests = 0
  const flaky: typeof fetch = () => {
    if (++requests > 1) return Promise.reject(new TypeError('Failed to fetch'))
    const headers = { 'content-range': 'bytes 0-0/4504' }
    return Promise.resolve(new Response('P', { status: 206, headers }))
  }
  await expect(Dataset.fromParquet(plainFile, { fetch: flaky })).rejects.toThrow(NetworkError)
})
