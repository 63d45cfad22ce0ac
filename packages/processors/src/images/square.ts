/** @file OWLv2's pixels: filled up with grey to a square, blurred, and drawn at another size, as `scipy.ndimage` does it. */
import { breather } from '@webformers/hub'
import type { FeatureTensor } from '../tensor'
import { ImageProcessorError } from './errors'
import { sharedSize } from './layout'
import { type PixelReader, rowsAtOnce } from './pixels'
import type { ImageProcessorConfig } from './settings'
import { exactSize, type Size } from './sizes'

const { abs, exp, floor, fround, max, min } = Math
const GREY = 0.5
/** How many standard deviations a blur reaches. */
const REACH = 4

/** What a place counts, its neighbours on either side, theirs, …, where so many places become one. */
function blur(factor: number): readonly number[] {
  const deviation = max(0, (factor - 1) / 2)
  if (deviation === 0) return [1]
  const reach = floor(REACH * deviation + 0.5)
  const bell = Array.from({ length: reach + 1 }, (_, x) => exp((-0.5 / deviation ** 2) * x * x))
  const total = bell.reduce((sum, weight, x) => sum + (x === 0 ? weight : 2 * weight), 0)
  return bell.map((weight) => weight / total)
}

/** A place beyond an edge is that as far inside of it. */
function mirrored(place: number, size: number): number {
  if (size === 1) return 0
  const period = 2 * (size - 1)
  const at = abs(place) % period
  return at < size ? at : period - at
}

/** The two places that each new one lies between, and how much the second counts. */
function between(from: number, to: number) {
  return Array.from({ length: to }, (_, i) => {
    const at = abs((i + 0.5) * (from / to) - 0.5)
    const inside = at > from - 1 ? max(0, 2 * (from - 1) - at) : at
    const low = floor(inside)
    return { low, high: mirrored(low + 1, from), weight: inside - low }
  })
}

/** The rows of a padded image, rescaled, red, green and blue side by side. */
class PaddedRows {
  readonly #rows = new Map<number, Float32Array>()
  readonly #values: Float32Array
  constructor(
    private readonly image: PixelReader,
    private readonly width: number,
    { do_rescale, rescale_factor = 1 }: ImageProcessorConfig,
  ) {
    this.#values = Float32Array.from({ length: 256 }, (_, byte) =>
      do_rescale ? byte * rescale_factor : byte,
    )
  }

  /** @param needed the first row that is still asked for */
  async row(y: number, needed: number): Promise<Float32Array> {
    const { height } = this.image
    const place = min(y, height) // all below are grey
    const known = this.#rows.get(place)
    if (known) return known
    for (const other of this.#rows.keys()) if (other < needed) this.#rows.delete(other)
    if (place === height) {
      const grey = new Float32Array(this.width * 3).fill(GREY)
      this.#rows.set(height, grey)
      return grey
    }
    const count = min(rowsAtOnce(this.image.width), height - place)
    const pixels = await this.image.read(place, count)
    for (let i = 0; i < count; i++) this.#rows.set(place + i, this.#rowOf(pixels, i))
    return this.#rows.get(place)!
  }

  #rowOf(pixels: ArrayLike<number>, i: number): Float32Array {
    const { width, red } = this.image
    const row = new Float32Array(this.width * 3).fill(GREY, width * 3)
    for (let x = 0, at = i * width * 4; x < width; x++, at += 4) {
      row[3 * x] = this.#values[pixels[at + red]!]!
      row[3 * x + 1] = this.#values[pixels[at + 1]!]!
      row[3 * x + 2] = this.#values[pixels[at + 2 - red]!]!
    }
    return row
  }
}

