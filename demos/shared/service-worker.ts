/**
 * @file Keeps a demo whole in the browser: it opens with the network off, and every answer carries the headers that make
 * the page cross-origin isolated, without which WebAssembly may not use threads. Any static host will do.
 *
 * Files come from one build only. A new build waits until its page asks it to take over, so that no page mixes two.
 */

/** Written in front of this script by pwa.ts. */
interface Build {
  version: string
  /** Fetched before the first use. */
  files: string[]
  /** Large; kept once a page has asked for them. */
  large: string[]
  /** The server may change these between builds. */
  changing: string[]
}

/** As much of a service worker's globals as is used here; TypeScript's own types of them exclude those of a page. */
interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request
  respondWith(response: Promise<Response>): void
}
interface ServiceWorkerScope {
  readonly build: Build
  readonly registration: { readonly scope: string }
  readonly clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void
}
declare const self: ServiceWorkerScope

export {} // a module, whose `self` is its own

const { build } = self
const { scope } = self.registration
const address = (file: string) => new URL(file, scope).href
const cacheName = `${scope}#${build.version}`
const changing = new Set(build.changing.map(address))
const kept = new Set([...build.files, ...build.large].map(address))

self.addEventListener('install', (event) => event.waitUntil(install()))
self.addEventListener('activate', (event) => event.waitUntil(activate()))
self.addEventListener('message', ({ data }) => {
  if (data === 'take over') self.skipWaiting()
})
self.addEventListener('fetch', (event) => {
  const { method, url } = event.request
  if (method === 'GET' && url.startsWith(scope)) event.respondWith(answer(event).then(isolate))
})

async function install() {
  const cache = await caches.open(cacheName)
  const fill = async (file: string) => {
    const former = await fromFormerBuild(file)
    const response = former ?? (await fetch(address(file), { cache: 'reload' }))
    if (!response.ok) throw new Error(`${address(file)} answered ${response.status}`)
    await cache.put(address(file), response)
  }
  const carry = async (file: string) => {
    const former = await fromFormerBuild(file)
    if (former) await cache.put(address(file), former)
  }
  await Promise.all([...build.files.map(fill), ...build.large.map(carry)])
}

/** What lies in assets/ is named after its content, so the same name means the same bytes. */
const fromFormerBuild = async (file: string) =>
  file.startsWith('assets/') ? caches.match(address(file)) : undefined

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith(`${scope}#`) && name !== cacheName) await caches.delete(name)
  }
  await self.clients.claim()
}

async function answer(event: FetchEvent): Promise<Response> {
  const { request } = event
  const cache = await caches.open(cacheName)
  // A demo is one page, whatever its query says.
  const url = request.mode === 'navigate' ? scope : request.url.replace(/[?#].*/, '')
  const cached = await cache.match(url)
  if (cached && !changing.has(url)) return cached
  try {
    const response = await fetch(request)
    // A full disk must not keep the page from what it asked for.
    if (response.ok && kept.has(url)) event.waitUntil(cache.put(url, response.clone()).catch(() => undefined))
    return response
  } catch (error) {
    if (cached) return cached
    throw error
  }
}

function isolate(response: Response): Response {
  const headers = new Headers(response.headers)
  headers.set('Cross-Origin-Opener-Policy', 'same-origin')
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp')
  headers.set('Cross-Origin-Resource-Policy', 'same-origin')
  const { body, status, statusText } = response
  return new Response(body, { status, statusText, headers })
}
