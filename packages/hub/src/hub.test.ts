import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type Fault, type Hub, startHub } from '../../../e2e/hub-server.mjs'
import {
  FileNotFoundError,
  GatedRepositoryError,
  InvalidSourceError,
  NetworkError,
  OfflineError,
  PermissionError,
  RepositoryNotFoundError,
  RevisionNotFoundError,
  TruncatedFileError,
} from './errors'
import type { FileOptions, Progress } from './options'
import { pause } from './pause'
import { openRepository } from './repository'

vi.mock('./pause', () => ({ pause: vi.fn(async () => {}) }))

const content = Uint8Array.from({ length: 300_000 }, (_, i) => i * 7)
const weights = Buffer.from(content).toString('hex')
const root = mkdtempSync(join(tmpdir(), 'hub-'))
let hub: Hub
let fault: (path: string) => Fault | undefined

beforeAll(async () => {
  const folder = join(root, 'org', 'name', 'sub')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(root, 'org', 'name', 'config.json'), '{"model_type": "bert"}')
  writeFileSync(join(root, 'org', 'name', 'broken.json'), '{"model_type": ')
  writeFileSync(join(root, 'org', 'name', 'model.safetensors'), content)
  writeFileSync(join(folder, 'config.json'), '{"model_type": "sub"}')
  hub = await startHub({ root, faults: ({ path }) => fault(path) })
})
beforeEach(() => {
  fault = () => undefined
  hub.requests.length = 0
  vi.mocked(pause).mockClear()
})
afterAll(async () => {
  await hub.close()
  rmSync(root, { recursive: true })
})

const open = (options: FileOptions = {}) => openRepository('org/name', { endpoint: hub.url, ...options })
const hex = async (blob: Blob) => Buffer.from(await blob.arrayBuffer()).toString('hex')

test('files come byte for byte, all from the commit the revision meant', async () => {
  const repository = await open()
  expect(repository.commit).toMatch(/^[0-9a-f]{40}$/)
  expect(await repository.json('config.json')).toEqual({ model_type: 'bert' })
  expect(await hex(await repository.file('model.safetensors'))).toBe(weights)
  expect(hub.requests.map(({ path }) => path)).toEqual([
    '/api/models/org/name/revision/main?blobs=true',
    `/org/name/resolve/${repository.commit}/config.json`,
    `/org/name/resolve/${repository.commit}/model.safetensors`,
  ])
})

test('whether a file is there, and its size, cost no request', async () => {
  const repository = await open()
  hub.requests.length = 0
  expect(await repository.has('config.json')).toBe(true)
  expect(await repository.has('sub')).toBe(false)
  expect(await repository.has('absent.json')).toBe(false)
  expect(await repository.size('model.safetensors')).toBe(300_000)
  expect(hub.requests).toEqual([])
})

test('a subfolder is where paths are looked up', async () => {
  expect(await (await open({ subfolder: 'sub' })).json('config.json')).toEqual({ model_type: 'sub' })
})

test('progress ends with the exact size', async () => {
  const steps: Progress[] = []
  await (await open({ onProgress: (step) => steps.push(step) })).file('model.safetensors')
  expect(steps.at(-1)).toMatchObject({ file: 'model.safetensors', loaded: 300_000, total: 300_000 })
  expect(steps.every(({ total }) => total === 300_000)).toBe(true)
})

test('the token goes to the endpoint only', async () => {
  const elsewhere = await startHub({ root, base: '', faults: () => undefined })
  await open({ token: 'hf_secret' })
  expect(hub.requests.at(-1)!.headers.authorization).toBe('Bearer hf_secret')
  const folder = await openRepository(`${elsewhere.url}/org/name/resolve/main`, {
    endpoint: hub.url,
    token: 'hf_secret',
  })
  await folder.text('config.json')
  expect(elsewhere.requests.at(-1)!.headers.authorization).toBeUndefined()
  await elsewhere.close()
})

