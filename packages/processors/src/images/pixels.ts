/** @file Pixels: an image in memory, and images that are read a few rows at a time. */
import { ImageDecodeError } from './errors'
import type { Resizing } from './resizing'

/** An image in memory, row by row, its channels side by side: 1 (grey), 3 (RGB) or 4 (RGBA) bytes a pixel. */
export interface RawImage {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3 | 4
  readonly data: Pixels
}

/** Gives an image's rows, four bytes a pixel, of which the alpha counts for nothing: so does PIL's `convert('RGB')`. */
export interface PixelReader {
  readonly width: number
  readonly height: number
  /** Where red stands in a pixel: 0 in RGBA, 2 in BGRA. */
  readonly red: 0 | 2
  /** The rows from `top` on; they are read-only, and only good until the next are read.
   * @param room bytes for just these rows: who would have to write them somewhere, writes them there */
  read(top: number, rows: number, room?: Uint8Array): Pixels | Promise<Pixels>
  /** The resized image, RGB, by whoever has the pixels at hand where `read` would have to fetch them from a worker. */
  readonly resize?: ((resizing: Resizing) => Promise<Uint8ClampedArray>) | undefined
}

export type Pixels = Uint8Array | Uint8ClampedArray

/** Rows that are read at once: about a megabyte, which takes a millisecond or two. */
export const rowsAtOnce = (width: number): number => Math.max(1, Math.floor(2 ** 18 / width))

/** Room for rows, used again and again. */
export function roomFor(): (bytes: number) => Uint8Array {
  let room = new Uint8Array(0)
  return (bytes) => {
    if (room.length < bytes) room = new Uint8Array(bytes)
    return room
  }
}

/** Takes a row of the result, RGB, and its number; the row is used again for the next. */
export type RowSink = (row: Uint8ClampedArray, y: number) => void

/** @throws {ImageDecodeError} when the bytes do not fill the image. */
export function readRaw({ width, height, channels, data }: RawImage): PixelReader {
  if (!(width > 0 && height > 0))
    throw new ImageDecodeError(`An image of ${width} × ${height} pixels has nothing to read.`)
  if (data.length !== width * height * channels) {
    throw new ImageDecodeError(
      `An image of ${width} × ${height} pixels with ${channels} channels has ${width * height * channels} bytes, but ${data.length} were given.`,
    )
  }
  if (channels === 4) {
    const stride = width * 4
    return { width, height, red: 0, read: (top, rows) => data.subarray(top * stride, (top + rows) * stride) }
  }
  const own = roomFor()
  const read = (top: number, rows: number, room?: Uint8Array) => {
    const [first, count] = [top * width, rows * width]
    const strip = room ?? own(count * 4)
    for (let i = 0; i < count; i++) {
      const from = (first + i) * channels
      strip[i * 4] = data[from]!
      strip[i * 4 + 1] = data[channels === 1 ? from : from + 1]!
      strip[i * 4 + 2] = data[channels === 1 ? from : from + 2]!
    }
    return strip
  }
  return { width, height, red: 0, read }
}

/** An RGB image that rows are written into. */
export function rawCanvas(width: number, height: number): [RawImage, RowSink] {
  const data = new Uint8ClampedArray(width * height * 3)
  return [{ width, height, channels: 3, data }, (row, y) => data.set(row, y * width * 3)]
}
