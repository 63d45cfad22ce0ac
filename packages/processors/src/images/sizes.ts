/** @file The sizes that images are resized to: what preprocessor_config.json says, and what follows for an image. */
import { ImageProcessorError } from './errors'

export interface Size {
  readonly height: number
  readonly width: number
}

/** A size as preprocessor_config.json has it. */
export type SizeDict = Partial<
  Record<'height' | 'width' | 'shortest_edge' | 'longest_edge' | 'max_height' | 'max_width', number>
>
/** A size as it may be given: in older files a number, or a list of height and width. */
export type SizeLike = number | readonly number[] | SizeDict

const VALID = [
  'height,width',
  'shortest_edge',
  'longest_edge,shortest_edge',
  'longest_edge',
  'max_height,max_width',
]

/** What a bare number means: both sides, the shorter one, or the longer one. */
export type BareSize = 'square' | 'shortest_edge' | 'longest_edge'

/**
 * A size with its keys. Like `get_size_dict` in Python.
 * @throws {ImageProcessorError} when it has other keys than one of the sets there are.
 */
export function sizeDict(size: SizeLike, bare: BareSize, key = 'size', maxSize?: number): SizeDict {
  if (typeof size === 'number') {
    if (bare === 'square') return { height: size, width: size }
    return { [bare]: size, ...(maxSize !== undefined && { longest_edge: maxSize }) }
  }
  if (isList(size)) return { height: size[0], width: size[1] }
  const keys = Object.keys(size).sort().join()
  if (VALID.includes(keys)) return size
  throw new ImageProcessorError(
    `"${key}" has the keys ${keys || 'none'}. It takes one of: ${VALID.join('; ')}.`,
  )
}

const isList = (size: SizeLike): size is readonly number[] => Array.isArray(size)

/** @throws {ImageProcessorError} when the size is not one of height and width. */
export function exactSize({ height, width }: SizeDict, key = 'size'): Size {
  if (height !== undefined && width !== undefined) return { height, width }
  throw new ImageProcessorError(`"${key}" needs "height" and "width" here.`)
}

/** To the nearest whole number, halves to the even one. Python's `round`. */
export function round(x: number): number {
  const down = Math.floor(x)
  const rest = x - down
  return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1
}

/** The shorter side gets a length, the other one keeps the ratio; or both get theirs. As CLIP's. */
export function shortestEdge({ height, width }: Size, size: SizeDict): Size {
  const { shortest_edge: short } = size
  if (short === undefined) return exactSize(size)
  return width <= height
    ? { width: short, height: Math.trunc((short * height) / width) }
    : { height: short, width: Math.trunc((short * width) / height) }
}

/** The shorter side gets a length, unless the longer one grew beyond its own. As DETR's. */
export function withinLongestEdge({ height, width }: Size, shortest: number, longest: number): Size {
  const [least, most] = [Math.min(height, width), Math.max(height, width)]
  const limited = (most / least) * shortest > longest ? (longest * least) / most : undefined
  const short = limited === undefined ? shortest : round(limited)
  const exact = limited ?? short
  if ((height <= width && height === short) || (width <= height && width === short)) return { height, width }
  return width < height
    ? { width: short, height: Math.trunc((exact * height) / width) }
    : { height: short, width: Math.trunc((exact * width) / height) }
}

/** As large as fits into a height and a width. */
export function within({ height, width }: Size, maxHeight: number, maxWidth: number): Size {
  const scale = Math.min(maxHeight / height, maxWidth / width)
  return { height: Math.trunc(height * scale), width: Math.trunc(width * scale) }
}

/** The longer side gets a length, both are rounded. As SAM's. */
export function longestEdge({ height, width }: Size, longest: number): Size {
  const scale = longest / Math.max(height, width)
  return { height: Math.trunc(height * scale + 0.5), width: Math.trunc(width * scale + 0.5) }
}

/** Multiples of a number; with `keepRatio` both sides get the scale that changes the image less. As DPT's. */
export function multipleOf(image: Size, target: Size, keepRatio: boolean, multiple: number): Size {
  let [down, across] = [target.height / image.height, target.width / image.width]
  if (keepRatio) {
    if (Math.abs(1 - across) < Math.abs(1 - down)) down = across
    else across = down
  }
  const nearest = (x: number) => round(x / multiple) * multiple
  return { height: nearest(down * image.height), width: nearest(across * image.width) }
}
