/** @file SAM's class: the longest side gets a length, and a square is filled up with zeros. */
import type { ImageProcessorDefinition } from '../definition'
import { ImageProcessorError } from '../errors'
import { pixelValues } from '../layout'
import { BILINEAR, IMAGENET_MEAN, IMAGENET_STD } from '../settings'
import { exactSize, longestEdge, type Size, sizeDict } from '../sizes'

const pairs = (sizes: readonly Size[]) => ({
  dtype: 'int32' as const,
  shape: [sizes.length, 2],
  data: Int32Array.from(sizes.flatMap(({ height, width }) => [height, width])),
})

const layout: ImageProcessorDefinition['layout'] = (image, { do_resize, size, do_pad, pad_size }) => {
  const side = size?.longest_edge
  if (do_resize && side === undefined) throw new ImageProcessorError('"size" needs "longest_edge" here.')
  const resized = do_resize ? longestEdge(image, side!) : { height: image.height, width: image.width }
  return { resized, ...(do_pad && { padded: { ...exactSize(pad_size!, 'pad_size'), top: 0, left: 0 } }) }
}

export const SamImageProcessor: ImageProcessorDefinition = {
  name: 'SamImageProcessor',
  defaults: {
    do_resize: true,
    size: { longest_edge: 1024 },
    mask_size: { longest_edge: 256 },
    resample: BILINEAR,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: IMAGENET_MEAN,
    image_std: IMAGENET_STD,
    do_pad: true,
    pad_size: { height: 1024, width: 1024 },
    mask_pad_size: { height: 256, width: 256 },
    do_convert_rgb: true,
  },
  size: (size) => sizeDict(size, 'longest_edge'),
  layout,
  async preprocess([images = []], config, { signal }) {
    const placed = images.map((image) => ({ image, layout: layout(image, config) }))
    return {
      pixel_values: await pixelValues(placed, config, signal),
      original_sizes: pairs(images),
      reshaped_input_sizes: pairs(placed.map(({ layout }) => layout.resized)),
    }
  },
  segmentationMaps: true,
  postProcess: ['Masks'],
}
