/** @file The classes that resize, crop, rescale and normalize one image after another. */
import type { ImageProcessorDefinition } from '../definition'
import { ImageProcessorError } from '../errors'
import { middle } from '../layout'
import {
  BICUBIC,
  BILINEAR,
  CLIP_MEAN,
  CLIP_STD,
  HALF,
  IMAGENET_MEAN,
  IMAGENET_STD,
  type ImageProcessorConfig,
} from '../settings'
import { exactSize, multipleOf, type Size, type SizeLike, shortestEdge, sizeDict } from '../sizes'

const rescaled = { do_rescale: true, rescale_factor: 1 / 255 }
const standard = { do_resize: true, ...rescaled, do_normalize: true, image_mean: HALF, image_std: HALF }
const clip = { ...standard, image_mean: CLIP_MEAN, image_std: CLIP_STD }
const square = (side: number) => ({ height: side, width: side })

const bareShortestEdge = (size: SizeLike) => sizeDict(size, 'shortest_edge')

const exactly = (image: Size, { do_resize, size }: ImageProcessorConfig) => ({
  resized: do_resize ? exactSize(size!) : image,
})

/** Resized by a rule, and its middle kept if that is asked for. */
const cropped =
  (
    rule: (image: Size, size: NonNullable<ImageProcessorConfig['size']>) => Size,
  ): ImageProcessorDefinition['layout'] =>
  (image, { do_resize, size, do_center_crop, crop_size }) => {
    const resized = do_resize ? rule(image, size!) : image
    return {
      resized,
      ...(do_center_crop && { cropped: middle(resized, exactSize(crop_size!, 'crop_size')) }),
    }
  }

const cropsShortestEdge = (defaults: ImageProcessorConfig) => ({
  defaults,
  size: bareShortestEdge,
  layout: cropped(shortestEdge),
})

export const ViTImageProcessor: ImageProcessorDefinition = {
  name: 'ViTImageProcessor',
  defaults: { ...standard, size: square(224), resample: BILINEAR, do_convert_rgb: null },
  layout: exactly,
}

export const DeiTImageProcessor: ImageProcessorDefinition = {
  name: 'DeiTImageProcessor',
  defaults: {
    ...standard,
    size: square(256),
    resample: BICUBIC,
    do_center_crop: true,
    crop_size: square(224),
  },
  layout: cropped((_, size) => exactSize(size)),
}

export const BlipImageProcessor: ImageProcessorDefinition = {
  name: 'BlipImageProcessor',
  defaults: { ...clip, size: square(384), resample: BICUBIC, do_convert_rgb: true },
  layout: exactly,
}

export const SiglipImageProcessor: ImageProcessorDefinition = {
  name: 'SiglipImageProcessor',
  defaults: { ...standard, size: square(224), resample: BICUBIC, do_convert_rgb: null },
  layout: exactly,
}

const clipDefaults = {
  ...clip,
  size: { shortest_edge: 224 },
  resample: BICUBIC,
  do_center_crop: true,
  crop_size: square(224),
  do_convert_rgb: true,
}

export const CLIPImageProcessor: ImageProcessorDefinition = {
  name: 'CLIPImageProcessor',
  ...cropsShortestEdge(clipDefaults),
  /** `use_square_size` is a leftover of older files. */
  settle({ use_square_size, ...config }) {
    if (use_square_size === undefined) return config
    if (!use_square_size) return { ...config, use_square_size } as ImageProcessorConfig
    const side = config.size?.shortest_edge
    return side === undefined ? config : { ...config, size: square(side) }
  },
}

/** DINOv2's. */
export const BitImageProcessor: ImageProcessorDefinition = {
  name: 'BitImageProcessor',
  ...cropsShortestEdge(clipDefaults),
}

export const MobileNetV2ImageProcessor: ImageProcessorDefinition = {
  name: 'MobileNetV2ImageProcessor',
  ...cropsShortestEdge({
    ...standard,
    size: { shortest_edge: 256 },
    resample: BILINEAR,
    do_center_crop: true,
    crop_size: square(224),
    do_reduce_labels: false,
  }),
  segmentationMaps: true,
  postProcess: ['SemanticSegmentation'],
}

/** ResNet's, too. Images of less than 384 pixels are resized to more, of which the middle is kept. */
export const ConvNextImageProcessor: ImageProcessorDefinition = {
  name: 'ConvNextImageProcessor',
  defaults: { ...standard, size: { shortest_edge: 384 }, crop_pct: 224 / 256, resample: BILINEAR },
  size: bareShortestEdge,
  layout(image, { do_resize, size, crop_pct }) {
    if (!do_resize) return { resized: image }
    const side = size?.shortest_edge
    if (side === undefined) throw new ImageProcessorError('"size" needs "shortest_edge" here.')
    if (side >= 384) return { resized: square(side) }
    const resized = shortestEdge(image, { shortest_edge: Math.trunc(side / crop_pct!) })
    return { resized, cropped: middle(resized, square(side)) }
  },
}

export const SegformerImageProcessor: ImageProcessorDefinition = {
  name: 'SegformerImageProcessor',
  defaults: {
    ...standard,
    image_mean: IMAGENET_MEAN,
    image_std: IMAGENET_STD,
    size: square(512),
    resample: BILINEAR,
    do_reduce_labels: false,
  },
  layout: exactly,
  segmentationMaps: true,
  postProcess: ['SemanticSegmentation'],
}

/** Depth Anything's, too. */
export const DPTImageProcessor: ImageProcessorDefinition = {
  name: 'DPTImageProcessor',
  defaults: {
    ...standard,
    size: square(384),
    resample: BICUBIC,
    keep_aspect_ratio: false,
    ensure_multiple_of: 1,
    do_pad: false,
    size_divisor: null,
    do_reduce_labels: false,
  },
  layout(
    image,
    { do_resize, size, keep_aspect_ratio = false, ensure_multiple_of = 1, do_pad, size_divisor },
  ) {
    const resized = do_resize
      ? multipleOf(image, exactSize(size!), keep_aspect_ratio, ensure_multiple_of)
      : image
    if (!do_pad) return { resized }
    if (!size_divisor) throw new ImageProcessorError('"do_pad" needs a "size_divisor" here.')
    const up = (side: number) => Math.ceil(side / size_divisor) * size_divisor
    const padded = { height: up(resized.height), width: up(resized.width) }
    const half = (side: 'height' | 'width') => Math.floor((padded[side] - resized[side]) / 2)
    return { resized, padded: { ...padded, top: half('height'), left: half('width') } }
  },
  segmentationMaps: true,
  postProcess: ['SemanticSegmentation', 'DepthEstimation'],
}
