/** @file Donut's class: pages made upright, resized, made to fit, and put into the middle of black. */

import { breather } from '@webformers/hub'
import type { ImageProcessorDefinition } from '../definition'
import { ImageProcessorError } from '../errors'
import { filterOf, type Part, type Placed, pixelValues } from '../layout'
import { type PixelReader, type RawImage, rawCanvas, readRaw, rowsAtOnce } from '../pixels'
import { reduce } from '../reduce'
import { resize } from '../resize'
import { BILINEAR, HALF, type ImageProcessorConfig } from '../settings'
import { exactSize, type Size, shortestEdge, sizeDict } from '../sizes'

export const DonutImageProcessor: ImageProcessorDefinition = {
  name: 'DonutImageProcessor',
  defaults: {
    do_resize: true,
    size: { height: 2560, width: 1920 },
    resample: BILINEAR,
    do_thumbnail: true,
    do_align_long_axis: false,
    do_pad: true,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: HALF,
    image_std: HALF,
  },
  /** A list is width and height here. */
  size: (size) => sizeDict(Array.isArray(size) ? size.toReversed() : size, 'square'),
  layout: (image) => ({ resized: image }),
  async preprocess([images = []], config, { signal }) {
    const size = exactSize(config.size!)
    const placed: Placed[] = []
    for (const image of images) {
      const page = await fitted(image, size, config, signal)
      placed.push({
        image: page,
        layout: { resized: page, ...(config.do_pad && { cropped: around(page, size) }) },
      })
    }
    return { pixel_values: await pixelValues(placed, { ...config, do_resize: false }, signal) }
  },
}

async function fitted(
  image: PixelReader,
  size: Size,
  { do_align_long_axis, do_resize, do_thumbnail, resample }: ImageProcessorConfig,
  signal: AbortSignal | undefined,
): Promise<PixelReader> {
  let page = image
  if (do_align_long_axis && liesAcross(page, size)) page = readRaw(await turned(page, signal))
  if (do_resize) {
    const target = shortestEdge(page, { shortest_edge: Math.min(size.height, size.width) })
    const [raw, sink] = rawCanvas(target.width, target.height)
    await resize(page, { ...target, resample: filterOf(resample), signal }, sink)
    page = readRaw(raw)
  }
  return do_thumbnail ? thumbnail(page, size, signal) : page
}

const liesAcross = (image: Size, size: Size) =>
  (size.width < size.height && image.width > image.height) ||
  (size.width > size.height && image.width < image.height)

/** A quarter turn clockwise. */
async function turned(source: PixelReader, signal: AbortSignal | undefined): Promise<RawImage> {
  const [width, height] = [source.height, source.width]
  const data = new Uint8Array(width * height * 3)
  const breathe = breather(signal)
  const strip = rowsAtOnce(source.width)
  for (let top = 0; top < source.height; top += strip) {
    const rows = Math.min(strip, source.height - top)
    const pixels = await source.read(top, rows)
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < source.width; x++) {
        const [from, to] = [(y * source.width + x) * 4, (x * width + width - 1 - top - y) * 3]
        data[to] = pixels[from + source.red]!
        data[to + 1] = pixels[from + 1]!
        data[to + 2] = pixels[from + 2 - source.red]!
      }
    }
    await breathe()
  }
  return { width, height, channels: 3, data }
}

/** No larger than a size. Pillow averages whole blocks first where an image shrinks much: its `reducing_gap`, which is 2. */
async function thumbnail(
  image: PixelReader,
  size: Size,
  signal: AbortSignal | undefined,
): Promise<PixelReader> {
  let [height, width] = [Math.min(image.height, size.height), Math.min(image.width, size.width)]
  if (height === image.height && width === image.width) return image
  if (image.height > image.width) width = Math.trunc((image.width * height) / image.height)
  else if (image.width > image.height) height = Math.trunc((image.height * width) / image.width)
  const [across, down] = [image.width / width, image.height / height].map(
    (scale) => Math.trunc(scale / 2) || 1,
  ) as [number, number]
  const reduced = across > 1 || down > 1 ? reduce(image, across, down) : image
  const box = { x: { start: 0, end: image.width / across }, y: { start: 0, end: image.height / down } }
  const [raw, sink] = rawCanvas(width, height)
  await resize(reduced, { width, height, resample: 'bicubic', box, signal }, sink)
  return readRaw(raw)
}

/** The size around an image in its middle. */
function around(image: Size, size: Size): Part {
  const [y, x] = [size.height - image.height, size.width - image.width]
  if (y >= 0 && x >= 0) return { ...size, top: -Math.floor(y / 2) || 0, left: -Math.floor(x / 2) || 0 }
  throw new ImageProcessorError(
    `An image of ${image.height} × ${image.width} is larger than "size" (${size.height} × ${size.width}), and can't be padded to it. Set do_thumbnail.`,
  )
}
