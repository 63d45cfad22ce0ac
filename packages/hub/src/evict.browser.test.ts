import { keys, set, type UseStore } from 'idb-keyval'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FileCache } from './cache'
import { contentsOf } from './cache-contents'
import { roomIn } from './evict'
import { settle } from './options'
import { openWith } from './repository'
import { type Stores, storesNamed } from './stores'
import { type MemoryHub, memoryHub, numbered } from './testing/memory-hub'

const MB = 2 ** 20
const weights = 'model.safetensors'
const names = ['org/old', 'org/middle', 'org/new']
let stores: Stores
let hub: MemoryHub

const settings = (options = {}) => settle({ endpoint: hub.endpoint, fetch: hub.fetch, ...options })
const address = (name: string) => `${hub.endpoint}/${name}`
const contents = () => contentsOf(() => stores)
const stored = async () => (await contents().list()).map(({ repository }) => repository).sort()

/** A disk with room for so many bytes of chunks. */
function disk(bytes: number): Stores {
  const chunks: UseStore = async (mode, use) => {
    if (mode === 'readonly') return stores.chunks(mode, use)
    const before = await used()
    const result = await stores.chunks(mode, use)
    const after = await used()
    if (after <= bytes || after <= before) return result
    const last = (await keys<[string, number]>(stores.chunks)).find(
      ([id]) => id.includes('#') && !known.has(id),
    )
    await stores.chunks('readwrite', (store) => void store.delete(last!))
    throw new DOMException('The disk is full.', 'QuotaExceededError')
  }
  return { ...stores, chunks }
}
/** The blobs that were there before. */
let known: Set<string>

async function used(): Promise<number> {
  const blobs = await stores.chunks(
    'readonly',
    (store) =>
      new Promise<Blob[]>((resolve) => {
        const request = store.getAll()
        request.onsuccess = () => resolve(request.result)
      }),
  )
  return blobs.reduce((sum, { size }) => sum + size, 0)
}

beforeEach(async () => {
  stores = storesNamed(crypto.randomUUID())
  const file = (n: number) => ({ [weights]: numbered(MB).map((byte) => byte ^ n) })
  hub = memoryHub(Object.fromEntries([...names, 'org/next'].map((name, i) => [name, file(i)])))
  for (const [i, name] of names.entries()) {
    await (await openWith(new FileCache(stores), name, settings())).file(weights)
    await set(address(name), 1000 * (i + 1), stores.uses)
  }
  known = new Set((await keys<[string, number]>(stores.chunks)).map(([id]) => id))
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** As much is free as the test says. */
const free = (bytes: number) =>
  vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ quota: 100 * MB + bytes, usage: 100 * MB })

test('room is made by what was not used for longest, and no more than is needed', async () => {
  free(MB)
  expect(await contents().makeRoom(MB)).toEqual([])
  expect(await contents().makeRoom(2.5 * MB)).toEqual([
    { repository: address('org/old'), size: MB },
    { repository: address('org/middle'), size: MB },
  ])
  expect(await stored()).toEqual([address('org/new')])
  expect((await contents().makeRoom(99 * MB)).map(({ repository }) => repository)).toEqual([
    address('org/new'),
  ])
  for (const store of Object.values(stores)) expect(await keys(store as UseStore)).toEqual([])
})

test('reading a file makes its repository the last to go', async () => {
  await (await openWith(new FileCache(stores), 'org/old', settings())).file(weights)
  free(0)
  const [first] = await contents().makeRoom(1)
  expect(first!.repository).toBe(address('org/middle'))
})

test('what a tab downloads at the moment stays', async () => {
  hub.repositories['org/old']!['more.bin'] = numbered(2 * MB)
  let go = () => {}
  const waiting = new Promise<void>((resolve) => {
    go = resolve
  })
  hub.spoil = async (_path, bytes) => {
    await waiting
    return bytes
  }
  const opened = await openWith(new FileCache(stores), 'org/old', settings())
  const loading = opened.file('more.bin')
  await vi.waitFor(async () => expect(await keys(stores.downloads)).toHaveLength(1))
  free(0)
  const gone = await contents().makeRoom(99 * MB)
  expect(gone.map(({ repository }) => repository)).toEqual([address('org/middle'), address('org/new')])
  go()
  expect((await loading).size).toBe(2 * MB)
})

test('evict: true lets a full disk cost the oldest repository its place', async () => {
  const info = vi.spyOn(console, 'info').mockImplementation(() => {})
  const full = disk(3 * MB)
  const opened = await openWith(new FileCache(full, roomIn(full)), 'org/next', settings())
  expect((await opened.file(weights)).size).toBe(MB)
  expect(await stored()).toEqual([address('org/middle'), address('org/new'), address('org/next')])
  expect(info).toHaveBeenCalledWith(expect.stringContaining(`${address('org/old')} was removed`))
  const offline = settings({ localFilesOnly: true })
  expect((await (await openWith(new FileCache(stores), 'org/next', offline)).file(weights)).size).toBe(MB)
})

test('without it nobody loses anything, and the load goes on uncached', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const opened = await openWith(new FileCache(disk(3 * MB)), 'org/next', settings())
  expect((await opened.file(weights)).size).toBe(MB)
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('the disk is full'))
  expect((await contents().list()).filter(({ files }) => files.length > 0)).toHaveLength(3)
})

test('a file that is larger than the disk evicts all it can, and goes on uncached', async () => {
  vi.spyOn(console, 'info').mockImplementation(() => {})
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const full = disk(MB / 2)
  const opened = await openWith(new FileCache(full, roomIn(full)), 'org/next', settings())
  expect((await opened.file(weights)).size).toBe(MB)
  expect(warn).toHaveBeenCalledTimes(1)
  expect(await keys(stores.blobs)).toEqual([])
})
