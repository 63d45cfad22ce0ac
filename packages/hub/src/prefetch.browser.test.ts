import { beforeEach, expect, test } from 'vitest'
import { FileCache } from './cache'
import { cache } from './cache-contents'
import { FileNotFoundError, InvalidSourceError } from './errors'
import { type FileOptions, type Progress, type Source, settle } from './options'
import { isCached, prefetch } from './prefetch'
import { openWith } from './repository'
import { type Stores, storesNamed } from './stores'
import { type MemoryHub, memoryHub, numbered, text } from './testing/memory-hub'

let stores: Stores
let hub: MemoryHub

const open = (source: Source, options: FileOptions = {}) =>
  openWith(new FileCache(stores), source, settle({ endpoint: hub.endpoint, fetch: hub.fetch, ...options }))

beforeEach(() => {
  stores = storesNamed(crypto.randomUUID())
  const index = {
    weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
  }
  const small = { 'config.json': text('{}'), 'tokenizer.json': text('{ }'), 'README.md': text('Read me.') }
  hub = memoryHub({
    'org/name': {
      ...small,
      'model.safetensors': numbered(4000),
      'model.fp16.safetensors': numbered(2000),
      'onnx/model.onnx': numbered(400),
    },
    'org/large': {
      ...small,
      'model.safetensors.index.json': text(JSON.stringify(index)),
      'model-00001-of-00002.safetensors': numbered(2000),
      'model-00002-of-00002.safetensors': numbered(4000),
    },
    'org/text': small,
  })
})

test('what fromPretrained loads is downloaded, and nothing else; then no network is needed', async () => {
  const steps: Progress[] = []
  expect(await isCached('org/name', undefined, {}, open)).toBe(false)
  const paths = await prefetch('org/name', { onProgress: (step) => steps.push(step) }, open)
  expect(paths).toEqual(['config.json', 'tokenizer.json', 'model.safetensors'])
  expect(hub.asked.map(({ path }) => path).sort()).toEqual(paths.toSorted())
  expect(steps.at(-1)!.totals).toMatchObject({ files: 3, loaded: 4005, total: 4005 })
  hub.asked = []
  expect(await isCached('org/name', undefined, {}, open)).toBe(true)
  expect(await isCached('org/name', 'README.md', {}, open)).toBe(false)
  expect(await prefetch('org/name', {}, open)).toEqual(paths)
  expect(hub.asked).toEqual([])
})

test('options that choose a checkpoint choose the one that is fetched', async () => {
  const paths = await prefetch('org/name', { variant: 'fp16' }, open)
  expect(paths).toEqual(['config.json', 'tokenizer.json', 'model.fp16.safetensors'])
  expect(await isCached('org/name', undefined, { variant: 'fp16' }, open)).toBe(true)
  expect(await isCached('org/name', undefined, {}, open)).toBe(false)
})

test('all shards of a large one', async () => {
  const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']
  const paths = await prefetch('org/large', {}, open)
  expect(paths).toEqual(['config.json', 'tokenizer.json', 'model.safetensors.index.json', ...shards])
  expect(await isCached('org/large', undefined, {}, open)).toBe(true)
  expect(await isCached('org/large', shards[1], {}, open)).toBe(true)
})

test('a model is not cached while a shard is missing', async () => {
  await prefetch('org/large', { ignorePatterns: '*00002-of*' }, open)
  expect(await isCached('org/large', undefined, {}, open)).toBe(false)
})

test('patterns choose files as in Python', async () => {
  expect(await prefetch('org/name', { allowPatterns: ['*.json', 'onnx/*'] }, open)).toEqual([
    'config.json',
    'tokenizer.json',
    'onnx/model.onnx',
  ])
  expect(await prefetch('org/name', { ignorePatterns: ['*.safetensors', 'onnx/'] }, open)).toEqual([
    'config.json',
    'tokenizer.json',
    'README.md',
  ])
})

test('a repository without a checkpoint is told, unless patterns say what is wanted', async () => {
  await expect(prefetch('org/text', {}, open)).rejects.toThrow(FileNotFoundError)
  expect(await prefetch('org/text', { allowPatterns: 'README.md' }, open)).toEqual(['README.md'])
})

test('a folder lists nothing: paths are taken, patterns refused', async () => {
  const address = 'https://static.example/name'
  const fetch: FileOptions['fetch'] = async () => new Response('{}', { headers: { etag: '"one"' } })
  expect(await prefetch(address, { allowPatterns: 'config.json', fetch }, open)).toEqual(['config.json'])
  expect(await isCached(address, 'config.json', {}, open)).toBe(true)
  const read = prefetch(address, { allowPatterns: '*.json', fetch }, open)
  await expect(read).rejects.toThrow(InvalidSourceError)
  await expect(read).rejects.toThrow('lists no files')
})

test('to look whether a model is cached is not to use it', async () => {
  const address = `https://static.example/${crypto.randomUUID()}`
  const fetch: FileOptions['fetch'] = async () => new Response('{}', { headers: { etag: '"one"' } })
  await prefetch(address, { allowPatterns: 'config.json', fetch })
  const lastUsed = async () =>
    (await cache.list()).find(({ repository }) => repository === address)!.lastUsed!.getTime()
  const used = await lastUsed()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await isCached(address, 'config.json')).toBe(true)
  expect(await lastUsed()).toBe(used)
  await prefetch(address, { allowPatterns: 'config.json', fetch })
  expect(await lastUsed()).toBeGreaterThan(used)
  await cache.remove(address)
  expect(await isCached(address, 'config.json')).toBe(false)
})
