/** @file The pixels of a decoded bitmap, a few rows at a time. */
import { ImageDecodeError } from './errors'
import { type PixelReader, type Pixels, rowsAtOnce } from './pixels'

/** A bitmap's rows as they lie in memory, where the browser shows that, else by way of a canvas.
 * @param upright whether the bitmap surely lies as it is shown: frames forget to turn it, a canvas does not
 * @throws {ImageDecodeError} when the page may not read it */
export async function readBitmap(
  bitmap: ImageBitmap,
  upright: boolean,
): Promise<[PixelReader, close: () => void]> {
  const frame = upright ? frameOf(bitmap) : undefined
  const close = () => {
    frame?.close()
    bitmap.close()
  }
  const reader = frame ? readFrame(frame, bitmap) : readCanvas(bitmap)
  try {
    await reader.read(0, 1) // a page that may not read it shall hear of it here
    return [reader, close]
  } catch (cause) {
    close()
    throw new ImageDecodeError(
      'The image comes from another origin, which does not let this page read it. Load it with crossorigin="anonymous".',
      { cause },
    )
  }
}

const PACKED = ['RGBA', 'RGBX', 'BGRA', 'BGRX']

/** What gives bytes as they are, without a copy of all of them; nothing where a browser does not do that. */
function frameOf(image: ImageBitmap | OffscreenCanvas): VideoFrame | undefined {
  if (typeof VideoFrame === 'undefined') return undefined
  try {
    const frame = new VideoFrame(image, { timestamp: 0 })
    if (PACKED.includes(frame.format ?? '')) return frame
    frame.close()
  } catch {
    // The canvas will say why.
  }
  return undefined
}

const redOf = ({ format }: VideoFrame) => (format!.startsWith('BGR') ? 2 : 0)

/** Room for rows, used again and again. */
function roomFor() {
  let room = new Uint8Array(0)
  return (bytes: number) => {
    if (room.length < bytes) room = new Uint8Array(bytes)
    return room
  }
}

function readFrame(frame: VideoFrame, { width, height }: ImageBitmap): PixelReader {
  const room = roomFor()
  const read = async (top: number, rows: number) => {
    const strip = room(width * rows * 4)
    await frame.copyTo(strip, { rect: { x: 0, y: top, width, height: rows } })
    return strip
  }
  return { width, height, red: redOf(frame), read }
}

/** By way of a canvas that is no larger than the rows. Colours that can be seen through come back a little off: a canvas
 * multiplies them with their alpha. */
function readCanvas(bitmap: ImageBitmap): PixelReader {
  const { width, height } = bitmap
  const canvas = new OffscreenCanvas(width, Math.min(height, rowsAtOnce(width)))
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  context.globalCompositeOperation = 'copy'
  const room = roomFor()
  context.drawImage(bitmap, 0, 0)
  // Reading from a canvas takes half a second for a photograph, from a frame of it a few milliseconds.
  const sample = frameOf(canvas)
  const red = sample ? redOf(sample) : 0
  sample?.close()
  const read = async (top: number, rows: number): Promise<Pixels> => {
    if (canvas.height < rows) canvas.height = rows
    context.drawImage(bitmap, 0, top, width, rows, 0, 0, width, rows)
    const frame = sample && frameOf(canvas)
    if (!frame) return context.getImageData(0, 0, width, rows).data
    const strip = room(width * rows * 4)
    await frame.copyTo(strip, { rect: { x: 0, y: 0, width, height: rows } })
    frame.close()
    return strip
  }
  return { width, height, red, read }
}
