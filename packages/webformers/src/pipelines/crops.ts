/** @file Parts of an image that are looked at by themselves. */
import { breather } from '@webformers/hub'
import type { LoadedImage, RawImage } from '@webformers/processors'
import type { Box } from './masks'

interface Crop {
  readonly box: Box
  readonly layer: number
}

/** The image, then for each layer twice as many parts along each side as for the one before, from left to right and there from top to
 * bottom. */
export function cropBoxes(
  { width, height }: Pick<LoadedImage, 'width' | 'height'>,
  layers: number,
  overlapRatio: number,
): Crop[] {
  const crops: Crop[] = [{ box: [0, 0, width, height], layer: 0 }]
  for (let layer = 1; layer <= layers; layer++) {
    const perSide = 2 ** layer
    const overlap = Math.floor(overlapRatio * Math.min(width, height) * (2 / perSide))
    const length = (side: number) => Math.ceil((overlap * (perSide - 1) + side) / perSide)
    const [wide, high] = [length(width), length(height)]
    const starts = (side: number) => Array.from({ length: perSide }, (_, i) => (side - overlap) * i)
    for (const left of starts(wide)) {
      for (const top of starts(high))
        crops.push({ box: [left, top, Math.min(left + wide, width), Math.min(top + high, height)], layer })
    }
  }
  return crops
}

/** Pixels that are read at once: about a megabyte. */
const STRIP = 2 ** 18

/** The pixels of a part. */
export async function pixelsIn(
  image: LoadedImage,
  [left, top, right, bottom]: Box,
  signal?: AbortSignal,
): Promise<RawImage> {
  const [width, height] = [right - left, bottom - top]
  const data = new Uint8Array(width * height * 3)
  const breathe = breather(signal)
  const strip = Math.max(1, Math.floor(STRIP / image.width))
  for (let first = 0; first < height; first += strip) {
    const rows = Math.min(strip, height - first)
    const pixels = await image.read(top + first, rows)
    for (let y = 0; y < rows; y++) {
      let from = (y * image.width + left) * 4
      for (let x = 0, to = (first + y) * width * 3; x < width; x++, from += 4, to += 3) {
        data[to] = pixels[from + image.red]!
        data[to + 1] = pixels[from + 1]!
        data[to + 2] = pixels[from + 2 - image.red]!
      }
    }
    await breathe()
  }
  return { width, height, channels: 3, data }
}

/** In pixels. */
const NEAR = 20

/** Whether a box reaches to an edge of its part that is none of the image's: what it is around is cut off there. */
export function isCut(box: Box, part: Box, [height, width]: readonly [number, number]): boolean {
  const image = [0, 0, width, height]
  const near = (a: number, b: number) => Math.abs(a - b) <= NEAR
  return box.some((edge, i) => near(edge, part[i]!) && !near(edge, image[i]!))
}