test('a folder of a web server serves as well', async () => {
  const folder = await openRepository(new URL(`${hub.url}/org/name/resolve/main/`))
  expect(folder.name).toBe(`${hub.url}/org/name/resolve/main`)
  expect(folder.commit).toBeUndefined()
  expect(await hex(await folder.file('model.safetensors'))).toBe(weights)
  expect(await folder.has('config.json')).toBe(true)
  expect(await folder.has('absent.json')).toBe(false)
  await expect(folder.file('absent.json')).rejects.toThrow(FileNotFoundError)
})

test('a web page in place of a file is a file that is missing', async () => {
  const fetch = async () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } })
  const folder = await openRepository('https://example.org/models/name', { fetch })
  expect(await folder.has('config.json')).toBe(false)
  await expect(folder.json('config.json')).rejects.toThrow('answered with a web page')
})

test.each([
  ['a repository that is not there', 'org/absent', {}, RepositoryNotFoundError, 'No repository "org/absent"'],
  ['a revision that is not there', 'org/name', { revision: 'v9' }, RevisionNotFoundError, 'no revision "v9"'],
  [
    'no source at all',
    undefined as unknown as string,
    {},
    InvalidSourceError,
    '"undefined" is no repository',
  ],
  ['a name of three parts', 'a/b/c', {}, InvalidSourceError, '"a/b/c" is no repository'],
  ['a relative address outside a page', '../name', {}, InvalidSourceError, '"../name" is no address'],
  [
    'an endpoint without https',
    'org/name',
    { endpoint: 'huggingface.co' },
    InvalidSourceError,
    'is no address',
  ],
])('%s', async (_what, source, options, kind, message) => {
  const repository = openRepository(source, { endpoint: hub.url, ...options })
  const read = repository.then((opened) => opened.file('config.json'))
  await expect(read).rejects.toThrow(kind)
  await expect(read).rejects.toThrow(message)
})

test.each<[Fault, new (message: string) => Error]>([
  [{ status: 403, errorCode: 'GatedRepo' }, GatedRepositoryError],
  [{ status: 401, errorCode: 'GatedRepo' }, GatedRepositoryError],
  [{ status: 404, errorCode: 'RepoNotFound' }, RepositoryNotFoundError],
  [{ status: 404, errorCode: 'RevisionNotFound' }, RevisionNotFoundError],
  [{ status: 404, errorCode: 'EntryNotFound' }, FileNotFoundError],
  [{ status: 401 }, RepositoryNotFoundError],
  [{ status: 403 }, GatedRepositoryError],
  [{ status: 404 }, FileNotFoundError],
  [{ status: 500 }, NetworkError],
  [{ status: 429 }, NetworkError],
])('a file answered with %j', async (answer, kind) => {
  const repository = await open()
  fault = () => answer
  await expect(repository.file('config.json')).rejects.toThrow(kind)
})

test('a token the Hub does not know', async () => {
  const headers = { 'x-error-message': 'Invalid credentials in Authorization header' }
  const fetch = async () => new Response('', { status: 401, headers })
  await expect(open({ token: 'hf_old', fetch })).rejects.toThrow(PermissionError)
})

test('a file that is not listed brings the list', async () => {
  const read = (await open()).file('absent.json')
  await expect(read).rejects.toThrow(FileNotFoundError)
  await expect(read).rejects.toThrow('It has: broken.json, config.json, model.safetensors, sub/config.json.')
})

test('a path that leads out is refused', async () => {
  const repository = await open()
  for (const path of ['../other/config.json', 'a//b', './config.json', 'a\\b', ''])
    await expect(repository.file(path)).rejects.toThrow(InvalidSourceError)
})

test('a file that should be JSON and is not says how it begins', async () => {
  await expect((await open()).json('broken.json')).rejects.toThrow('It begins with: {"model_type": ')
})

