/** @file From pixels to `pixel_values`: resized, cropped, rescaled, normalized and padded in one go, into the tensor itself. */
import type { FeatureTensor } from '../tensor'
import { ImageProcessorError } from './errors'
import { RESAMPLING, type Resampling } from './filters'
import type { PixelReader, RowSink } from './pixels'
import { resize } from './resize'
import type { ImageProcessorConfig } from './settings'
import type { Size } from './sizes'

/** What becomes of an image. */
export interface Layout {
  readonly resized: Size
  /** The part of the resized image that is kept; where it reaches beyond the image, black is around it. */
  readonly cropped?: Part
  /** What is around it all, zeros after normalization. */
  readonly padded?: Part
}
/** A size, and where it begins: a part in its image, a padded image's own in its padding. */
export interface Part extends Size {
  readonly top: number
  readonly left: number
}
export interface Placed {
  readonly image: PixelReader
  readonly layout: Layout
}

/** @throws {ImageProcessorError} when Pillow has no such filter. */
export function filterOf(resample: Resampling | number | undefined = 'bilinear'): Resampling {
  const name = typeof resample === 'number' ? RESAMPLING[resample] : resample
  if (name !== undefined && RESAMPLING.includes(name)) return name
  throw new ImageProcessorError(
    `"resample" is ${resample}. It takes one of: ${RESAMPLING.map((each, i) => `${each} (${i})`).join(', ')}.`,
  )
}

const sizeAfter = ({ resized, cropped, padded }: Layout): Size => padded ?? cropped ?? resized

/**
 * [images, 3, height, width].
 * @throws {ImageProcessorError} when the images do not end up with one size.
 */
export async function pixelValues(
  placed: readonly Placed[],
  config: ImageProcessorConfig,
  signal?: AbortSignal,
): Promise<FeatureTensor<'float32'>> {
  const { height, width } = sharedSize(placed.map(({ layout }) => sizeAfter(layout)))
  const tables = channelTables(config)
  const plane = height * width
  const data = new Float32Array(placed.length * 3 * plane)
  for (const [i, { image, layout }] of placed.entries()) {
    const { top, left } = layout.padded ?? { top: 0, left: 0 }
    const kept = layout.cropped ?? whole(layout.resized)
    const planes = [0, 1, 2].map((c) => data.subarray((i * 3 + c) * plane, (i * 3 + c + 1) * plane))
    if (reachesBeyond(kept, layout.resized)) {
      for (const [c, values] of planes.entries()) {
        for (let y = 0; y < kept.height; y++) {
          values.fill(tables[c]![0]!, (top + y) * width + left, (top + y) * width + left + kept.width)
        }
      }
    }
    const [red, green, blue] = planes as [Float32Array, Float32Array, Float32Array]
    const [reds, greens, blues] = tables
    const [firstY, firstX] = [top + Math.max(0, -kept.top), left + Math.max(0, -kept.left)]
    await resizeInto(image, layout.resized, kept, config, signal, (row, y) => {
      let at = (firstY + y) * width + firstX
      for (let x = 0; x < row.length; x += 3, at++) {
        red[at] = reds[row[x]!]!
        green[at] = greens[row[x + 1]!]!
        blue[at] = blues[row[x + 2]!]!
      }
    })
  }
  return { dtype: 'float32', shape: [placed.length, 3, height, width], data }
}

const reachesBeyond = ({ top, left, height, width }: Part, image: Size) =>
  top < 0 || left < 0 || top + height > image.height || left + width > image.width

/** All of an image. */
export const whole = ({ height, width }: Size): Part => ({ height, width, top: 0, left: 0 })

/** The middle of an image, as Python's `center_crop` finds it. */
export const middle = (image: Size, { height, width }: Size): Part => ({
  height,
  width,
  top: Math.floor((image.height - height) / 2),
  left: Math.floor((image.width - width) / 2),
})

/** The rows of a part of the resized image. */
export function resizeInto(
  image: PixelReader,
  resized: Size,
  { top, left, height, width }: Part,
  { do_resize, resample }: ImageProcessorConfig,
  signal: AbortSignal | undefined,
  sink: RowSink,
): Promise<void> {
  const span = (start: number, length: number, all: number) => ({
    start: Math.max(0, start),
    end: Math.min(all, start + length),
  })
  const window = { x: span(left, width, resized.width), y: span(top, height, resized.height) }
  const { height: high, width: wide } = resized // an image is a size, too, and nothing that could be spread
  return resize(
    image,
    { height: high, width: wide, resample: do_resize ? filterOf(resample) : 'box', window, signal },
    sink,
  )
}

export function sharedSize([first, ...others]: readonly Size[]): Size {
  if (!first) throw new ImageProcessorError('There is no image to process.')
  const odd = others.find(({ height, width }) => height !== first.height || width !== first.width)
  if (!odd) return first
  throw new ImageProcessorError(
    `The images of a batch need one size, but these have ${first.height} × ${first.width} and ${odd.height} × ${odd.width}. ` +
      'Resize, crop or pad them to one, or give them one by one.',
  )
}

/** For each channel what becomes of a byte: rescaled and normalized in the steps, and with the rounding, of Python's float32. */
export function channelTables(
  config: ImageProcessorConfig,
): readonly [Float32Array, Float32Array, Float32Array] {
  const { do_rescale, rescale_factor, do_normalize, image_mean, image_std } = config
  if (do_rescale && rescale_factor == null)
    throw new ImageProcessorError('"do_rescale" needs a "rescale_factor".')
  if (do_normalize && (image_mean == null || image_std == null)) {
    throw new ImageProcessorError('"do_normalize" needs "image_mean" and "image_std".')
  }
  const of = (values: number | readonly number[], c: number, key: string) => {
    if (typeof values === 'number') return values
    if (values.length === 3) return values[c]!
    throw new ImageProcessorError(
      `"${key}" has ${values.length} values, but images have 3 channels: red, green and blue.`,
    )
  }
  const table = (c: number) => {
    const mean = do_normalize ? Math.fround(of(image_mean!, c, 'image_mean')) : 0
    const std = do_normalize ? Math.fround(of(image_std!, c, 'image_std')) : 1
    return Float32Array.from({ length: 256 }, (_, byte) => {
      const value = do_rescale ? Math.fround(byte * rescale_factor!) : byte
      return Math.fround(value - mean) / std
    })
  }
  return [table(0), table(1), table(2)]
}
