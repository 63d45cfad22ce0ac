import { keys } from 'idb-keyval'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { FileCache } from './cache'
import { FileNotFoundError, InvalidSourceError, OfflineError } from './errors'
import { type FileOptions, type Progress, type Source, settle } from './options'
import { openRepository, openWith } from './repository'
import { type Stores, storesNamed } from './stores'

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
  stores = storesNamed(crypto.randomUUID())
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
  expect(await repository.list()).toEqual(['config.json', 'sub/config.json'])
  expect(await repository.json('config.json')).toEqual({ folder: 'picked' })
  expect(await repository.json('sub/config.json')).toEqual({ folder: 'sub' })
  expect(steps.map(({ file, loaded, total }) => [file, loaded, total])).toEqual([
    ['config.json', 20, 20],
    ['sub/config.json', 17, 17],
  ])
  expect(steps.at(-1)!.totals).toEqual({ files: 2, loaded: 37, total: 37, rate: 0 })
  expect(await (await openRepository(directory, { subfolder: 'sub' })).size('config.json')).toBe(17)
  for (const path of ['absent.json', 'sub', 'absent/config.json', 'config.json/config.json']) {
    expect(await repository.has(path)).toBe(false)
    await expect(repository.file(path)).rejects.toThrow(FileNotFoundError)
  }
  await root.removeEntry('picked', { recursive: true })
})

/** A file as an input or a drop gives it: with the folder it was picked in. */
function picked(path: string, content: string): File {
  const file = new File([content], path.split('/').at(-1)!)
  Object.defineProperty(file, 'webkitRelativePath', { value: path })
  return file
}

test.each<[string, Source]>([
  ['files of a picked folder', [picked('mine/config.json', '{"a": 1}'), picked('mine/sub/vocab.txt', 'b')]],
  [
    'a map',
    new Map([
      ['config.json', new Blob(['{"a": 1}'])],
      ['sub/vocab.txt', new Blob(['b'])],
    ]),
  ],
  ['a record', { 'config.json': new Blob(['{"a": 1}']), 'sub/vocab.txt': new File(['b'], 'whatever.txt') }],
])('%s', async (_what, source) => {
  const repository = await openRepository(source)
  expect(repository.commit).toBeUndefined()
  expect(await repository.list()).toEqual(['config.json', 'sub/vocab.txt'])
  expect(await repository.json('config.json')).toEqual({ a: 1 })
  const sub = await openRepository(source, { subfolder: 'sub' })
  expect(await sub.list()).toEqual(['vocab.txt'])
  expect(await sub.text('vocab.txt')).toBe('b')
  expect(await repository.has('vocab.txt')).toBe(false)
  await expect(repository.file('model.safetensors')).rejects.toThrow(FileNotFoundError)
  await expect(repository.file('model.safetensors')).rejects.toThrow('They are: config.json, sub/vocab.txt.')
})

test("an input's FileList, of single files and of a folder", async () => {
  const input = Object.assign(document.createElement('input'), { type: 'file', multiple: true })
  const transfer = new DataTransfer()
  transfer.items.add(new File(['{"a": 1}'], 'config.json'))
  transfer.items.add(new File(['b'], 'vocab.txt'))
  input.files = transfer.files
  const repository = await openRepository(input.files)
  expect(await repository.list()).toEqual(['config.json', 'vocab.txt'])
  expect(await repository.text('vocab.txt')).toBe('b')
})

test('what is no file among the files is named', async () => {
  const source = { 'config.json': 'text' } as unknown as Record<string, Blob>
  await expect(openRepository(source)).rejects.toThrow(InvalidSourceError)
  await expect(openRepository(source)).rejects.toThrow('"config.json" is no file')
})

test('a path of the app is relative to the page, wherever its script comes from', async () => {
  const addresses: string[] = []
  const fetch: FileOptions['fetch'] = async (input) => {
    addresses.push(String(input))
    return new Response('{}')
  }
  for (const source of ['/models/name', './models/name', '../name'])
    await (await openRepository(source, { fetch, cache: false })).text('config.json')
  expect(addresses).toEqual(
    ['/models/name', './models/name', '../name'].map(
      (path) => new URL(`${path}/config.json`, document.baseURI).href,
    ),
  )
})

describe('If-Range', () => {
  /** The requests for a folder of this origin, or another, whose file was begun with in an earlier download. */
  async function conditions(address: string, etag: string) {
    const seen: (string | null)[] = []
    const content = 'x'.repeat(9 * 2 ** 20)
    const fetch: FileOptions['fetch'] = async (_input, init) => {
      const headers = new Headers(init?.headers)
      seen.push(headers.get('if-range'))
      const [, begin, end] = /bytes=(\d+)-(\d+)/.exec(headers.get('range')!)!.map(Number)
      if (seen.length === 2) return new Response('', { status: 403 })
      const body = content.slice(begin, end! + 1)
      const range = `bytes ${begin}-${begin! + body.length - 1}/${content.length}`
      return new Response(body, { status: 206, headers: { etag, 'content-range': range } })
    }
    const read = async () =>
      (await openWith(new FileCache(stores), address, settle({ fetch }))).file('model.safetensors')
    await expect(read()).rejects.toThrow('answered 403')
    expect((await read()).size).toBe(content.length)
    return seen
  }

  test('guards the rest of a file on the own origin, which saves a request when it has changed', async () => {
    const seen = await conditions('/models/name', '"one"')
    expect(seen[0]).toBeNull()
    expect(seen[2]).toBe('"one"')
  })

  test('is not sent with a weak ETag, which promises no equal bytes', async () => {
    expect(new Set(await conditions('/models/name', 'W/"one"'))).toEqual(new Set([null]))
  })

  test('is not sent across origins, where each request would need a preflight', async () => {
    expect(new Set(await conditions(address, '"one"'))).toEqual(new Set([null]))
  })
})
