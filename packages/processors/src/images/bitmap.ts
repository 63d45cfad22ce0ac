/** @file The pixels of a decoded bitmap, a few rows at a time. */
import { ImageDecodeError } from './errors'
import { type PixelReader, type Pixels, roomFor, rowsAtOnce } from './pixels'

/** A file decoded. @throws {DOMException} when it can't be */
export async function decodeBitmap(
  blob: Blob,
  options: ImageBitmapOptions,
  upright: boolean,
  signal?: AbortSignal,
): Promise<[PixelReader, close: () => void]> {
  const bitmap = await createImageBitmap(blob, options)
  if (signal?.aborted) bitmap.close()
  signal?.throwIfAborted()
  return readBitmap(bitmap, upright)
}

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
function frameOf(image: ImageBitmap | OffscreenCanvas | HTMLCanvasElement): VideoFrame | undefined {
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

function readFrame(frame: VideoFrame, { width, height }: ImageBitmap): PixelReader {
  const own = roomFor()
  const read = async (top: number, rows: number, room?: Uint8Array) => {
    const strip = room ?? own(width * rows * 4)
    await frame.copyTo(strip, { rect: { x: 0, y: top, width, height: rows } })
    return strip
  }
  return { width, height, red: redOf(frame), read }
}

const canvasOf = (width: number, height: number) =>
  typeof OffscreenCanvas === 'undefined'
    ? Object.assign(document.createElement('canvas'), { width, height })
    : new OffscreenCanvas(width, height)

/** By way of a canvas that is no larger than the rows. Colours that can be seen through come back a little off: a canvas
 * multiplies them with their alpha. */
function readCanvas(bitmap: ImageBitmap): PixelReader {
  const { width, height } = bitmap
  const canvas = canvasOf(width, Math.min(height, rowsAtOnce(width)))
  const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D
  context.globalCompositeOperation = 'copy'
  const own = roomFor()
  context.drawImage(bitmap, 0, 0)
  // Reading from a canvas takes half a second for a photograph, from a frame of it a few milliseconds.
  const sample = frameOf(canvas)
  const red = sample ? redOf(sample) : 0
  sample?.close()
  const read = async (top: number, rows: number, room?: Uint8Array): Promise<Pixels> => {
    if (canvas.height < rows) canvas.height = rows
    context.drawImage(bitmap, 0, top, width, rows, 0, 0, width, rows)
    const frame = sample && frameOf(canvas)
    if (!frame) return context.getImageData(0, 0, width, rows).data
    const strip = room ?? own(width * rows * 4)
    await frame.copyTo(strip, { rect: { x: 0, y: 0, width, height: rows } })
    frame.close()
    return strip
  }
  return { width, height, red, read }
}
