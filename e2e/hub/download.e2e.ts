/** @file Downloads between real origins and in real tabs: cut off, shared, aborted, redirected, on a full disk, in a service worker. */
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import type { Browser, BrowserContext, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { launch } from '../browser.mjs'
import { type Fault, type Hub, startHub } from '../hub-server.mjs'
import { numbered, serve, startSite, writeRepositories } from './site'

type Library = typeof import('@webformers/hub')
declare const hub: Library

const MB = 2 ** 20
const weights = 'model.safetensors'
const content = numbered(24)
const digest = createHash('sha256').update(content).digest('hex')

let browser: Browser
let context: BrowserContext
let site: Awaited<ReturnType<typeof startSite>>
let server: Hub
let root: string
let fault: (request: { method: string; path: string }) => Fault | undefined

beforeAll(async () => {
  root = await writeRepositories({
    'org/name/config.json': '{"model_type": "bert"}',
    [`org/name/${weights}`]: content,
    'org/other/config.json': '{"model_type": "gpt2"}',
    [`org/other/${weights}`]: content.map((byte) => byte ^ 1),
  })
  server = await startHub({ root, faults: (request) => fault(request) })
  site = await startSite()
  browser = await launch()
})
afterAll(async () => {
  await browser?.close()
  await site?.close()
  await server?.close()
  if (root) await rm(root, { recursive: true })
})
beforeEach(async () => {
  fault = () => undefined
  server.requests.length = 0
  context = await browser.newContext()
})
afterEach(() => context.close())

async function openTab(): Promise<Page> {
  const page = await context.newPage()
  await page.goto(site.url)
  await page.waitForFunction(() => 'hub' in globalThis)
  return page
}

/** Load the weights in a tab; their SHA-256. */
const load = (page: Page, options: { name?: string; evict?: boolean } = {}) =>
  page.evaluate(
    async ({ endpoint, weights, name = 'org/name', evict }) => {
      const repository = await hub.openRepository(name, { endpoint, evict })
      const blob = await repository.file(weights)
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()))
      return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
    },
    { endpoint: server.url, weights, ...options },
  )

const ranges = () =>
  server.requests.filter(({ path }) => path.endsWith(weights)).map(({ headers }) => headers.range)

test('a closed tab leaves a part, and a new one asks for the rest only', async () => {
  fault = ({ path }) => (path.endsWith(weights) ? { bytesPerSecond: 6 * MB } : undefined)
  const tab = await openTab()
  const loading = load(tab).catch(() => 'closed')
  await expect.poll(() => ranges().length, { timeout: 30_000 }).toBeGreaterThan(2)
  await tab.close()
  expect(await loading).toBe('closed')

  fault = () => undefined
  server.requests.length = 0
  const next = await openTab()
  expect(await load(next)).toBe(digest)
  const begins = ranges().map((range) => Number(/^bytes=(\d+)-/.exec(range!)![1]))
  expect(begins[0]).toBeGreaterThanOrEqual(4 * MB)
  expect(begins).toEqual(begins.toSorted((a, b) => a - b))
})

test('two tabs that load the same download it once', async () => {
  fault = ({ path }) => (path.endsWith(weights) ? { bytesPerSecond: 30 * MB } : undefined)
  const tabs = [await openTab(), await openTab()]
  expect(await Promise.all(tabs.map((tab) => load(tab)))).toEqual([digest, digest])
  const bytes = ranges().map((range) => {
    const [, begin, last] = /^bytes=(\d+)-(\d+)$/.exec(range!)!.map(Number)
    return Math.min(last! + 1, 24 * MB) - begin!
  })
  expect(bytes.reduce((sum, length) => sum + length)).toBe(24 * MB)
})

test('an abort stops at once and leaves what has come', async () => {
  fault = ({ path }) => (path.endsWith(weights) ? { bytesPerSecond: 6 * MB } : undefined)
  const page = await openTab()
  const took = await page.evaluate(
    async ({ endpoint, weights }) => {
      const repository = await hub.openRepository('org/name', { endpoint })
      const controller = new AbortController()
      const onProgress = ({ loaded }: { loaded: number }) => {
        if (loaded > 0) setTimeout(() => controller.abort('enough'), 200)
      }
      let aborted = 0
      controller.signal.addEventListener('abort', () => {
        aborted = performance.now()
      })
      const reason = await repository
        .file(weights, { onProgress, signal: controller.signal })
        .catch((error) => error)
      return { reason, after: performance.now() - aborted }
    },
    { endpoint: server.url, weights },
  )
  expect(took.reason).toBe('enough')
  expect(took.after).toBeLessThan(100)
  const asked = ranges().length
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(ranges()).toHaveLength(asked)
  fault = () => undefined
  server.requests.length = 0
  expect(await load(page)).toBe(digest)
  expect(ranges()[0]).toMatch(/^bytes=[1-9]/)
})

