import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openCheckpoint } from '../checkpoint'
import { SaveError } from '../errors'
import { decodeEntry } from '../tensor-entry'
import order from './fixture/written/order.json'
import { type SavedTensor, writeSafetensors } from './write-safetensors'
import { parseSize, type ShardOptions, staleFiles, writeCheckpoint } from './write-shards'

const folder = new URL('./fixture/written/', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, folder))
const bytesOf = async (blob: Blob) => Buffer.from(await blob.arrayBuffer())

/** A Blob that may be cut and put together, but not read: weights that stay as they are never come into memory. */
class Unread extends Blob {
  override arrayBuffer(): never {
    throw new Error('This tensor was read.')
  }
}

/** The tensors of files that Python wrote, by name. */
async function tensorsOf(files: Record<string, Buffer>): Promise<Map<string, SavedTensor>> {
  const blobs = Object.entries(files).map(
    ([name, bytes]) => [name, new Blob([new Uint8Array(bytes)])] as const,
  )
  const { entries } = await openCheckpoint(Object.fromEntries(blobs))
  const saved = [...entries.values()].map(async (entry): Promise<[string, SavedTensor]> => {
    const { name, dtype, shape, blob, offset, length } = entry
    const part = new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer())
    return [name, { name, dtype, shape, bytes: new Unread([decodeEntry(entry, part)]) }]
  })
  return new Map(await Promise.all(saved))
}

test('every type, and names in the order of UTF-8: the bytes of save_file', async () => {
  const truth = read('types.safetensors')
  const tensors = [...(await tensorsOf({ 'types.safetensors': truth })).values()]
  expect(new Set(tensors.map(({ dtype }) => dtype)).size).toBe(15)
  const mixed = tensors.toSorted((a, b) => a.name.length - b.name.length)
  expect(await bytesOf(writeSafetensors(mixed))).toEqual(truth)
})

describe.each<[string, ShardOptions]>([
  ['whole', {}],
  ['sharded', { maxShardSize: '1KB' }],
  ['odd', { maxShardSize: 700, variant: 'fp16' }],
])('%s checkpoint of save_pretrained', (name, options) => {
  test('the same files with the same bytes', async () => {
    const names = readdirSync(new URL(`${name}/`, folder)).toSorted()
    const truth = Object.fromEntries(names.map((file) => [file, read(`${name}/${file}`)]))
    const tensors = await tensorsOf(truth)
    const files = writeCheckpoint(
      order.map((each) => tensors.get(each)!),
      options,
    )
    expect(Object.keys(files).toSorted()).toEqual(names)
    for (const file of names) expect([file, await bytesOf(files[file]!)]).toEqual([file, truth[file]])
  })
})

test('tensors whose bytes are too few are refused', () => {
  const bytes = new Uint8Array(7)
  expect(() => writeSafetensors([{ name: 'x', dtype: 'F32', shape: [2], bytes }])).toThrow(
    'Tensor "x" has 7 bytes, expected 8 for F32 [2].',
  )
})

test('sizes are read as Python reads them, and in units of 1024', () => {
  expect(['200MB', '1.5 GB', ' 5gb', '1GiB', '10KB', 12].map(parseSize)).toEqual([
    200_000_000,
    1_500_000_000,
    5_000_000_000,
    2 ** 30,
    10_000,
    12,
  ])
  for (const size of ['5', '5 PB', 'GB', '-1MB', 0, Number.NaN, '1e3MB'])
    expect(() => parseSize(size), String(size)).toThrow(SaveError)
})

test('what an earlier checkpoint leaves behind is known, other variants and files are not touched', () => {
  const present = [
    'model.safetensors',
    'model-00001-of-00003.safetensors',
    'model-00001-of-00002.safetensors',
    'model.fp16.safetensors',
    'model.safetensors.index.fp16.json',
    'model.safetensors.index.json',
    'pytorch_model.bin',
    'config.json',
    'modelling.safetensors',
  ]
  const written = (...names: string[]) => Object.fromEntries(names.map((name) => [name, new Blob()]))
  expect(
    staleFiles(present, written('model-00001-of-00002.safetensors', 'model.safetensors.index.json')),
  ).toEqual(['model.safetensors', 'model-00001-of-00003.safetensors'])
  expect(staleFiles(present, written('model.fp16.safetensors'))).toEqual([
    'model.safetensors.index.fp16.json',
  ])
  expect(staleFiles(present, written('tokenizer.json'))).toEqual([])
})
