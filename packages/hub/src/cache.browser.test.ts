import { keys, set, type UseStore } from 'idb-keyval'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FileCache } from './cache'
import { contentsOf } from './cache-contents'
import {
  FileNotFoundError,
  NetworkError,
  OfflineError,
  RepositoryNotFoundError,
  TruncatedFileError,
} from './errors'
import { type FileOptions, type Progress, type Source, settle } from './options'
import { isCached } from './prefetch'
import { openRepository, openWith } from './repository'
import { type Stores, storesNamed } from './stores'

vi.mock('./pause', () => ({ pause: async () => {} }))

const endpoint = 'https://hub.example'
const first = '1'.repeat(40)
const second = '2'.repeat(40)
const offline = () => Promise.reject(new TypeError('Failed to fetch'))

let stores: Stores
let commits: Record<string, Record<string, string>>
let head: string
let requests: string[]

/** A Hub in memory: `commits[commit][path]` is a file's content, `head` is where `main` points. */
const hub: typeof fetch = async (input) => {
  const { pathname } = new URL(String(input))
  requests.push(pathname)
  const [, revision] = /^\/api\/models\/org\/name\/revision\/(.+)$/.exec(pathname) ?? []
  if (revision !== undefined) {
    const sha = revision === 'main' ? head : revision
    const siblings = Object.entries(commits[sha] ?? {}).map(([rfilename, content]) => ({
      rfilename,
      size: content.length,
      blobId: `id of ${content}`,
    }))
    return Response.json({ sha, siblings })
  }
  const [, commit = '', path = ''] = /^\/org\/name\/resolve\/([^/]+)\/(.+)$/.exec(pathname) ?? []
  const content = commits[commit]?.[path]
  return content === undefined ? new Response('', { status: 404 }) : new Response(content)
}

const open = (options: FileOptions = {}, source: Source = 'org/name', cache = new FileCache(stores)) =>
  openWith(cache, source, settle({ endpoint, fetch: hub, ...options }))

const isCachedHere = (path?: string, options: FileOptions = {}, source: Source = 'org/name') =>
  isCached(source, path, { endpoint, ...options }, (source, options = {}) => open(options, source))

const resolved = () => requests.filter((path) => path.includes('/resolve/'))

beforeEach(() => {
  stores = storesNamed(crypto.randomUUID())
  commits = {
    [first]: { 'config.json': '{"version": 1}', 'vocab.txt': 'a b c' },
    [second]: { 'config.json': '{"version": 2}', 'vocab.txt': 'a b c' },
  }
  head = first
  requests = []
})
afterEach(() => {
  vi.restoreAllMocks()
})

test('a second load asks for the commit only', async () => {
  await (await open()).json('config.json')
  requests = []
  const steps: Progress[] = []
  expect(await (await open({ onProgress: (step) => steps.push(step) })).json('config.json')).toEqual({
    version: 1,
  })
  expect(requests).toEqual(['/api/models/org/name/revision/main'])
  const cached = { loaded: 14, total: 14, rate: 0 }
  expect(steps).toEqual([{ file: 'config.json', ...cached, totals: { files: 1, ...cached } }])
})

test('a pinned commit that is cached makes no request at all', async () => {
  await (await open({ revision: first })).json('config.json')
  const repository = await open({ revision: first, fetch: offline })
  expect(await repository.json('config.json')).toEqual({ version: 1 })
  expect(await repository.has('absent.json')).toBe(false)
})

test('a commit learnt through its branch is cached as itself', async () => {
  await (await open()).json('config.json')
  expect(await (await open({ revision: first, fetch: offline })).json('config.json')).toEqual({ version: 1 })
})

test.each<[string, typeof fetch]>([
  ['the network is away', offline],
  ['the server answers 503', async () => new Response('', { status: 503 })],
])('a branch is read from the cache when %s', async (_why, fetch) => {
  await (await open()).json('config.json')
  const repository = await open({ fetch })
  expect(repository.commit).toBe(first)
  expect(await repository.json('config.json')).toEqual({ version: 1 })
  expect(await repository.has('vocab.txt')).toBe(true)
  expect(await repository.has('absent.json')).toBe(false)
  await expect(repository.file('absent.json')).rejects.toThrow(FileNotFoundError)
  await expect(repository.file('vocab.txt')).rejects.toThrow(NetworkError)
})

test('a repository that is gone is not read from the cache', async () => {
  await (await open()).json('config.json')
  const gone = async () => new Response('', { status: 404, headers: { 'x-error-code': 'RepoNotFound' } })
  await expect(open({ fetch: gone })).rejects.toThrow(RepositoryNotFoundError)
})

