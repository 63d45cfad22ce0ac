/** @file Any folder a web server offers: files by address, newer ones told by their ETag, nothing listed. */
import type { FileCache, FileEntry } from './cache'
import { cachedFile, downloadFile } from './cached-download'
import { FileNotFoundError, NetworkError, OfflineError, PermissionError } from './errors'
import { escapePath, type Files, type ReadOptions } from './files'
import type { Settings } from './options'
import { request, serverError } from './request'

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

  async function ask(path: string, method: 'GET' | 'HEAD', { signal }: ReadOptions): Promise<Response> {
    if (localFilesOnly)
      throw new OfflineError(
        `${urlOf(path)} is not cached, and localFilesOnly forbids the network. Load it once without.`,
      )
    const url = urlOf(path)
    const response = await request(url, settings, { method, signal })
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

  return {
    name: address,
    commit: undefined,
    async file(path, options) {
      let response: Response
      try {
        response = await ask(path, 'GET', options)
      } catch (error) {
        if (forceDownload) throw error
        const cached = await cachedFile(path, await lastKnown(path, error), cache, options)
        if (cached) return cached
        throw error
      }
      const { headers } = response
      const version = headers.get('etag') ?? headers.get('last-modified') ?? `fetched ${Date.now()}`
      const entry = { blob: `${urlOf(path)}#${version}`, size: undefined }
      const before = await known(path)
      if (before?.blob === entry.blob && !forceDownload) {
        const cached = await cachedFile(path, before, cache, options)
        if (cached) {
          await response.body?.cancel()
          return cached
        }
      }
      const blob = await downloadFile(path, response, entry, cache, options)
      await cache.keepEntry(address, path, { ...entry, size: blob.size })
      if (before && before.blob !== entry.blob) await cache.removeBlob(before.blob)
      return blob
    },
    async size(path, options) {
      try {
        const { headers } = await ask(path, 'HEAD', options)
        const length = headers.get('content-length')
        return length === null ? undefined : Number(length)
      } catch (error) {
        return (await lastKnown(path, error)).size
      }
    },
  }
}
