/** @file One file, from the cache or else from the network into the cache. */
import type { FileCache, FileEntry } from './cache'
import { download } from './download'
import type { ReadOptions } from './files'

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

/** Download a file and store it meanwhile. What breaks off leaves nothing behind. */
export async function downloadFile(
  file: string,
  response: Response,
  entry: FileEntry,
  cache: FileCache,
  options: ReadOptions,
): Promise<Blob> {
  const writer = cache.writer(entry.blob, file)
  const { size } = entry
  const blob = await download(response, { ...options, file, size, onChunk: writer.write }).catch((error) => {
    writer.discard()
    throw error
  })
  // The stored blob lies on the disk; the downloaded one would go on filling memory.
  return (await writer.finish()) ?? blob
}
