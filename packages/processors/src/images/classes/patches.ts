/** @file Qwen2-VL's class: images keep their ratio within a number of pixels, and come as a list of patches. */
import type { ImageProcessorDefinition } from '../definition'
import { ImageProcessorError } from '../errors'
import { pixelValues } from '../layout'
import { BICUBIC, CLIP_MEAN, CLIP_STD, type ImageProcessorConfig } from '../settings'
import { round, type Size } from '../sizes'

/** Sides that are multiples of a factor, and together neither too few nor too many pixels. `smart_resize`. */
function smartSize({ height, width }: Size, factor: number, least: number, most: number): Size {
  const ratio = Math.max(height, width) / Math.min(height, width)
  if (ratio > 200)
    throw new ImageProcessorError(
      `An image of ${height} × ${width} is too narrow: one side may be 200 times the other.`,
    )
  const sides = (to: (side: number) => number) => ({ height: to(height), width: to(width) })
  const nearest = sides((side) => round(side / factor) * factor)
  if (nearest.height * nearest.width > most) {
    const shrink = Math.sqrt((height * width) / most)
    return sides((side) => Math.max(factor, Math.floor(side / shrink / factor) * factor))
  }
  if (nearest.height * nearest.width < least) {
    const grow = Math.sqrt(least / (height * width))
    return sides((side) => Math.ceil((side * grow) / factor) * factor)
  }
  return nearest
}

const layout: ImageProcessorDefinition['layout'] = (image, { do_resize, size, patch_size, merge_size }) => {
  const { shortest_edge: least, longest_edge: most } = size!
  if (least === undefined || most === undefined)
    throw new ImageProcessorError('"size" needs "shortest_edge" and "longest_edge".')
  const factor = patch_size! * merge_size!
  if (do_resize) return { resized: smartSize(image, factor, least, most) }
  if (image.height % factor === 0 && image.width % factor === 0) return { resized: image }
  throw new ImageProcessorError(`Without "do_resize" the sides of images must be multiples of ${factor}.`)
}

export const Qwen2VLImageProcessor: ImageProcessorDefinition = {
  name: 'Qwen2VLImageProcessor',
  defaults: {
    do_resize: true,
    size: { shortest_edge: 56 * 56, longest_edge: 28 * 28 * 1280 },
    resample: BICUBIC,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: CLIP_MEAN,
    image_std: CLIP_STD,
    do_convert_rgb: true,
    patch_size: 14,
    temporal_patch_size: 2,
    merge_size: 2,
  },
  /** In older files the bounds have names of their own. */
  settle({ min_pixels, max_pixels, ...config }) {
    const { shortest_edge = 56 * 56, longest_edge = 28 * 28 * 1280 } = config.size ?? {}
    const size = { shortest_edge: min_pixels ?? shortest_edge, longest_edge: max_pixels ?? longest_edge }
    return { ...config, size, min_pixels: size.shortest_edge, max_pixels: size.longest_edge }
  },
  layout,
  async preprocess([images = []], config, { signal }) {
    const lists: Float32Array[] = []
    const grids: number[] = []
    for (const image of images) {
      const placed = { image, layout: layout(image, config) }
      const { data, shape } = await pixelValues([placed], config, signal)
      const [height, width] = [shape[2]!, shape[3]!]
      lists.push(patchesOf(data, { height, width }, config))
      grids.push(1, height / config.patch_size!, width / config.patch_size!)
    }
    const values = 3 * config.temporal_patch_size! * config.patch_size! ** 2
    const total = lists.reduce((sum, { length }) => sum + length, 0)
    const data = new Float32Array(total)
    let at = 0
    for (const list of lists) {
      data.set(list, at)
      at += list.length
    }
    return {
      pixel_values: { dtype: 'float32', shape: [total / values, values], data },
      image_grid_thw: { dtype: 'int32', shape: [images.length, 3], data: Int32Array.from(grids) },
    }
  },
}

/** Patch by patch, those that will be merged side by side; a still image stands for every moment of a patch. */
function patchesOf(
  pixels: Float32Array,
  { height, width }: Size,
  config: ImageProcessorConfig,
): Float32Array {
  const { patch_size: side = 14, merge_size: merge = 2, temporal_patch_size: moments = 2 } = config
  const [rows, columns] = [height / side, width / side]
  const patches = new Float32Array(pixels.length * moments)
  let at = 0
  for (let block = 0; block < rows * columns; block += merge * merge) {
    const [down, across] = [Math.floor(block / (columns * merge)) * merge, (block / merge) % columns]
    for (let i = 0; i < merge * merge; i++) {
      const [row, column] = [down + Math.floor(i / merge), across + (i % merge)]
      for (let c = 0; c < 3; c++) {
        for (let moment = 0; moment < moments; moment++) {
          for (let y = 0; y < side; y++, at += side) {
            const from = (c * height + row * side + y) * width + column * side
            patches.set(pixels.subarray(from, from + side), at)
          }
        }
      }
    }
  }
  return patches
}
