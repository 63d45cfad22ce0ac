/** @file Label maps in PNG files with palettes: Pillow gives the places in the palette, where a browser shows their colours. */
import { breather } from '@webformers/hub'
import { download, type ImageInput, type LoadImageOptions } from './decode'
import { ImageDecodeError, UnsupportedImageError } from './errors'
import { checkSize } from './limits'
import type { RawImage } from './pixels'

const SIGNATURE = 0x89504e47
/** A file's signature and its first chunk, which tells the size and the kind. */
const HEAD = 33
const PALETTE = 3

/** What a label map is read from: a file with a palette becomes an image of its places there, all else is left as it is.
 * @throws {ImageDecodeError} when it is broken @throws {UnsupportedImageError} when its rows are interlaced */
export async function labelSource(input: ImageInput, options: LoadImageOptions): Promise<ImageInput> {
  const file = typeof input === 'string' || input instanceof URL ? await download(input, options) : input
  if (!(file instanceof Blob)) return input
  return (await placesIn(file, options.signal)) ?? file
}

async function placesIn(file: Blob, signal?: AbortSignal): Promise<RawImage | undefined> {
  const head = new DataView(await file.slice(0, HEAD).arrayBuffer())
  if (head.byteLength < HEAD || head.getUint32(0) !== SIGNATURE || head.getUint8(25) !== PALETTE)
    return undefined
  const [width, height, depth] = [head.getUint32(16), head.getUint32(20), head.getUint8(24)]
  checkSize(width, height)
  if (head.getUint8(28) !== 0) {
    throw new UnsupportedImageError(
      'A label map with a palette is read row by row, but this PNG is interlaced. Save it without.',
    )
  }
  const stride = Math.ceil((width * depth) / 8)
  const rows = await unpacked(file, (stride + 1) * height)
  const data = new Uint8Array(width * height)
  let above = new Uint8Array(stride)
  const breathe = breather(signal)
  for (let y = 0; y < height; y++) {
    const start = y * (stride + 1)
    const row = rows.subarray(start + 1, start + 1 + stride)
    unfilter(rows[start]!, row, above)
    above = row
    for (let x = 0; x < width; x++) {
      const bit = x * depth
      data[y * width + x] = (row[bit >> 3]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1)
    }
    await breathe()
  }
  return { width, height, channels: 1, data }
}

const broken = (size: number, cause?: unknown) =>
  new ImageDecodeError(`The png of ${size} bytes is broken.`, { cause })

/** All rows, each behind the number of its filter. */
async function unpacked(file: Blob, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await file.arrayBuffer()
  const view = new DataView(bytes)
  const parts: Blob[] = []
  for (let at = 8; at + 12 <= bytes.byteLength; at += 12 + view.getUint32(at)) {
    const isData = view.getUint32(at + 4) === 0x49444154
    if (isData) parts.push(file.slice(at + 8, at + 8 + view.getUint32(at)))
  }
  try {
    const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream('deflate'))
    const rows = new Uint8Array(await new Response(stream).arrayBuffer())
    if (rows.length === length) return rows
  } catch (cause) {
    throw broken(file.size, cause)
  }
  throw broken(file.size)
}

/** A row as it was before it was filtered: bytes are differences to the one before, the one above, or what both foretell. */
function unfilter(filter: number, row: Uint8Array, above: Uint8Array): void {
  for (let x = 0; x < row.length; x++) {
    const up = above[x]!
    const [left, corner] = x === 0 ? [0, 0] : [row[x - 1]!, above[x - 1]!]
    if (filter === 1) row[x]! += left
    else if (filter === 2) row[x]! += up
    else if (filter === 3) row[x]! += (left + up) >> 1
    else if (filter === 4) row[x]! += nearest(left, up, corner)
  }
}

/** Which of the three is nearest to left + up − corner. */
function nearest(left: number, up: number, corner: number): number {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)]
  if (a <= b && a <= c) return left
  return b <= c ? up : corner
}
