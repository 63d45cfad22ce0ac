/** @file A response, streamed into a Blob without ever holding up the thread. */
import { CorruptFileError, NetworkError, TruncatedFileError } from './errors'
import type { ReadOptions } from './files'
import { abortable } from './request'

/** Bytes are copied into Blobs of this size, about a millisecond each; composing Blobs copies nothing. */
const PIECE = 2 ** 20
/** IndexedDB reads Blobs of this size fastest. */
const CHUNK = 64 * 2 ** 20
const PROGRESS_INTERVAL = 50 // ms

interface Download extends ReadOptions {
  file: string
  /** The bytes to expect, where a list of files told. */
  size?: number
  /** Called with each chunk as it is complete. */
  onChunk?: (chunk: Blob) => void
}

/**
 * Read a response to its end.
 * @throws {NetworkError} when it breaks off
 * @throws {TruncatedFileError} when it ends early
 */
export async function download(
  response: Response,
  { file, size, signal, onProgress, onChunk }: Download,
): Promise<Blob> {
  const expected = size ?? plainLength(response)
  const total = expected ?? declaredLength(response)
  const chunks: Blob[] = []
  const chunk = gather(CHUNK, (blob) => {
    chunks.push(blob)
    onChunk?.(blob)
  })
  const piece = gather(PIECE, (blob) => chunk.add(blob, blob.size))
  let loaded = 0
  const broken = (cause: unknown) =>
    new NetworkError(
      `The download of "${file}" broke off after ${loaded} of ${total ?? 'an unknown number of'} bytes. ` +
        'Nothing of it was kept; check the connection and load again.',
      { cause },
    )
  let reported = Number.NEGATIVE_INFINITY
  for await (const bytes of bytesOf(response, signal, broken)) {
    loaded += bytes.byteLength
    // Where bytes are always at hand, reading alone would never let the page have its turn.
    if (piece.add(bytes, bytes.byteLength)) await turn()
    const now = performance.now()
    if (now - reported < PROGRESS_INTERVAL) continue
    reported = now
    onProgress?.({ file, loaded, total: total === undefined ? undefined : Math.max(loaded, total) })
  }
  if (expected !== undefined && loaded < expected)
    throw new TruncatedFileError(
      `"${file}" ended after ${loaded} bytes, expected ${expected}. Nothing of it was kept; load again.`,
    )
  if (expected !== undefined && loaded > expected)
    throw new CorruptFileError(
      `"${file}" has ${loaded} bytes, expected ${expected}. Nothing of it was kept; the server sends another file than it lists.`,
    )
  piece.flush()
  chunk.flush()
  onProgress?.({ file, loaded, total: loaded })
  return new Blob(chunks)
}

/** A response's bytes as they come; a signal ends them at once, and so does whoever stops reading. */
async function* bytesOf(
  { body }: Response,
  signal: AbortSignal | undefined,
  broken: (cause: unknown) => NetworkError,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = body?.getReader()
  try {
    while (reader) {
      const { done, value } = await abortable(reader.read(), signal)
      if (done) return
      yield value
    }
  } catch (cause) {
    signal?.throwIfAborted()
    throw broken(cause)
  } finally {
    reader?.cancel().catch(() => {})
  }
}

function declaredLength({ headers }: Response): number | undefined {
  const length = headers.get('content-length')
  return length === null ? undefined : Number(length)
}

/** The declared length, where it surely counts the file's own bytes: across origins a compression stays hidden. */
const plainLength = (response: Response) =>
  response.type === 'cors' || response.headers.has('content-encoding') ? undefined : declaredLength(response)

/** Collects parts into Blobs of at least `limit` bytes, the last one excepted. */
function gather(limit: number, emit: (blob: Blob) => void) {
  let parts: BlobPart[] = []
  let size = 0
  const flush = () => {
    if (size > 0) emit(new Blob(parts))
    parts = []
    size = 0
  }
  return {
    flush,
    /** Whether the part made a Blob full. */
    add(part: BlobPart, bytes: number): boolean {
      parts.push(part)
      size += bytes
      const full = size >= limit
      if (full) flush()
      return full
    },
  }
}

/** Let other tasks run. A message and no timer: timers crawl while the tab is in the background. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
