/** @file Where a dataset's file comes from, and its text piece by piece. */
import { breather, NetworkError } from '@webformers/hub'
import { DatasetError } from '../errors'

/** An address, a file, bytes, or a stream of them, which can be read once. Text itself: `new Blob([text])`. */
export type DataSource = string | URL | Blob | ArrayBuffer | Uint8Array | ReadableStream<Uint8Array>

export interface SourceOptions {
  /** Sent when the source is an address. */
  headers?: Readonly<Record<string, string>>
  fetch?: typeof fetch
  signal?: AbortSignal
}

const used = new WeakSet<ReadableStream>()

/**
 * The source's bytes, read no faster than they are used.
 * @throws {NetworkError} when the address can't be read. @throws {DatasetError} when a stream was read before.
 */
export async function streamOf(
  source: DataSource,
  options: SourceOptions,
): Promise<ReadableStream<Uint8Array>> {
  if (source instanceof ReadableStream) {
    if (used.has(source) || source.locked) {
      throw new DatasetError(
        'The stream was read already, and gives its bytes once. Give a Blob or an address instead.',
      )
    }
    used.add(source)
    return source
  }
  if (source instanceof Blob) return source.stream()
  if (typeof source === 'string' || source instanceof URL) {
    return (await request(source, {}, options)).body ?? new Blob([]).stream()
  }
  return new Blob([source as BlobPart]).stream()
}

/** An answer that is there. @throws {NetworkError} */
export async function request(
  address: string | URL,
  headers: Readonly<Record<string, string>>,
  { headers: given, fetch = globalThis.fetch, signal }: SourceOptions,
): Promise<Response> {
  let response: Response
  try {
    response = await fetch(address, { headers: { ...given, ...headers }, signal })
  } catch (cause) {
    signal?.throwIfAborted()
    throw new NetworkError(
      `${address} can't be fetched. Is it an address, online, and may this page read it (CORS)? ` +
        'Text itself is given as new Blob([text]).',
      { cause },
    )
  }
  if (response.ok) return response
  throw new NetworkError(`${address} answered ${response.status} ${response.statusText}.`)
}

/**
 * The source's text in pieces, without a byte order mark.
 * @param encoding a label such as `'utf-8'`, `'windows-1252'` or `'utf-16le'`
 * @throws {DatasetError} when its bytes are not in this encoding.
 */
export async function* textOf(
  source: DataSource,
  { encoding = 'utf-8', ...options }: SourceOptions & { encoding?: string },
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  const reader = (await streamOf(source, options)).getReader()
  let read = 0
  const decode = (...given: Parameters<TextDecoder['decode']>) => {
    try {
      return decoder.decode(...given)
    } catch (cause) {
      throw new DatasetError(
        `The text is not in ${encoding}, somewhere before byte ${read}. Say what it is in, such as ` +
          "{ encoding: 'windows-1252' }.",
        { cause },
      )
    }
  }
  try {
    for (;;) {
      options.signal?.throwIfAborted()
      const { done, value } = await reader.read()
      if (done) break
      read += value.length
      // A file in one piece is cut, so that no piece takes the page long.
      for (let at = 0; at < value.length; at += PIECE) {
        yield decode(value.subarray(at, at + PIECE) as Uint8Array<ArrayBuffer>, { stream: true })
      }
    }
    yield decode()
  } finally {
    // Whoever stops early needs no more of it.
    await reader.cancel().catch(() => {})
  }
}

/** A stream's bytes as one buffer, filled as they come: to join megabytes at once would take the page long. */
export async function bytesOf(stream: ReadableStream<Uint8Array>, length: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  const reader = stream.getReader()
  const breathe = breather()
  for (let at = 0; ; ) {
    const { done, value } = await reader.read()
    if (done) return bytes.buffer
    bytes.set(value.subarray(0, length - at), at)
    at += value.length
    await breathe()
  }
}

/** In bytes. */
const PIECE = 2 ** 16