test('a branch that was never loaded needs the network', async () => {
  await expect(open({ fetch: offline })).rejects.toThrow(OfflineError)
})

test('a branch that moved on brings the files that changed, and no others', async () => {
  const before = await open()
  await before.text('config.json')
  await before.text('vocab.txt')
  head = second
  requests = []
  const after = await open()
  expect(await after.json('config.json')).toEqual({ version: 2 })
  expect(await after.text('vocab.txt')).toBe('a b c')
  expect(resolved()).toEqual([`/org/name/resolve/${second}/config.json`])
  expect(await (await open({ revision: first, fetch: offline })).json('config.json')).toEqual({ version: 1 })
})

test('one load stays at its commit while the branch moves on', async () => {
  const repository = await open()
  head = second
  expect(await repository.json('config.json')).toEqual({ version: 1 })
})

test('localFilesOnly never touches the network', async () => {
  await expect(open({ localFilesOnly: true })).rejects.toThrow('localFilesOnly forbids the network')
  await (await open()).json('config.json')
  requests = []
  const repository = await open({ localFilesOnly: true })
  expect(await repository.json('config.json')).toEqual({ version: 1 })
  await expect(repository.file('vocab.txt')).rejects.toThrow(OfflineError)
  expect(requests).toEqual([])
})

test('forceDownload downloads what is cached, and takes nothing old when it cannot', async () => {
  await (await open()).json('config.json')
  requests = []
  await (await open({ forceDownload: true })).json('config.json')
  expect(resolved()).toEqual([`/org/name/resolve/${first}/config.json`])
  await expect(open({ forceDownload: true, fetch: offline })).rejects.toThrow(OfflineError)
})

test('two endpoints share nothing', async () => {
  await (await open()).json('config.json')
  await expect(open({ endpoint: 'https://other.example', fetch: offline })).rejects.toThrow(OfflineError)
})

test('cache: false leaves nothing behind', async () => {
  const uncached = { endpoint: 'https://uncached.example' }
  const repository = await openRepository('org/name', { ...uncached, fetch: hub, cache: false })
  expect(await repository.json('config.json')).toEqual({ version: 1 })
  expect(await isCached('org/name', 'config.json', uncached)).toBe(false)
})

const MB = 2 ** 20

/** A download of 70 MB, of which a chunk is stored before `at` bytes have come; then `end` happens. */
function largeHub(at: number, end: (controller: ReadableStreamDefaultController) => unknown): typeof fetch {
  const piece = new Uint8Array(MB).fill(7)
  return async (input) => {
    if (!String(input).includes('/resolve/'))
      return Response.json({
        sha: first,
        siblings: [{ rfilename: 'model.safetensors', size: 70 * MB, blobId: 'large' }],
      })
    let sent = 0
    return new Response(
      new ReadableStream({
        pull(controller) {
          if (sent >= at) return void end(controller)
          sent += MB
          controller.enqueue(piece)
        },
      }),
    )
  }
}

test('a large file is stored in chunks and read back whole', async () => {
  const steps: Progress[] = []
  const fetch = largeHub(70 * MB, (controller) => controller.close())
  const blob = await (await open({ fetch, onProgress: (step) => steps.push(step) })).file('model.safetensors')
  expect(blob.size).toBe(70 * MB)
  expect(await keys(stores.chunks)).toEqual([
    [`${endpoint}#large`, 0],
    [`${endpoint}#large`, 64 * MB],
  ])
  expect(steps.at(-1)).toMatchObject({ file: 'model.safetensors', loaded: 70 * MB, total: 70 * MB })
  const cached = await (await open({ localFilesOnly: true })).file('model.safetensors')
  const digest = async (file: Blob) =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))
  expect(await digest(cached)).toEqual(await digest(new Blob([new Uint8Array(70 * MB).fill(7)])))
})

test('a download that breaks off leaves nothing behind', async () => {
  const fetch = largeHub(66 * MB, (controller) => controller.error(new TypeError('network error')))
  const read = (await open({ fetch })).file('model.safetensors')
  await expect(read).rejects.toThrow(NetworkError)
  await expect(read).rejects.toThrow(`broke off after 0 of ${70 * MB} bytes`)
  await expect(read).rejects.toMatchObject({ cause: expect.any(TypeError) })
  await vi.waitFor(async () => expect(await keys(stores.chunks)).toEqual([]))
  expect(await isCachedHere('model.safetensors')).toBe(false)
})

