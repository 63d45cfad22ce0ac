/**
 * @file A file's bytes, piece by piece. Each comes from the network as a Blob, which the browser fills natively:
 * reading a stream here would hold up the page.
 */
import type { Checksum } from './checksum'
import { CorruptFileError, NetworkError, TruncatedFileError } from './errors'
import type { TellOptions } from './files'
import { abortable, type Range } from './request'
import { retry } from './retry'

const SMALLEST = 4 * 2 ** 20
/** IndexedDB reads Blobs of this size fastest. */
const LARGEST = 64 * 2 ** 20
/** A piece should take so long: short enough for progress and for what a cut costs, long enough to forget the request. */
const PIECE_TIME = 1500 // ms

/** The bytes a file is first asked for, where its size is unknown. */
export const firstRange = (begin: number): Range => ({ begin, end: begin + SMALLEST })

/** Asks for a range of one file, or for all of it; throws where the answer is neither. */
export type Get = (range?: Range) => Promise<Response>

interface Download extends TellOptions {
  file: string
  /** The bytes to expect, where a list of files told. */
  size: number | undefined
  /** The file's beginning, as far as an earlier download came. */
  stored: Blob[]
  /** Stores a piece at its place; resolves to the same bytes, best no longer in memory. */
  keep(piece: Blob, begin: number): Promise<Blob>
  /** Is given every byte in order, as it was kept. */
  checksum: Checksum | undefined
}

/**
 * Fetch what is not stored yet, and put the file together.
 * @throws {NetworkError} when it breaks off, or the server fails, again and again
 * @throws {TruncatedFileError} when it ends early
 * @throws {CorruptFileError} when it is longer than it should be
 * @throws {ChecksumError} when its bytes are others
 */
export async function download(
  get: Get,
  { file, size, stored, keep, checksum, signal, onProgress }: Download,
): Promise<Blob> {
  const pieces: Promise<Blob>[] = []
  let hashed: Promise<unknown> = Promise.resolve()
  let loaded = stored.reduce((sum, piece) => sum + piece.size, 0)
  let total = size
  let length = SMALLEST

  /** The hash reads what is on the disk: it may fall behind, and fills no memory. */
  function add(kept: Promise<Blob>): void {
    pieces.push(kept)
    hashed = Promise.all([kept, hashed]).then(([piece]) => checksum?.add(piece, signal))
    hashed.catch(() => {}) // waited for below, unless the download fails first
  }

  async function rest(): Promise<Blob> {
    const range = { begin: loaded, end: Math.min(loaded + length, total ?? Number.POSITIVE_INFINITY) }
    // Only a whole file comes compressed.
    const small = loaded === 0 && range.end === total
    const response = await get(small ? undefined : range)
    if (response.status !== 206) return wholeOf(response)
    const told = contentRange(response)
    if (total !== undefined || told) return part(response, range, told)
    // A part of an unknown whole: nothing would tell the end.
    await response.body?.cancel()
    return wholeOf(await get())
  }

  async function wholeOf(response: Response): Promise<Blob> {
    const body = await bodyOf(response)
    check(body.size, size ?? plainLength(response) ?? body.size)
    total = body.size
    return body.slice(loaded)
  }

  async function part(response: Response, { begin, end }: Range, told?: ContentRange): Promise<Blob> {
    if (told) check(told.total, size ?? told.total)
    total ??= told?.total
    const body = await bodyOf(response)
    if (body.size > 0 && body.size <= end - begin && (told?.begin ?? begin) === begin) return body
    throw new CorruptFileError(
      `"${file}": asked for ${end - begin} bytes from ${begin} on, got ${body.size} from ${told?.begin ?? begin} on. The server does not keep to HTTP.`,
    )
  }

  async function bodyOf(response: Response): Promise<Blob> {
    try {
      return await abortable(response.blob(), signal)
    } catch (cause) {
      signal?.throwIfAborted()
      throw new NetworkError(
        `The download of "${file}" broke off after ${loaded} of ${total ?? 'an unknown number of'} bytes. ` +
          'Check the connection and load again; what the cache has got by now does not come twice.',
        { cause, retryAfter: 0 },
      )
    }
  }

  function check(bytes: number, expected: number): void {
    if (bytes < expected)
      throw new TruncatedFileError(
        `"${file}" ended after ${bytes} bytes, expected ${expected}. Nothing of it was kept; load again.`,
      )
    if (bytes > expected)
      throw new CorruptFileError(
        `"${file}" has ${bytes} bytes, expected ${expected}. Nothing of it was kept; the server sends another file than it lists.`,
      )
  }

  for (const piece of stored) add(Promise.resolve(piece))
  onProgress?.({ file, loaded, total })
  while (total === undefined || loaded < total) {
    // The network stays one piece ahead of the disk: more would only fill memory.
    await pieces.at(-2)
    const start = performance.now()
    const came = await retry(rest, signal)
    const bytesInTime = (came.size * PIECE_TIME) / (performance.now() - start)
    length = Math.round(Math.max(SMALLEST, Math.min(bytesInTime, 2 * length, LARGEST)))
    for (let begin = 0; begin < came.size; begin += LARGEST)
      add(keep(came.slice(begin, begin + LARGEST), loaded + begin))
    loaded += came.size
    total ??= loaded
    onProgress?.({ file, loaded, total })
  }
  check(loaded, total)
  const whole = new Blob(await abortable(Promise.all(pieces), signal))
  await abortable(hashed, signal)
  await checksum?.check(file)
  return whole
}

interface ContentRange {
  begin: number
  total: number
}

/** Where a part begins, and the whole's size; across origins only a server that exposes the header tells. */
function contentRange({ headers }: Response): ContentRange | undefined {
  const [, begin, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? []
  return begin && total ? { begin: Number(begin), total: Number(total) } : undefined
}

/** The declared length, where it surely counts the file's own bytes: across origins a compression stays hidden. */
function plainLength({ type, headers }: Response): number | undefined {
  const length = headers.get('content-length')
  return length === null || type === 'cors' || headers.has('content-encoding') ? undefined : Number(length)
}
