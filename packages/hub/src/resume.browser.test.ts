import { get, keys, type UseStore } from 'idb-keyval'
import { beforeEach, expect, test, vi } from 'vitest'
import { FileCache } from './cache'
import { contentsOf } from './cache-contents'
import { checkpointFiles } from './checkpoint-files'
import { NetworkError } from './errors'
import { type FileOptions, type Progress, type Source, settle } from './options'
import { openWith } from './repository'
import { type Stores, storesNamed } from './stores'

vi.mock('./pause', () => ({ pause: async () => {} }))

const MB = 2 ** 20
const endpoint = 'https://hub.example'
const folder = 'https://static.example/name'
const path = 'model.safetensors'

/** Bytes of which no two places hold the same. */
const numbered = (megabytes: number, first: number) =>
  new Uint8Array(Uint32Array.from({ length: (megabytes * MB) / 4 }, (_, i) => first + i).buffer)

/** A request for a file's content, and how it is answered. */
interface Asked {
  begin: number
  end: number
  /** Breaks the answer off after so many bytes. */
  cutAfter?: number
  response?: Response
}

let stores: Stores
/** The one commit's files, and the id of their content. */
let files: Record<string, Uint8Array<ArrayBuffer>>
let version: string
let asked: Asked[]
/** Changes an answer before it is sent. */
let fault: (request: Asked) => unknown
let hidden: string[]
let ranges: boolean

const server: typeof fetch = async (input, init) => {
  const { origin, pathname } = new URL(String(input))
  if (pathname.startsWith('/api/')) {
    const siblings = Object.entries(files).map(([rfilename, content]) => ({
      rfilename,
      size: content.length,
      blobId: `${rfilename} ${version}`,
    }))
    return Response.json({ sha: version, siblings })
  }
  const content = files[pathname.split('/').at(-1)!]!
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(new Headers(init?.headers).get('range') ?? '') ?? []
  const ranged = ranges && first !== undefined
  const [begin, end] = ranged
    ? [Number(first), Math.min(Number(last) + 1, content.length)]
    : [0, content.length]
  if (begin >= end) return new Response('', { status: 416 })
  const request: Asked = { begin, end }
  asked.push(request)
  await fault(request)
  if (request.response) return request.response
  const headers = new Headers()
  if (origin !== endpoint) headers.set('etag', version)
  if (ranged) headers.set('content-range', `bytes ${begin}-${end - 1}/${content.length}`)
  for (const name of hidden) headers.delete(name)
  const body = content.subarray(begin, request.cutAfter === undefined ? end : begin + request.cutAfter)
  const cut = new ReadableStream({
    start: (controller) => controller.enqueue(body),
    pull: (controller) => controller.error(new TypeError('network error')),
  })
  return new Response(request.cutAfter === undefined ? body : cut, { headers, status: ranged ? 206 : 200 })
}

const open = (source: Source = 'org/name', options: FileOptions = {}) =>
  openWith(new FileCache(stores), source, settle({ endpoint, fetch: server, ...options }))

async function digest(content: Blob | Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', await new Blob([content]).arrayBuffer())
  return new Uint8Array(hash).toString()
}

/** Break off every answer that reaches beyond this place, there. */
const cutAt = (place: number) => (request: Asked) => {
  if (request.end > place) request.cutAfter = Math.max(0, place - request.begin)
}

beforeEach(() => {
  stores = storesNamed(crypto.randomUUID())
  files = { [path]: numbered(20, 0) }
  version = 'one'
  asked = []
  fault = () => {}
  hidden = []
  ranges = true
})

test('pieces grow, are asked for once each, and join up', async () => {
  const steps: Progress[] = []
  const blob = await (await open('org/name', { onProgress: (step) => steps.push(step) })).file(path)
  expect(await digest(blob)).toBe(await digest(files[path]!))
  expect(asked[0]).toEqual({ begin: 0, end: 4 * MB })
  expect(asked.slice(1).map(({ begin }) => begin)).toEqual(asked.slice(0, -1).map(({ end }) => end))
  expect(steps.map(({ loaded }) => loaded)).toEqual([0, ...asked.map(({ end }) => end)])
  expect(steps.every(({ total }) => total === 20 * MB)).toBe(true)
  expect(await keys(stores.downloads)).toEqual([])
})