test('a download that ends early leaves nothing behind', async () => {
  const fetch = largeHub(66 * MB, (controller) => controller.close())
  const read = (await open({ fetch })).file('model.safetensors')
  await expect(read).rejects.toThrow(TruncatedFileError)
  await vi.waitFor(async () => expect(await keys(stores.chunks)).toEqual([]))
  expect(await keys(stores.blobs)).toEqual([])
})

test('a forced download that breaks off leaves no mixture of old and new', async () => {
  const whole = largeHub(70 * MB, (controller) => controller.close())
  await (await open({ fetch: whole })).file('model.safetensors')
  const cut = largeHub(66 * MB, (controller) => controller.error(new TypeError('network error')))
  const read = (await open({ fetch: cut, forceDownload: true })).file('model.safetensors')
  await expect(read).rejects.toThrow(NetworkError)
  await vi.waitFor(async () => expect(await keys(stores.chunks)).toEqual([]))
  expect(await keys(stores.blobs)).toEqual([])
})

test('an abort in mid-download stops it and leaves nothing behind', async () => {
  const controller = new AbortController()
  const fetch = largeHub(66 * MB, () => controller.abort())
  const read = (await open({ fetch, signal: controller.signal })).file('model.safetensors')
  await expect(read).rejects.toMatchObject({ name: 'AbortError' })
  await vi.waitFor(async () => expect(await keys(stores.chunks)).toEqual([]))
  expect(await keys(stores.blobs)).toEqual([])
})

test('an abort is obeyed by what is cached, too', async () => {
  await (await open()).json('config.json')
  const reason = new Error('enough')
  const read = (await open()).file('config.json', { signal: AbortSignal.abort(reason) })
  await expect(read).rejects.toBe(reason)
})

test('a blob of which a chunk is missing is not there', async () => {
  const cache = new FileCache(stores)
  await set(['half', 0], new Blob(['abc']), stores.chunks)
  expect(await cache.blob('half')).toBeUndefined()
  await set('half', { size: 6 }, stores.blobs)
  expect(await cache.blob('half')).toBeUndefined()
  await set(['half', 4], new Blob(['ef']), stores.chunks)
  expect(await cache.blob('half')).toBeUndefined()
})

test('a chunk that overlaps the others is passed over', async () => {
  await set(['whole', 0], new Blob(['abc']), stores.chunks)
  await set(['whole', 1], new Blob(['bcde']), stores.chunks)
  await set(['whole', 3], new Blob(['def']), stores.chunks)
  await set('whole', { size: 6 }, stores.blobs)
  expect(await (await new FileCache(stores).blob('whole'))?.text()).toBe('abcdef')
})

test('a full disk lets the file load, uncached, with a warning', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const full: Stores['chunks'] = (mode, use) =>
    mode === 'readwrite'
      ? Promise.reject(new DOMException('Quota exceeded.', 'QuotaExceededError'))
      : stores.chunks(mode, use)
  const cache = new FileCache({ ...stores, chunks: full })
  expect(await (await open({}, 'org/name', cache)).json('config.json')).toEqual({ version: 1 })
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('config.json is used without being cached'))
  expect(await keys(stores.blobs)).toEqual([])
  expect(await (await open({}, 'org/name', cache)).json('config.json')).toEqual({ version: 1 })
  expect(resolved()).toHaveLength(2)
})

test('a disk that fills up in mid-download keeps nothing of the file', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  let writes = 0
  const filling: Stores['chunks'] = (mode, use) =>
    mode === 'readwrite' && ++writes === 2
      ? Promise.reject(new DOMException('Quota exceeded.', 'QuotaExceededError'))
      : stores.chunks(mode, use)
  const fetch = largeHub(70 * MB, (controller) => controller.close())
  const cache = new FileCache({ ...stores, chunks: filling })
  const blob = await (await open({ fetch }, 'org/name', cache)).file('model.safetensors')
  expect(warn).toHaveBeenCalledTimes(1)
  expect(await keys(stores.chunks)).toEqual([])
  expect(new Set(new Uint8Array(await blob.arrayBuffer()))).toEqual(new Set([7]))
  expect(blob.size).toBe(70 * MB)
})

test('a storage that is blocked altogether does not stop a load', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const blocked = () => Promise.reject(new DOMException('Denied.', 'SecurityError'))
  const cache = new FileCache({
    refs: blocked,
    snapshots: blocked,
    blobs: blocked,
    chunks: blocked,
    downloads: blocked,
    derived: blocked,
    uses: blocked,
  })
  expect(await (await open({}, 'org/name', cache)).json('config.json')).toEqual({ version: 1 })
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('SecurityError: Denied.'))
})