/** The rows of an image at its new size. Weights are positive and sum to one, so no value leaves the range of the image's own. */
async function* resizedRows(
  image: PixelReader,
  padded: Size,
  to: Size,
  config: ImageProcessorConfig,
): AsyncGenerator<Float32Array> {
  const source = new PaddedRows(image, padded.width, config)
  const [down, across] = [blur(padded.height / to.height), blur(padded.width / to.width)]
  const columns = between(padded.width, to.width)
  const places = Int32Array.from(columns.flatMap(({ low, high }) => [low, high]))
  const known = new Map<number, Float32Array>()
  /** A row, blurred down and across, at the columns that new ones lie between. */
  const blurred = async (y: number): Promise<Float32Array> => {
    const before = known.get(y)
    if (before) return before
    const needed = y - 2 * down.length // rows are asked for from top to bottom, but for what the edge mirrors
    const sums = Float64Array.from(await source.row(y, needed), (value) => value * down[0]!)
    for (let reach = down.length - 1; reach > 0; reach--) {
      const [above, below] = [-reach, reach].map((side) => mirrored(y + side, padded.height))
      const [before, after] = [await source.row(above!, needed), await source.row(below!, needed)]
      for (let i = 0; i < sums.length; i++) sums[i]! += (before[i]! + after[i]!) * down[reach]!
    }
    const row = blurredAt(places, Float32Array.from(sums), padded.width, across)
    known.set(y, row)
    return row
  }
  for (const { low, high, weight } of between(padded.height, to.height)) {
    for (const y of known.keys()) if (y < low - 1) known.delete(y)
    const [above, below] = [await blurred(low), await blurred(high)]
    const row = new Float32Array(to.width * 3)
    const top = 1 - weight
    for (const [x, { weight: right }] of columns.entries()) {
      const left = 1 - right
      for (let c = 0; c < 3; c++) {
        const [a, b] = [6 * x + c, 6 * x + 3 + c]
        // Summed in scipy's order: a value may lie halfway between two floats.
        row[3 * x + c] =
          above[a]! * top * left +
          above[b]! * top * right +
          below[a]! * weight * left +
          below[b]! * weight * right
      }
    }
    yield row
  }
}

/** A row blurred along itself, at some places only. */
function blurredAt(
  places: Int32Array,
  row: Float32Array,
  width: number,
  weights: readonly number[],
): Float32Array {
  const margin = weights.length - 1
  const wide = new Float32Array((width + 2 * margin) * 3)
  wide.set(row, margin * 3)
  for (let x = 1; x <= margin; x++) {
    for (const place of [-x, width - 1 + x]) {
      const from = 3 * mirrored(place, width)
      wide.set(row.subarray(from, from + 3), (margin + place) * 3)
    }
  }
  const result = new Float32Array(places.length * 3)
  for (let i = 0; i < result.length; i++) {
    const at = 3 * (places[floor(i / 3)]! + margin) + (i % 3)
    let sum = wide[at]! * weights[0]!
    for (let reach = margin; reach > 0; reach--)
      sum += (wide[at - 3 * reach]! + wide[at + 3 * reach]!) * weights[reach]!
    result[i] = sum
  }
  return result
}

/**
 * [images, 3, height, width].
 * @throws {ImageProcessorError} when the images do not end up with one size, or grey would have to lie among bytes.
 */
export async function squarePixels(
  images: readonly PixelReader[],
  config: ImageProcessorConfig,
  signal?: AbortSignal,
): Promise<FeatureTensor<'float32'>> {
  const { do_pad, do_resize, do_rescale, do_normalize, size } = config
  if (!do_rescale && (do_pad || do_resize)) {
    throw new ImageProcessorError(
      'OWLv2 pads and resizes what is rescaled. Set do_rescale, or set do_pad and do_resize to false, too.',
    )
  }
  const padded = images.map(({ height, width }) => {
    const side = max(height, width)
    return do_pad ? { height: side, width: side } : { height, width }
  })
  const targets = padded.map((own) => (do_resize ? exactSize(size!) : own))
  const { height, width } = sharedSize(targets)
  const of = (values: number | readonly number[] | undefined, c: number, standard: number) =>
    fround(do_normalize ? (typeof values === 'object' ? values[c]! : (values ?? standard)) : standard)
  const means = [0, 1, 2].map((c) => of(config.image_mean, c, 0))
  const stds = [0, 1, 2].map((c) => of(config.image_std, c, 1))
  const plane = height * width
  const data = new Float32Array(images.length * 3 * plane)
  const breathe = breather(signal)
  for (const [i, image] of images.entries()) {
    let at = i * 3 * plane
    for await (const row of resizedRows(image, padded[i]!, targets[i]!, config)) {
      for (let x = 0; x < width; x++, at++) {
        for (let c = 0; c < 3; c++) data[at + c * plane] = fround(row[3 * x + c]! - means[c]!) / stds[c]!
      }
      await breathe()
    }
  }
  return { dtype: 'float32', shape: [images.length, 3, height, width], data }
}