test('a busy server is asked again after the time it names', async () => {
  const answers: Fault[] = [{ status: 429, retryAfter: 1 }, { status: 503 }]
  fault = ({ path }) => (path.endsWith(weights) ? answers.shift() : undefined)
  const before = Date.now()
  expect(await load(await openTab())).toBe(digest)
  expect(Date.now() - before).toBeGreaterThan(2000) // a second as told, and another as the second pause
})

test('the token stays at the endpoint when that redirects to another origin', async () => {
  const elsewhere: IncomingHttpHeaders[] = []
  const storage = await serve(({ headers, method }, response) => {
    if (method !== 'OPTIONS') elsewhere.push(headers)
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.setHeader('Access-Control-Allow-Headers', 'Authorization, Range')
    response.end('{"model_type": "bert"}')
  })
  const here: IncomingHttpHeaders[] = []
  const endpoint = await serve(({ url, method, headers }, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.setHeader('Access-Control-Allow-Headers', 'Authorization, Range')
    if (method === 'OPTIONS') return response.end()
    here.push(headers)
    if (url!.startsWith('/api/'))
      return response.end(JSON.stringify({ sha: 'a'.repeat(40), siblings: [{ rfilename: 'config.json' }] }))
    response.writeHead(302, { Location: `${storage.url}/blob` }).end()
  })
  try {
    const page = await openTab()
    const config = await page.evaluate(async (endpoint) => {
      const repository = await hub.openRepository('org/name', { endpoint, token: 'hf_secret' })
      return repository.json('config.json')
    }, endpoint.url)
    expect(config).toEqual({ model_type: 'bert' })
    expect(here.map(({ authorization }) => authorization)).toEqual(['Bearer hf_secret', 'Bearer hf_secret'])
    expect(elsewhere).toHaveLength(1)
    expect(JSON.stringify(elsewhere)).not.toContain('hf_secret')
  } finally {
    await endpoint.close()
    await storage.close()
  }
})

test('on a disk that is really full, a load goes on uncached, or evicts where it may', async () => {
  const page = await openTab()
  const devtools = await context.newCDPSession(page)
  // Before the first write: Chromium does not look again at each. What was just written it counts late, when the next piece may be
  // in already: so there is less room beside the first file than the first two pieces of the second take.
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: site.url, quotaSize: 30 * MB })
  expect(await load(page)).toBe(digest)
  const other = createHash('sha256')
    .update(content.map((byte) => byte ^ 1))
    .digest('hex')
  const warnings: string[] = []
  page.on('console', (message) => warnings.push(message.text()))

  expect(await load(page, { name: 'org/other' })).toBe(other)
  expect(warnings.join('\n')).toContain('is used without being cached, because the disk is full')
  const list = () =>
    page.evaluate(async () =>
      (await hub.cache.list())
        .filter(({ size }) => size > 0)
        .map(({ repository }) => new URL(repository).pathname),
    )
  expect(await list()).toEqual(['/org/name'])

  expect(await load(page, { name: 'org/other', evict: true })).toBe(other)
  expect(await list()).toEqual(['/org/other'])
  const { corrupt, ok } = await page.evaluate(() => hub.cache.verify())
  expect([corrupt.length, ok.length]).toEqual([0, 1])
})

test('a service worker prefetches while it is installed; its page then needs no network', async () => {
  const page = await openTab()
  await page.evaluate(async (endpoint) => {
    const address = `/sw.js?${new URLSearchParams({ endpoint, repository: 'org/name' })}`
    await navigator.serviceWorker.register(address, { type: 'module' })
    const { installing } = (await navigator.serviceWorker.getRegistration())!
    await new Promise<void>((resolve, reject) => {
      const settle = (state?: ServiceWorkerState) => {
        if (state === 'redundant') reject(new Error('The service worker could not be installed.'))
        else if (state !== 'installing') resolve()
      }
      installing?.addEventListener('statechange', () => settle(installing.state))
      settle(installing?.state)
    })
  }, server.url)
  expect(
    await page.evaluate((endpoint) => hub.isCached('org/name', undefined, { endpoint }), server.url),
  ).toBe(true)
  await context.setOffline(true)
  expect(await load(page)).toBe(digest)
})
