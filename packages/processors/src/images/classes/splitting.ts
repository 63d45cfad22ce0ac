/** @file Idefics3's and SmolVLM's classes: an image is split into squares, and all of it comes once more, small. */
import type { ImageProcessorDefinition } from '../definition'
import { ImageProcessorError } from '../errors'
import { filterOf, type Part, type Placed, pixelValues, whole } from '../layout'
import { type PixelReader, rawCanvas, readRaw } from '../pixels'
import { resize } from '../resize'
import { HALF, type ImageProcessorConfig, LANCZOS } from '../settings'
import { type Size, sizeDict } from '../sizes'
import { maskOf } from './detection'

/** What one image became: the images that the model sees, and how many rows and columns of parts are among them. */
interface Split {
  readonly frames: readonly { readonly image: PixelReader; readonly part: Part }[]
  readonly rows: number
  readonly columns: number
}

const splitting = (name: string): ImageProcessorDefinition => ({
  name,
  defaults: {
    do_convert_rgb: true,
    do_resize: true,
    size: { longest_edge: 4 * 364 },
    resample: LANCZOS,
    do_image_splitting: true,
    max_image_size: { longest_edge: 364 },
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: HALF,
    image_std: HALF,
    do_pad: true,
  },
  size: (size) => sizeDict(size, 'longest_edge'),
  layout: (image) => ({ resized: image }),
  async preprocess(samples, config, { returnRowColInfo, signal }) {
    const split: Split[][] = []
    for (const images of samples) {
      const parts: Split[] = []
      for (const image of images) parts.push(await splitImage(image, config, signal))
      split.push(parts)
    }
    const frames = split.map((images) => images.flatMap((each) => each.frames))
    const parts = frames.flat().map(({ part }) => part)
    const all = {
      height: Math.max(...parts.map(({ height }) => height)),
      width: Math.max(...parts.map(({ width }) => width)),
    }
    const count = Math.max(...frames.map(({ length }) => length))
    const pixels = await paddedSamples(frames, count, all, config, signal)
    return {
      pixel_values: pixels,
      ...(config.do_pad && { pixel_attention_mask: paddedMasks(frames, count, all) }),
      ...(returnRowColInfo && {
        rows: split.map((images) => images.map(({ rows }) => rows)),
        cols: split.map((images) => images.map(({ columns }) => columns)),
      }),
    }
  },
})

export const Idefics3ImageProcessor = splitting('Idefics3ImageProcessor')
export const SmolVLMImageProcessor = splitting('SmolVLMImageProcessor')

const allOf = (image: PixelReader) => ({ image, part: whole(image) })

async function splitImage(
  image: PixelReader,
  config: ImageProcessorConfig,
  signal?: AbortSignal,
): Promise<Split> {
  const side = config.max_image_size?.longest_edge
  if (side === undefined) throw new ImageProcessorError('"max_image_size" needs "longest_edge".')
  const scaled = async (source: PixelReader, { height, width }: Size): Promise<PixelReader> => {
    if (source.height === height && source.width === width) return source
    const [raw, sink] = rawCanvas(width, height)
    await resize(source, { height, width, resample: filterOf(config.resample), signal }, sink)
    return readRaw(raw)
  }
  const square = { height: side, width: side }
  const resized = config.do_resize ? await scaled(image, firstSize(image, config)) : image
  if (!config.do_image_splitting)
    return { frames: [allOf(await scaled(resized, square))], rows: 0, columns: 0 }
  const large = await scaled(resized, wholeSquares(resized, side))
  if (large.height <= side && large.width <= side) return { frames: [allOf(large)], rows: 0, columns: 0 }
  const [rows, columns] = [Math.ceil(large.height / side), Math.ceil(large.width / side)]
  const [height, width] = [Math.ceil(large.height / rows), Math.ceil(large.width / columns)]
  const parts = Array.from({ length: rows * columns }, (_, i) => {
    const [top, left] = [Math.floor(i / columns) * height, (i % columns) * width]
    const part = {
      top,
      left,
      height: Math.min(height, large.height - top),
      width: Math.min(width, large.width - left),
    }
    return { image: large, part }
  })
  return { frames: [...parts, allOf(await scaled(large, square))], rows, columns }
}

/** Nobody gets more than this, whatever the configuration says. */
const MOST = 4096

function firstSize(image: Size, { size }: ImageProcessorConfig): Size {
  const { longest_edge: longest, height, width } = size!
  if (longest === undefined) {
    if (height !== undefined && width !== undefined) return { height, width }
    throw new ImageProcessorError('"size" needs "longest_edge", or "height" and "width".')
  }
  return withLongest(withLongest(image, longest, true), MOST, false)
}

/** The longer side gets a length, or at most that; the other one is made even where the image may grow. */
function withLongest({ height, width }: Size, longest: number, exactly: boolean): Size {
  const ratio = width / height
  const even = (side: number) => (exactly && side % 2 !== 0 ? side + 1 : side)
  const least = (side: number) => Math.max(side, 1)
  if (width >= height && (exactly || width > longest))
    return { width: longest, height: least(even(Math.trunc(longest / ratio))) }
  if (height > width && (exactly || height > longest))
    return { height: longest, width: least(even(Math.trunc(longest * ratio))) }
  return { height, width }
}

/** The sides as multiples of a square's. */
function wholeSquares({ height, width }: Size, side: number): Size {
  const up = (length: number) => Math.ceil(length / side) * side
  const ratio = width / height
  return width >= height
    ? { width: up(width), height: up(Math.trunc(up(width) / ratio)) }
    : { height: up(height), width: up(Math.trunc(up(height) * ratio)) }
}

type Frames = readonly Split['frames'][]

async function paddedSamples(
  frames: Frames,
  count: number,
  all: Size,
  config: ImageProcessorConfig,
  signal?: AbortSignal,
) {
  const data = new Float32Array(frames.length * count * 3 * all.height * all.width)
  const size = data.length / frames.length
  for (const [i, images] of frames.entries()) {
    if (!config.do_pad && images.length < count) {
      throw new ImageProcessorError('Samples with different numbers of images need "do_pad".')
    }
    const placed = images.map(
      ({ image, part }): Placed => ({
        image,
        layout: {
          resized: image,
          cropped: part,
          ...(config.do_pad && { padded: { ...all, top: 0, left: 0 } }),
        },
      }),
    )
    data.set((await pixelValues(placed, { ...config, do_resize: false }, signal)).data, i * size)
  }
  return { dtype: 'float32' as const, shape: [frames.length, count, 3, all.height, all.width], data }
}

function paddedMasks(frames: Frames, count: number, all: Size) {
  const nothing = { height: 0, width: 0 }
  const sizes = frames.flatMap((images) =>
    Array.from({ length: count }, (_, i) => images[i]?.part ?? nothing),
  )
  return { ...maskOf(sizes, all), shape: [frames.length, count, all.height, all.width] }
}
