import { createStore, keys } from 'idb-keyval'
import { beforeEach, expect, test, vi } from 'vitest'
import { FileCache, type Stores } from './cache'
import { FileNotFoundError, OfflineError } from './errors'
import { type FileOptions, type Progress, settle } from './options'
import { openRepository, openWith } from './repository'

vi.mock('./pause', () => ({ pause: async () => {} }))

const address = 'https://static.example/models/name'
const offline = () => Promise.reject(new TypeError('Failed to fetch'))

let stores: Stores
let files: Record<string, { content: string; etag?: string }>
let requests: string[]

const server: typeof fetch = async (input, init) => {
  requests.push(`${init?.method} ${new URL(String(input)).pathname}`)
  const file = files[String(input).slice(address.length + 1)]
  if (!file) return new Response('', { status: 404 })
  const headers = new Headers({ 'content-length': String(file.content.length) })
  if (file.etag) headers.set('etag', file.etag)
  return new Response(init?.method === 'HEAD' ? null : file.content, { headers })
}

const open = (options: FileOptions = {}) =>
  openWith(new FileCache(stores), `${address}/`, settle({ fetch: server, ...options }))

beforeEach(() => {
  const store = (name: string) => createStore(`test-${crypto.randomUUID()}`, name)
  stores = {
    refs: store('refs'),
    snapshots: store('snapshots'),
    blobs: store('blobs'),
    chunks: store('chunks'),
    downloads: store('downloads'),
    derived: store('derived'),
  }
  files = { 'config.json': { content: '{"version": 1}', etag: '"one"' }, 'vocab.txt': { content: 'a b c' } }
  requests = []
})

test('a folder is read from the cache while it is away', async () => {
  const online = await open()
  await online.text('config.json')
  await online.text('vocab.txt')
  expect(await online.has('absent.json')).toBe(false)
  const repository = await open({ fetch: offline })
  expect(await repository.json('config.json')).toEqual({ version: 1 })
  expect(await repository.text('vocab.txt')).toBe('a b c')
  expect(await repository.has('config.json')).toBe(true)
  expect(await repository.has('absent.json')).toBe(false)
  await expect(repository.file('absent.json')).rejects.toThrow(FileNotFoundError)
  await expect(repository.has('never-asked.json')).rejects.toThrow(OfflineError)
})

test('localFilesOnly reads a folder from the cache without a request', async () => {
  await (await open()).text('config.json')
  requests = []
  const repository = await open({ localFilesOnly: true })
  expect(await repository.json('config.json')).toEqual({ version: 1 })
  await expect(repository.text('vocab.txt')).rejects.toThrow('localFilesOnly forbids the network')
  expect(requests).toEqual([])
})

test('an ETag decides whether a file is taken from the cache', async () => {
  await (await open()).text('config.json')
  files['config.json'] = { content: 'unseen', etag: '"one"' }
  expect(await (await open()).json('config.json')).toEqual({ version: 1 })
  files['config.json'] = { content: '{"version": 2}', etag: '"two"' }
  expect(await (await open()).json('config.json')).toEqual({ version: 2 })
  expect(await (await open({ fetch: offline })).json('config.json')).toEqual({ version: 2 })
  expect(await keys(stores.blobs)).toEqual([`${address}/config.json#"two"`])
})

test('a folder without ETags is always read anew', async () => {
  await (await open()).text('vocab.txt')
  files['vocab.txt'] = { content: 'd e f' }
  expect(await (await open()).text('vocab.txt')).toBe('d e f')
})

test('a picked directory is read straight', async () => {
  const root = await navigator.storage.getDirectory()
  const directory = await root.getDirectoryHandle('picked', { create: true })
  const sub = await directory.getDirectoryHandle('sub', { create: true })
  for (const folder of [directory, sub]) {
    const writable = await (await folder.getFileHandle('config.json', { create: true })).createWritable()
    await writable.write(`{"folder": "${folder.name}"}`)
    await writable.close()
  }
  const steps: Progress[] = []
  const repository = await openRepository(directory, { onProgress: (step) => steps.push(step) })
  expect(repository.name).toBe('picked')
  expect(await repository.json('config.json')).toEqual({ folder: 'picked' })
  expect(await repository.json('sub/config.json')).toEqual({ folder: 'sub' })
  expect(steps).toEqual([
    { file: 'config.json', loaded: 20, total: 20 },
    { file: 'sub/config.json', loaded: 17, total: 17 },
  ])
  expect(await (await openRepository(directory, { subfolder: 'sub' })).size('config.json')).toBe(17)
  for (const path of ['absent.json', 'sub', 'absent/config.json', 'config.json/config.json']) {
    expect(await repository.has(path)).toBe(false)
    await expect(repository.file(path)).rejects.toThrow(FileNotFoundError)
  }
  await root.removeEntry('picked', { recursive: true })
})
