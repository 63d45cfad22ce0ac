/** @file Any folder a web server offers: files by address, newer ones told by their ETag, nothing listed. */
import type { FileCache } from './cache'
import { cachedFile, downloadFile } from './cached-download'
import { firstRange, type Get } from './download'
import { FileNotFoundError, NetworkError, OfflineError, PermissionError } from './errors'
import { escapePath, type Files } from './files'
import type { Settings } from './options'
import { type Range, request, serverError } from './request'
import { retry } from './retry'
import type { FileEntry } from './stores'

/** Text is asked for whole: servers compress no part of a file. */
const TEXT = /\.(json|txt|md|jinja)$/

interface Asked {
  method?: 'HEAD'
  range?: Range
  ifRange?: string
  signal?: AbortSignal
}

/** A response, and the bytes that were asked for. */
interface Answer {
  range: Range | undefined
  response: Response
}

export function openFolder(address: string, settings: Settings, cache: FileCache): Files {
  const { localFilesOnly, forceDownload } = settings
  const known = async (path: string) => (await cache.snapshot(address, ''))?.files.get(path)

  function urlOf(path: string): string {
    const url = new URL(address)
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/${escapePath(path)}`
    return url.href
  }

  const missing = (path: string, detail: string) =>
    new FileNotFoundError(`${address} has no file "${path}" (${detail}).`)

  async function ask(path: string, asked: Asked): Promise<Response> {
    if (localFilesOnly)
      throw new OfflineError(
        `${urlOf(path)} is not cached, and localFilesOnly forbids the network. Load it once without.`,
      )
    const url = urlOf(path)
    const response = await request(url, settings, asked)
    const { status, headers } = response
    if (status === 404 || status === 410) {
      await cache.keepEntry(address, path, null)
      throw missing(path, `answered ${status}`)
    }
    if (status === 401 || status === 403)
      throw new PermissionError(
        `${url} answered ${status}: this page may not read it. A token is sent to the endpoint only.`,
      )
    if (!response.ok) throw serverError(url, response)
    if (headers.get('content-type')?.startsWith('text/html') && !path.endsWith('.html'))
      throw missing(path, 'the server answered with a web page, as many do for an address they do not know')
    return response
  }

  /** What was known when the network was last there; the error that says it is away, where nothing was. */
  async function lastKnown(path: string, error: unknown): Promise<FileEntry> {
    const entry = error instanceof NetworkError ? await known(path) : undefined
    if (entry === null) throw missing(path, 'as it was when last asked')
    if (!entry) throw error
    return entry
  }

  /** Where the cache can answer, the network is not waited for. */
  const askFirst = async (path: string, asked: Asked): Promise<Response> =>
    (await known(path)) === undefined ? retry(() => ask(path, asked), asked.signal) : ask(path, asked)

  /** Ask for what is not here yet. A part whose version nobody tells might not fit the next one: then for all. */
  async function open(path: string, signal: AbortSignal | undefined): Promise<Answer> {
    const started = forceDownload ? undefined : await cache.started(address, path)
    const range = TEXT.test(path) ? undefined : firstRange(started?.size ?? 0)
    const ifRange = started && condition(started.blob.slice(`${urlOf(path)}#`.length))
    const response = await askFirst(path, { range, ifRange, signal })
    if (response.status !== 206 || versionOf(response)) return { range, response }
    await response.body?.cancel()
    return { range: undefined, response: await ask(path, { signal }) }
  }

  /** What If-Range says, where it costs nothing: across origins it would need a preflight for each request. */
  const condition = (version: string | null) =>
    version?.startsWith('"') && new URL(address).origin === globalThis.location?.origin ? version : undefined

  /** Parts of the version that was begun with; the answers tell theirs, whether or not If-Range could ask for it. */
  function partsOf(path: string, first: Answer, signal: AbortSignal | undefined) {
    const version = versionOf(first.response)
    let unread: Answer | undefined = first
    const cancel = () => unread?.response.body?.cancel()
    const get: Get = async (range) => {
      const fits = unread && (unread.response.status !== 206 || unread.range?.begin === range?.begin)
      if (!fits) await cancel()
      const asked = { range: first.range && range, ifRange: condition(version), signal }
      const response = unread && fits ? unread.response : await ask(path, asked)
      unread = undefined
      if (versionOf(response) === version) return response
      await response.body?.cancel()
      throw new NetworkError(`${urlOf(path)} changed while it was downloaded. Load it again.`)
    }
    return { get, cancel }
  }

  return {
    name: address,
    commit: undefined,
    list: async () => undefined,
    async file(path, options) {
      let first: Answer
      try {
        first = await open(path, options.signal)
      } catch (error) {
        if (forceDownload) throw error
        const cached = await cachedFile(path, await lastKnown(path, error), cache, options)
        if (cached) return cached
        throw error
      }
      const version = versionOf(first.response) ?? `fetched ${Date.now()}`
      const entry = { blob: `${urlOf(path)}#${version}`, size: undefined }
      const { get, cancel } = partsOf(path, first, options.signal)
      try {
        const before = await known(path)
        const wanted = { repository: address, file: path, entry, forceDownload, get }
        const blob = await downloadFile(wanted, cache, options)
        if (before?.blob === entry.blob) return blob
        await cache.keepEntry(address, path, { ...entry, size: blob.size })
        if (before) await cache.removeBlob(before.blob)
        return blob
      } finally {
        await cancel()
      }
    },
    version: async (path) => (await known(path))?.blob,
    async size(path, options) {
      try {
        const { headers } = await askFirst(path, { method: 'HEAD', signal: options.signal })
        const length = headers.get('content-length')
        return length === null ? undefined : Number(length)
      } catch (error) {
        return (await lastKnown(path, error)).size
      }
    },
  }
}

/** What tells a file's versions apart. */
const versionOf = ({ headers }: Response) => headers.get('etag') ?? headers.get('last-modified')
