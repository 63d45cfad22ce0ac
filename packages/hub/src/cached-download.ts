/** @file One file, from the cache or else from the network into the cache. */
import type { FileCache, FileEntry } from './cache'
import { download, type Get } from './download'
import { CorruptFileError } from './errors'
import type { ReadOptions } from './files'

interface Wanted {
  /** The cache's name for the source. */
  repository: string
  file: string
  entry: FileEntry
  /** Take nothing from the cache. */
  forceDownload: boolean | undefined
  get: Get
}

/** A cached file, its progress told as one step. */
export async function cachedFile(
  file: string,
  entry: FileEntry | null | undefined,
  cache: FileCache,
  { onProgress }: ReadOptions,
): Promise<Blob | undefined> {
  const blob = entry ? await cache.blob(entry.blob) : undefined
  if (blob) onProgress?.({ file, loaded: blob.size, total: blob.size })
  return blob
}

/** Download a file, once among all tabs, and store it meanwhile. What breaks off is gone on with another time. */
export function downloadFile(
  { repository, file, entry, forceDownload, get }: Wanted,
  cache: FileCache,
  options: ReadOptions,
): Promise<Blob> {
  return cache.alone(entry.blob, options.signal, async () => {
    if (forceDownload) await cache.removeBlob(entry.blob)
    const cached = await cachedFile(file, entry, cache, options)
    if (cached) return cached
    const { stored, write, pause, finish, discard } = await cache.writer(repository, file, entry.blob)
    try {
      const blob = await download(get, { ...options, file, size: entry.size, stored, keep: write })
      await finish()
      return blob
    } catch (error) {
      await (error instanceof CorruptFileError ? discard() : pause())
      throw error
    }
  })
}
