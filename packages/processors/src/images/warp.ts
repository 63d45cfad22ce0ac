/** @file A part of an image drawn at another size, as `scipy.ndimage.affine_transform` does it by lines: beyond the image is black. */
import { breather } from '@webformers/hub'
import type { PixelReader, Pixels, RowSink } from './pixels'
import { rowsAtOnce } from './pixels'
import type { Size } from './sizes'

/** Where along an axis of the image each place of the result lies: at `scale` times it and `offset` more. */
export interface Line {
  readonly scale: number
  readonly offset: number
}

/** The places that each of the result lies between, and how much the second counts; nothing where it lies beyond the image. */
interface Between {
  readonly low: number
  readonly high: number
  readonly weight: number
}

function between({ scale, offset }: Line, from: number, to: number): (Between | undefined)[] {
  return Array.from({ length: to }, (_, place) => {
    const at = offset + scale * place
    if (at < 0 || at > from - 1) return undefined
    const low = Math.floor(at)
    return { low, high: Math.min(low + 1, from - 1), weight: at - low }
  })
}

/** Gives rows of an image two at a time, from top to bottom. */
function rowPairs(image: PixelReader) {
  const rowBytes = image.width * 4
  let [strip, top, count]: [Pixels, number, number] = [new Uint8Array(0), 0, 0]
  return async ({ low, high }: Between): Promise<readonly [Pixels, Pixels]> => {
    if (low < top || high >= top + count) {
      top = low
      count = Math.min(Math.max(2, rowsAtOnce(image.width)), image.height - top)
      strip = await image.read(top, count)
    }
    const row = (y: number) => strip.subarray((y - top) * rowBytes, (y - top + 1) * rowBytes)
    return [row(low), row(high)]
  }
}

/** The result is handed over row by row, RGB. */
export async function warp(
  image: PixelReader,
  { across, down }: { readonly across: Line; readonly down: Line },
  { height, width }: Size,
  sink: RowSink,
  signal?: AbortSignal,
): Promise<void> {
  const columns = between(across, image.width, width)
  const pairOf = rowPairs(image)
  const channels = [image.red, 1, 2 - image.red]
  const row = new Uint8ClampedArray(width * 3)
  const breathe = breather(signal)
  for (const [y, lines] of between(down, image.height, height).entries()) {
    row.fill(0)
    if (lines) {
      const [above, below] = await pairOf(lines)
      const [second, first] = [lines.weight, 1 - lines.weight]
      for (const [x, column] of columns.entries()) {
        if (!column) continue
        const { low, high, weight: right } = column
        const left = 1 - right
        for (const [c, channel] of channels.entries()) {
          const [a, b] = [low * 4 + channel, high * 4 + channel]
          const value =
            above[a]! * first * left +
            above[b]! * first * right +
            below[a]! * second * left +
            below[b]! * second * right
          row[x * 3 + c] = Math.floor(value + 0.5)
        }
      }
    }
    sink(row, y)
    await breathe()
  }
}
