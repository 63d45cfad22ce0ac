/** @file Pillow's `Image.reduce`: the mean of each block of pixels, which goes before a thumbnail's resizing. */
import type { PixelReader } from './pixels'

/** The image with `across` × `down` pixels made one; at the right and lower edges of what is left. */
export function reduce(source: PixelReader, across: number, down: number): PixelReader {
  const [width, height] = [Math.ceil(source.width / across), Math.ceil(source.height / down)]
  const read = async (top: number, rows: number) => {
    const reduced = new Uint8Array(rows * width * 4)
    const count = Math.min(rows * down, source.height - top * down)
    const pixels = await source.read(top * down, count)
    for (let y = 0; y < rows; y++) {
      const high = Math.min(down, count - y * down)
      for (let x = 0; x < width; x++) {
        const wide = Math.min(across, source.width - x * across)
        const multiplier = reciprocal(wide * high)
        for (let c = 0; c < 3; c++) {
          let sum = Math.trunc((wide * high) / 2)
          for (let dy = 0; dy < high; dy++) {
            const from = ((y * down + dy) * source.width + x * across) * 4 + c
            for (let dx = 0; dx < wide; dx++) sum += pixels[from + dx * 4]!
          }
          reduced[(y * width + x) * 4 + c] = Math.floor((sum * multiplier) / 2 ** 24)
        }
      }
    }
    return reduced
  }
  return { width, height, red: source.red, read }
}

/** 1 / count in fixed point, as Pillow has it: divided in 32-bit floating point. */
const reciprocal = (count: number) => Math.trunc(Math.fround(2 ** 32 / (256 * count)))
