/** @file DETR's and YOLOS's classes: images keep their ratio, and batches are padded to their largest. */
import {
  type Annotation,
  type DetectionLabels,
  detectionLabels,
  type PanopticAnnotation,
  type Placement,
  panopticLabels,
} from '../annotations'
import { loadImage } from '../decode'
import type { ImageFeatures, ImageProcessorDefinition, PreprocessOptions } from '../definition'
import { ImageProcessorError } from '../errors'
import { type Placed, pixelValues } from '../layout'
import { BILINEAR, IMAGENET_MEAN, IMAGENET_STD, type ImageProcessorConfig } from '../settings'
import { exactSize, type Size, sizeDict, within, withinLongestEdge } from '../sizes'

const defaults: ImageProcessorConfig = {
  format: 'coco_detection',
  do_resize: true,
  size: { shortest_edge: 800, longest_edge: 1333 },
  resample: BILINEAR,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: IMAGENET_MEAN,
  image_std: IMAGENET_STD,
  do_pad: true,
  pad_size: null,
}

function resizedBy(image: Size, { do_resize, size }: ImageProcessorConfig): Size {
  if (!do_resize) return image
  const { shortest_edge, longest_edge, max_height, max_width } = size!
  if (shortest_edge !== undefined && longest_edge !== undefined)
    return withinLongestEdge(image, shortest_edge, longest_edge)
  if (max_height !== undefined && max_width !== undefined) return within(image, max_height, max_width)
  return exactSize(size!)
}

/** Older files say the longest edge beside `size`, and padding by another name. */
const settle: NonNullable<ImageProcessorDefinition['settle']> = ({
  max_size: _,
  pad_and_return_pixel_mask,
  ...config
}) => ({
  ...config,
  ...(typeof pad_and_return_pixel_mask === 'boolean' && { do_pad: pad_and_return_pixel_mask }),
  do_convert_annotations: config.do_convert_annotations ?? config.do_normalize ?? true,
})

const detection = (
  name: string,
  rule: (image: Size, config: ImageProcessorConfig) => Size,
  pixelMask: boolean,
): ImageProcessorDefinition => ({
  name,
  defaults,
  size: (size, { max_size }) =>
    sizeDict(size, 'shortest_edge', 'size', typeof max_size === 'number' ? max_size : 1333),
  settle,
  layout: (image, config) => ({ resized: rule(image, config) }),
  async preprocess([images = []], config, { annotations, signal, ...options }): Promise<ImageFeatures> {
    if (annotations && annotations.length !== images.length) {
      throw new ImageProcessorError(
        `There are ${images.length} images, but ${annotations.length} annotations.`,
      )
    }
    const sizes = images.map((image) => rule(image, config))
    const all = config.pad_size
      ? exactSize(config.pad_size, 'pad_size')
      : {
          height: Math.max(...sizes.map(({ height }) => height)),
          width: Math.max(...sizes.map(({ width }) => width)),
        }
    const placed = images.map(
      (image, i): Placed => ({
        image,
        layout: {
          resized: sizes[i]!,
          ...(config.do_pad && { padded: { ...fits(sizes[i]!, all), top: 0, left: 0 } }),
        },
      }),
    )
    const panoptic = config.format === 'coco_panoptic'
    const placements = sizes.map(
      (resized, i): Placement => ({
        original: images[i]!,
        resized,
        padded: config.do_pad ? all : resized,
        centers: config.do_convert_annotations ?? true,
        masks: options.returnSegmentationMasks ?? panoptic,
        signal,
      }),
    )
    const labels =
      annotations &&
      (await Promise.all(
        annotations.map((annotation, i) =>
          panoptic
            ? ofSegments(annotation as PanopticAnnotation, placements[i]!, options)
            : detectionLabels(annotation as Annotation, placements[i]!),
        ),
      ))
    return {
      pixel_values: await pixelValues(placed, config, signal),
      ...(config.do_pad && pixelMask && { pixel_mask: maskOf(sizes, all) }),
      ...(labels && { labels }),
    }
  },
  annotations: true,
  postProcess: ['ObjectDetection'],
})

/** The labels of segments, whose map lies beside the others. */
async function ofSegments(
  annotation: PanopticAnnotation,
  placement: Placement,
  { masksPath }: PreprocessOptions,
): Promise<DetectionLabels> {
  if (masksPath === undefined)
    throw new ImageProcessorError(
      'Panoptic annotations need masksPath, where the maps of their segments lie.',
    )
  const { file_name } = annotation
  const input =
    typeof masksPath === 'string' || masksPath instanceof URL
      ? `${String(masksPath).replace(/\/$/, '')}/${file_name}`
      : masksPath[file_name]
  if (input === undefined)
    throw new ImageProcessorError(`masksPath holds no "${file_name}", which an annotation names.`)
  const map = await loadImage(input, { signal: placement.signal })
  try {
    return await panopticLabels(annotation, map, placement)
  } finally {
    if (map !== input) map.close()
  }
}

function fits({ height, width }: Size, into: Size): Size {
  if (height <= into.height && width <= into.width) return into
  throw new ImageProcessorError(
    `"pad_size" is ${into.height} × ${into.width}, too small for an image of ${height} × ${width}.`,
  )
}

/** 1 where an image is. */
export function maskOf(sizes: readonly Size[], { height, width }: Size) {
  const data = new Int32Array(sizes.length * height * width)
  for (const [i, size] of sizes.entries()) {
    for (let y = 0; y < size.height; y++) {
      const start = (i * height + y) * width
      data.fill(1, start, start + size.width)
    }
  }
  return { dtype: 'int32' as const, shape: [sizes.length, height, width], data }
}

export const DetrImageProcessor: ImageProcessorDefinition = {
  ...detection('DetrImageProcessor', resizedBy, true),
  postProcess: ['ObjectDetection', 'SemanticSegmentation', 'InstanceSegmentation', 'PanopticSegmentation'],
}

const STEP = 16
const down = (side: number) => side - (side % STEP)

export const YolosImageProcessor: ImageProcessorDefinition = detection(
  'YolosImageProcessor',
  (image, config) => {
    const { height, width } = resizedBy(image, config)
    const { size, do_resize } = config
    const keepsRatio = do_resize && size?.shortest_edge !== undefined
    return keepsRatio ? { height: down(height), width: down(width) } : { height, width }
  },
  false,
)
