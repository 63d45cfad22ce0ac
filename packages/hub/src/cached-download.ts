/** @file One file, from the cache or else from the network into the cache. */
import type { FileCache } from './cache'
import { checksumOf } from './checksum'
import { download, type Get } from './download'
import { CorruptFileError } from './errors'
import type { TellOptions } from './files'
import type { FileEntry } from './stores'

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
  { onProgress }: TellOptions,
): Promise<Blob | undefined> {
  const blob = entry ? await cache.blob(entry.blob) : undefined
  if (blob) onProgress?.({ file, loaded: blob.size, total: blob.size })
  return blob
}

/** Download a file, once among all tabs, and store it meanwhile. What breaks off is gone on with another time. */
export function downloadFile(
  { repository, file, entry, forceDownload, get }: Wanted,
  cache: FileCache,
  options: TellOptions,
): Promise<Blob> {
  return cache.alone(entry.blob, options.signal, async () => {
    if (forceDownload) await cache.removeBlob(entry.blob)
    const cached = await cachedFile(file, entry, cache, options)
    if (cached) return cached
    const { stored, write, pause, finish, discard } = await cache.writer(repository, file, entry.blob)
    try {
      const { size } = entry
      const checksum = await checksumOf(entry)
      const blob = await download(get, { ...options, file, size, stored, keep: write, checksum })
      await finish()
      return blob
    } catch (error) {
      await (error instanceof CorruptFileError ? discard() : pause())
      throw error
    }
  })
}