test.each<Source>(['org/name', folder])('%s: after a cut only the rest is asked for', async (source) => {
  fault = cutAt(14 * MB)
  await expect((await open(source)).file(path)).rejects.toThrow(NetworkError)
  const here = asked.findLast(({ cutAfter }) => cutAfter === undefined)!.end
  expect(here).toBeGreaterThanOrEqual(4 * MB)
  expect(asked.filter(({ begin }) => begin === here)).toHaveLength(4)
  expect(await keys(stores.blobs)).toEqual([])

  asked = []
  fault = () => {}
  const steps: Progress[] = []
  const blob = await (await open(source, { onProgress: (step) => steps.push(step) })).file(path)
  expect(asked[0]!.begin).toBe(here)
  expect(asked.at(-1)!.end).toBe(20 * MB)
  expect(steps[0]!.loaded).toBe(here)
  expect(await digest(blob)).toBe(await digest(files[path]!))

  asked = []
  expect(await digest(await (await open(source, { localFilesOnly: source !== folder })).file(path))).toBe(
    await digest(files[path]!),
  )
  expect(asked.every(({ begin }) => begin === 0)).toBe(true)
  expect(asked).toHaveLength(source === folder ? 1 : 0)
})

test.each<Source>(['org/name', folder])(
  '%s: content that changed comes whole, the old part goes',
  async (source) => {
    fault = cutAt(14 * MB)
    await expect((await open(source)).file(path)).rejects.toThrow(NetworkError)
    const old = (await keys<[string, number]>(stores.chunks))[0]![0]
    files = { [path]: numbered(20, 1_000_000_000) }
    version = 'two'
    asked = []
    fault = () => {}
    const blob = await (await open(source)).file(path)
    expect(await digest(blob)).toBe(await digest(files[path]!))
    expect(asked.some(({ begin }) => begin === 0)).toBe(true)
    expect((await keys<[string, number]>(stores.chunks)).filter(([id]) => id === old)).toEqual([])
  },
)

test('content that changes in mid-download is no mixture', async () => {
  fault = ({ begin }) => {
    if (begin > 0) version = 'two'
  }
  await expect((await open(folder)).file(path)).rejects.toThrow('changed while it was downloaded')
  expect(await digest(await (await open(folder)).file(path))).toBe(await digest(files[path]!))
})

test('an answer that fails once in mid-download costs one request more', async () => {
  const failures = [new Response('', { status: 503 })]
  fault = (request) => {
    if (request.begin > 0) request.response = failures.shift()
  }
  expect(await digest(await (await open()).file(path))).toBe(await digest(files[path]!))
  expect(asked[1]!.begin).toBe(asked[2]!.begin)
})

test('an abort leaves a part to go on from', async () => {
  const controller = new AbortController()
  const onProgress = ({ loaded }: Progress) => loaded > 0 && controller.abort()
  const read = (await open('org/name', { onProgress, signal: controller.signal })).file(path)
  await expect(read).rejects.toMatchObject({ name: 'AbortError' })
  asked = []
  expect(await digest(await (await open()).file(path))).toBe(await digest(files[path]!))
  expect(asked[0]!.begin).toBe(4 * MB)
})

test('two that open the same file download it once', async () => {
  const [one, two] = await Promise.all([open(), open()])
  const [a, b] = await Promise.all([one.file(path), two.file(path)])
  expect(asked.reduce((sum, { begin, end }) => sum + end - begin, 0)).toBe(20 * MB)
  expect(await digest(a)).toBe(await digest(files[path]!))
  expect(await digest(b)).toBe(await digest(files[path]!))
})

test('one that waits for another can be aborted, and goes on where the other is', async () => {
  const controller = new AbortController()
  let reached = () => {}
  const waiting = new Promise<void>((resolve) => {
    reached = resolve
  })
  fault = async ({ begin }) => {
    if (begin === 0) return
    reached()
    await new Promise((_, reject) => controller.signal.addEventListener('abort', reject))
  }
  const first = (await open('org/name', { signal: controller.signal })).file(path)
  await waiting
  const impatient = new AbortController()
  const third = (await open('org/name', { signal: impatient.signal })).file(path)
  impatient.abort('enough')
  await expect(third).rejects.toBe('enough')
  const second = (await open()).file(path)
  fault = () => {}
  controller.abort()
  await expect(first).rejects.toBe(controller.signal.reason)
  expect(await digest(await second)).toBe(await digest(files[path]!))
  expect(asked.filter(({ begin }) => begin === 0)).toHaveLength(1)
})

