/** @file How large an image may be, as Pillow has it. */
import { ImageTooLargeError } from './errors'

/** Above it Pillow warns of a decompression bomb, above twice as many pixels it refuses. `PIL.Image.MAX_IMAGE_PIXELS`. */
const MAX_IMAGE_PIXELS = Math.floor(2 ** 30 / 4 / 3)

/** @throws {ImageTooLargeError} */
export function checkSize(width: number, height: number): void {
  const pixels = width * height
  if (pixels <= MAX_IMAGE_PIXELS) return
  const size = `${width} × ${height} pixels`
  if (pixels > 2 * MAX_IMAGE_PIXELS) {
    throw new ImageTooLargeError(
      `An image of ${size} is more than the ${2 * MAX_IMAGE_PIXELS} pixels that are read, and would take ${(pixels * 4) / 1e6} MB. Make it smaller before.`,
    )
  }
  console.warn(
    `webformers: an image of ${size} is unusually large, and takes ${Math.round((pixels * 4) / 1e6)} MB while it is read.`,
  )
}