test.each<[string, Fault]>([
  ['a connection cut in mid-download', { cutAfter: 100_000 }],
  ['a server that announces more than it sends', { contentLength: 300_001 }],
])('%s is tried again, and then told', async (_what, cut) => {
  fault = (path) => (path.endsWith('.safetensors') ? cut : undefined)
  const read = (await open()).file('model.safetensors')
  await expect(read).rejects.toThrow(NetworkError)
  await expect(read).rejects.toThrow('"model.safetensors" broke off after 0 of 300000 bytes')
  expect(hub.requests.filter(({ path }) => path.endsWith('.safetensors'))).toHaveLength(4)
})

test.each<Fault>([{ status: 503, retryAfter: 2 }, { status: 429, retryAfter: 2 }, { cutAfter: 100_000 }])(
  'a file whose first answer is %j comes with the second',
  async (first) => {
    const faults = [first]
    fault = (path) => (path.endsWith('.safetensors') ? faults.shift() : undefined)
    expect(await hex(await (await open()).file('model.safetensors'))).toBe(weights)
    const [[milliseconds] = []] = vi.mocked(pause).mock.calls
    if (first.retryAfter) expect(milliseconds).toBe(2000)
    else expect(milliseconds).toBeGreaterThanOrEqual(500)
    expect(pause).toHaveBeenCalledTimes(1)
  },
)

test('a server in trouble is asked again for the list of files', async () => {
  const faults = [{ status: 502 }]
  fault = () => faults.shift()
  expect(await (await open()).json('config.json')).toEqual({ model_type: 'bert' })
})

test('a body shorter than the list says is truncated', async () => {
  const repository = await open({
    fetch: (url, init) =>
      String(url).includes('/resolve/') ? Promise.resolve(new Response('short')) : fetch(url, init),
  })
  const read = repository.file('model.safetensors')
  await expect(read).rejects.toThrow(TruncatedFileError)
  await expect(read).rejects.toThrow('"model.safetensors" ended after 5 bytes, expected 300000')
})

test('an abort stops at once, with its reason, even where fetch does not listen', async () => {
  const stuck = await open({
    fetch: (url, init) => (String(url).includes('/resolve/') ? new Promise(() => {}) : fetch(url, init)),
  })
  const controller = new AbortController()
  const read = stuck.file('config.json', { signal: controller.signal })
  const reason = new Error('enough')
  controller.abort(reason)
  await expect(read).rejects.toBe(reason)
  await expect(open({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})

test('an abort in mid-download stops a slow server', async () => {
  fault = (path) => (path.endsWith('.safetensors') ? { bytesPerSecond: 100 } : undefined)
  const controller = new AbortController()
  const read = (await open()).file('model.safetensors', { signal: controller.signal })
  setTimeout(() => controller.abort(), 50)
  await expect(read).rejects.toMatchObject({ name: 'AbortError' })
})

test('an endpoint that is no Hub is told', async () => {
  const fetch = async () => new Response('<!doctype html>')
  await expect(open({ fetch })).rejects.toThrow('Is the endpoint right?')
})

test('a network that is away is told with the address and the cause', async () => {
  const cause = new TypeError('Failed to fetch')
  const opened = open({ fetch: () => Promise.reject(cause) })
  await expect(opened).rejects.toThrow(OfflineError)
  await expect(opened).rejects.toMatchObject({ name: 'OfflineError', cause })
})

test('the Hub of these tests speaks of ranges, and of what has changed', async () => {
  const url = `${hub.url}/org/name/resolve/main/model.safetensors`
  const get = (headers: HeadersInit) => fetch(url, { headers })
  const etag = (await fetch(url, { method: 'HEAD' })).headers.get('etag')!
  const part = await get({ range: 'bytes=100-199', 'if-range': etag })
  expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 100-199/300000'])
  expect(await hex(await part.blob())).toBe(weights.slice(200, 400))
  expect((await (await get({ range: 'bytes=299990-' })).blob()).size).toBe(10)
  expect((await (await get({ range: 'bytes=-7' })).blob()).size).toBe(7)
  expect((await get({ range: 'bytes=100-199', 'if-range': '"old"' })).status).toBe(200)
  expect((await get({ range: 'bytes=300000-' })).status).toBe(416)
  expect((await get({ 'if-none-match': etag })).status).toBe(304)
})
