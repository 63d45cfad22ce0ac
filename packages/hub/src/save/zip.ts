/** @file Files as a zip archive: stored as they are, since weights hardly shrink, and passed on as they are read. */
import { SaveError, StorageFullError } from '../errors'
import { joinPath } from '../files'
import { ProgressTracker } from '../progress'
import type { SaveFilesOptions, Saving } from './saving'

export async function zipFiles(
  files: Readonly<Record<string, Blob>>,
  { onProgress, signal }: SaveFilesOptions = {},
): Promise<Blob> {
  const progress = new ProgressTracker()
  for (const [file, { size }] of Object.entries(files)) progress.expect(file, size)
  return archive(files, { tell: progress.follow(onProgress), signal })
}

/** Let the browser download an archive. */
export async function downloadZip(
  name: string,
  files: Readonly<Record<string, Blob>>,
  saving: Saving,
): Promise<void> {
  if (typeof document === 'undefined')
    throw new SaveError(`"${name}" can't be downloaded here: only a page can. Take zipFiles() in a worker.`)
  const address = URL.createObjectURL(await archive(files, saving))
  const link = document.createElement('a')
  link.href = address
  link.download = name.split('/').pop()!
  link.click()
  // The browser reads the archive after the click; when it is done, nobody tells.
  setTimeout(() => URL.revokeObjectURL(address), 10 * 60_000)
}

async function archive(
  files: Readonly<Record<string, Blob>>,
  { tell, signal }: Pick<Saving, 'tell' | 'signal'>,
): Promise<Blob> {
  const { makeZip, predictLength } = await import('client-zip')
  signal?.throwIfAborted()
  const inputs = Object.entries(files).map(([path, { size }]) => ({ name: joinPath('', path), size }))
  const length = Number(predictLength(inputs))
  const parts = Object.entries(files).map(([file, blob]) => ({
    name: file,
    size: blob.size,
    input: counted(file, blob, tell),
  }))
  const zip = await new Response(throughSignal(makeZip(parts), signal)).blob().catch((cause) => {
    signal?.throwIfAborted()
    throw cause
  })
  if (zip.size !== length)
    throw new StorageFullError(`The browser has no room for an archive of ${length} bytes.`)
  return zip.slice(0, zip.size, 'application/zip')
}

const throughSignal = (stream: ReadableStream<Uint8Array>, signal: AbortSignal | undefined) =>
  stream.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal }) as ReadableStream<
    Uint8Array<ArrayBuffer>
  >

/** A file's bytes, told as they pass. */
function counted(file: string, blob: Blob, tell: Saving['tell']): ReadableStream<Uint8Array> {
  let loaded = 0
  const count = new TransformStream<Uint8Array, Uint8Array>({
    start: () => tell({ file, loaded: 0, total: blob.size }),
    transform(bytes, controller) {
      loaded += bytes.length
      tell({ file, loaded, total: blob.size })
      controller.enqueue(bytes)
    },
  })
  return blob.stream().pipeThrough(count)
}