test('a server that stops to know ranges sends the whole once more', async () => {
  fault = cutAt(14 * MB)
  await expect((await open()).file(path)).rejects.toThrow(NetworkError)
  fault = () => {}
  ranges = false
  asked = []
  expect(await digest(await (await open()).file(path))).toBe(await digest(files[path]!))
  expect(asked).toEqual([{ begin: 0, end: 20 * MB }])
})

test.each([
  ['nothing', [], false],
  ['Content-Range', ['content-range'], true],
  ['ETag', ['etag'], true],
])('a folder of another origin that hides %s', async (_what, names, whole) => {
  hidden = names
  expect(await digest(await (await open(folder)).file(path))).toBe(await digest(files[path]!))
  expect(asked.some(({ end, begin }) => end - begin === 20 * MB)).toBe(whole)
})

test('a server that sends other bytes than it was asked for', async () => {
  const headers = { 'content-range': `bytes 0-3/${20 * MB}` }
  fault = (request) => {
    if (request.begin > 0) request.response = new Response('abcd', { status: 206, headers })
  }
  await expect((await open()).file(path)).rejects.toThrow('The server does not keep to HTTP')
  expect(await keys(stores.chunks)).toEqual([])
})

test('a part belongs to the contents that can be removed', async () => {
  fault = cutAt(14 * MB)
  for (const source of ['org/name', folder])
    await expect((await open(source)).file(path)).rejects.toThrow(NetworkError)
  const contents = contentsOf(() => stores)
  expect(await contents.size()).toBe(0)
  await contents.remove(folder)
  await contents.remove('org/name', undefined, { endpoint })
  for (const store of Object.values(stores)) expect(await keys(store as UseStore)).toEqual([])
})

test('three shards come at a time, and the totals count all of them from the start', async () => {
  const names = [1, 2, 3, 4, 5].map((n) => `model-0000${n}-of-00005.safetensors`)
  const index = { weight_map: Object.fromEntries(names.map((name, i) => [`tensor.${i}`, name])) }
  files = Object.fromEntries(names.map((name, i) => [name, numbered(5, i * 2 ** 24)]))
  files['model.safetensors.index.json'] = new TextEncoder().encode(JSON.stringify(index))
  let running = 0
  let most = 0
  fault = async () => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setTimeout(resolve, 20))
    running--
  }
  const steps: Progress[] = []
  const shards = await checkpointFiles(await open(), { onProgress: (step) => steps.push(step) })
  for (const name of names) expect(await digest(shards[name]!)).toBe(await digest(files[name]!))
  expect(most).toBe(3)
  const size = files['model.safetensors.index.json']!.length
  expect(steps.at(-1)!.totals).toMatchObject({ files: 6, loaded: 25 * MB + size, total: 25 * MB + size })
  const ofShards = steps.filter(({ file }) => file.endsWith('.safetensors'))
  expect(new Set(ofShards.map(({ totals }) => totals.total))).toEqual(new Set([25 * MB + size]))
  const loaded = steps.map(({ totals }) => totals.loaded)
  expect(loaded).toEqual(loaded.toSorted((a, b) => a - b))
  for (const name of names) {
    const last = steps.findLast(({ file }) => file === name)!
    expect([last.loaded, last.total]).toEqual([5 * MB, 5 * MB])
    expect(last.rate).toBeGreaterThan(0)
  }
})

test('a shard that fails stops the others', async () => {
  const names = [1, 2, 3, 4, 5].map((n) => `model-0000${n}-of-00005.safetensors`)
  const index = { weight_map: Object.fromEntries(names.map((name, i) => [`tensor.${i}`, name])) }
  files = Object.fromEntries(names.map((name) => [name, numbered(1, 0)]))
  files['model.safetensors.index.json'] = new TextEncoder().encode(JSON.stringify(index))
  let count = 0
  fault = (request) => {
    // The first one is the index, the second fails, the others never end.
    if (++count === 2) request.response = new Response('', { status: 403 })
    else if (count > 2) return new Promise(() => {})
  }
  await expect(checkpointFiles(await open())).rejects.toThrow('gated')
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(asked).toHaveLength(4)
  expect(await get(`${endpoint}#${names[1]} one`, stores.blobs)).toBeUndefined()
})
