/** @file A repository on the Hub: its revision resolved to a commit once, every file read at that commit. */
import type { FileCache } from './cache'
import { cachedFile, downloadFile } from './cached-download'
import type { Get } from './download'
import { FileNotFoundError, NetworkError, OfflineError } from './errors'
import { escapePath, type Files } from './files'
import { hubError } from './hub-errors'
import type { Settings } from './options'
import { request } from './request'
import { retry } from './retry'
import type { FileEntry, Snapshot } from './stores'

const FULL_COMMIT = /^[0-9a-f]{40}$/
/** What is cached is taken when the Hub has not answered by then; Python waits as long. */
const METADATA_TIMEOUT = 10_000 // ms
/** As many names as an error shows. */
const LISTED = 20

/** What `/api/models/{repo}/revision/{revision}?blobs=true` answers, as far as it is read here. */
interface ModelInfo {
  sha: string
  siblings: { rfilename: string; size?: number; blobId?: string; lfs?: { sha256: string } }[]
}

/** Open `name`, known to the cache as `repository`. */
export async function openHub(
  name: string,
  repository: string,
  settings: Settings,
  cache: FileCache,
): Promise<Files> {
  const { endpoint, revision, localFilesOnly, forceDownload } = settings
  const context = { name, revision, endpoint }
  const { commit, files } = await resolve()

  async function resolve(): Promise<Snapshot> {
    const cached = forceDownload ? undefined : await cache.snapshot(repository, revision)
    if (cached && (localFilesOnly || FULL_COMMIT.test(revision))) return cached
    if (localFilesOnly)
      throw new OfflineError(
        `"${name}" at revision "${revision}" is not cached, and localFilesOnly forbids the network. Load it once without.`,
      )
    try {
      const snapshot = cached
        ? await ask(AbortSignal.timeout(METADATA_TIMEOUT))
        : await retry(() => ask(undefined), settings.signal)
      await cache.keepSnapshot(repository, revision, snapshot)
      return snapshot
    } catch (error) {
      if (cached && error instanceof NetworkError) return cached
      throw error
    }
  }

  async function ask(timeout: AbortSignal | undefined): Promise<Snapshot> {
    const url = `${endpoint}/api/models/${name}/revision/${encodeURIComponent(revision)}?blobs=true`
    const signal = AbortSignal.any([settings.signal, timeout].filter((signal) => signal !== undefined))
    const response = await request(url, settings, { signal }).catch((error) => {
      if (!timeout?.aborted || settings.signal?.aborted) throw error
      throw new NetworkError(`${url} did not answer within ${METADATA_TIMEOUT / 1000} s.`, { cause: error })
    })
    if (!response.ok) throw hubError(response, url, context)
    const info: Partial<ModelInfo> | undefined = await response.json().catch(() => undefined)
    settings.signal?.throwIfAborted()
    if (!info?.sha || !info.siblings)
      throw new NetworkError(
        `${url} answered something else than a model's commit and files. Is the endpoint right?`,
      )
    const entry = ({ rfilename, size, blobId, lfs }: ModelInfo['siblings'][number]): FileEntry => ({
      // A content's hash lets two commits share a blob; where the endpoint tells none, the place identifies it.
      blob: `${endpoint}#${lfs?.sha256 ?? blobId ?? `${name}@${info.sha}/${rfilename}`}`,
      size,
    })
    return { commit: info.sha, files: new Map(info.siblings.map((file) => [file.rfilename, entry(file)])) }
  }

  function find(path: string): FileEntry {
    const entry = files.get(path)
    if (entry) return entry
    const names = [...files.keys()]
    const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : ''
    throw new FileNotFoundError(
      `"${name}" has no file "${path}" at revision "${revision}" (${commit}). ` +
        `It has: ${names.slice(0, LISTED).join(', ')}${more}.`,
    )
  }

  return {
    name,
    commit,
    list: async () => [...files.keys()],
    async file(path, options) {
      const entry = find(path)
      const cached = forceDownload ? undefined : await cachedFile(path, entry, cache, options)
      if (cached) return cached
      if (localFilesOnly)
        throw new OfflineError(
          `"${path}" of "${name}" is not cached, and localFilesOnly forbids the network. Load it once without.`,
        )
      const url = `${endpoint}/${name}/resolve/${commit}/${escapePath(path)}`
      const get: Get = async (range) => {
        const response = await request(url, settings, { range, signal: options.signal })
        if (!response.ok) throw hubError(response, url, { ...context, path })
        return response
      }
      return downloadFile({ repository, file: path, entry, forceDownload, get }, cache, options)
    },
    size: async (path) => find(path).size,
    version: async (path) => find(path).blob,
  }
}