test('what was made of files is kept until one of them changes, and goes with them', async () => {
  let made = 0
  const paths = ['config.json', 'vocab.txt']
  const count = async (repository: Awaited<ReturnType<typeof open>>, name = 'words') =>
    repository.derived(name, paths.reverse(), async () => ({
      made: ++made,
      ids: Int32Array.of(7),
    }))
  expect(await count(await open())).toEqual({ made: 1, ids: Int32Array.of(7) })
  expect(await count(await open({ fetch: offline }))).toEqual({ made: 1, ids: Int32Array.of(7) })
  expect((await count(await open(), 'other words')).made).toBe(2)
  head = second
  expect((await count(await open())).made).toBe(3)
  expect((await count(await open({ fetch: offline }))).made).toBe(3)
  await contentsOf(() => stores).remove('org/name', undefined, { endpoint })
  expect(await keys(stores.derived)).toEqual([])
})

test('the contents are listed, measured and removed', async () => {
  const contents = contentsOf(() => stores)
  const repository = await open()
  await repository.text('config.json')
  await repository.text('vocab.txt')
  head = second
  const before = Date.now()
  await (await open()).text('vocab.txt')
  const listed = (await contents.list()).sort((a, b) => (a.commit < b.commit ? -1 : 1))
  const lastUsed = listed[0]!.lastUsed!
  expect(lastUsed.getTime()).toBeGreaterThanOrEqual(before)
  const address = `${endpoint}/org/name`
  expect(listed).toEqual([
    {
      repository: address,
      commit: first,
      revisions: [],
      size: 19,
      lastUsed,
      files: [
        { path: 'config.json', size: 14 },
        { path: 'vocab.txt', size: 5 },
      ],
    },
    {
      repository: address,
      commit: second,
      revisions: ['main'],
      size: 5,
      lastUsed,
      files: [{ path: 'vocab.txt', size: 5 }],
    },
  ])
  expect(await contents.size()).toBe(19)
  expect(await isCachedHere('vocab.txt')).toBe(true)
  expect(await isCachedHere('config.json')).toBe(false)
  expect(await isCachedHere('config.json', { revision: first })).toBe(true)
  expect(await isCachedHere(undefined, {}, 'org/other')).toBe(false)
  await contents.remove('org/other', undefined, { endpoint })
  expect(await contents.size()).toBe(19)
  await contents.remove(address)
  expect(await contents.list()).toEqual([])
  for (const store of Object.values(stores)) expect(await keys(store as UseStore)).toEqual([])
})

test('of a revision that is removed, the files that another one shares stay', async () => {
  const contents = contentsOf(() => stores)
  const repository = await open()
  await repository.text('config.json')
  await repository.text('vocab.txt')
  head = second
  const later = await open()
  await later.text('config.json')
  await later.text('vocab.txt')
  const where = { endpoint }
  await contents.remove('org/name', 'v1.0', where)
  expect(await contents.size()).toBe(33)
  await contents.remove('org/name', first, where)
  expect((await contents.list()).map(({ commit }) => commit)).toEqual([second])
  expect(await contents.size()).toBe(19)
  expect(await (await open({ fetch: offline })).text('vocab.txt')).toBe('a b c')
  await expect(open({ fetch: offline, revision: first })).rejects.toThrow(OfflineError)
  await contents.remove('org/name', 'main', where)
  for (const store of Object.values(stores)) expect(await keys(store as UseStore)).toEqual([])
})

test('all is removed that can be downloaded again, and what was saved here only by its name', async () => {
  const contents = contentsOf(() => stores)
  await (await open()).text('config.json')
  const saved = new FileCache(stores)
  await saved.keepSnapshot('indexeddb://mine', 'main', { commit: 'main', files: new Map() })
  await contents.remove()
  expect((await contents.list()).map(({ repository }) => repository)).toEqual(['indexeddb://mine'])
  await contents.remove('indexeddb://mine')
  for (const store of Object.values(stores)) expect(await keys(store as UseStore)).toEqual([])
})

test.each(['refs/pr/3', 'feature/x y', 'v1.0'])(
  'revision %s is one part of the address',
  async (revision) => {
    commits[decodeURIComponent(encodeURIComponent(revision))] = commits[first]!
    await open({ revision })
    expect(requests).toEqual([`/api/models/org/name/revision/${encodeURIComponent(revision)}`])
  },
)
