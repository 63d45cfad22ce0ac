/** @file Annotations of objects as COCO has them, and the labels that DETR and YOLOS learn from. */
import { breather } from '@webformers/hub'
import type { FeatureTensor } from '../tensor'
import { ImageProcessorError } from './errors'
import { type PixelReader, readRaw } from './pixels'
import { resize } from './resize'
import { type CocoSegmentation, cocoMask } from './segmentations'
import type { Size } from './sizes'

/** What is on an image, as COCO has it. */
export interface Annotation {
  image_id: number
  annotations: readonly {
    /** Left, top, width and height, in pixels. */
    bbox: readonly number[]
    category_id: number
    area: number
    iscrowd?: number
    /** For who asks for masks. */
    segmentation?: CocoSegmentation
    /** x, y and whether it is seen, of one point after the other. */
    keypoints?: readonly number[]
  }[]
}
/** The same of what covers the whole image: an image of the same size tells the segment of each pixel. */
export interface PanopticAnnotation {
  image_id: number
  file_name: string
  segments_info: readonly {
    /** Red + 256 · green + 65536 · blue. */
    id: number
    category_id: number
    area: number
    iscrowd?: number
  }[]
}

/** What a detection model learns from. */
export interface DetectionLabels {
  /** [2], height and width of what the model sees. */
  size: FeatureTensor<'int32'>
  image_id: FeatureTensor<'int32'>
  /** [objects] */
  class_labels: FeatureTensor<'int32'>
  /** [objects, 4]: center and size in parts of the image, or corners in pixels. */
  boxes: FeatureTensor<'float32'>
  /** [objects], in pixels of what the model sees. */
  area: FeatureTensor<'float32'>
  iscrowd: FeatureTensor<'int32'>
  /** [2], height and width as the image came. */
  orig_size: FeatureTensor<'int32'>
  /** [objects, height, width] of what the model sees. */
  masks?: FeatureTensor<'bool'>
  /** [points, 3], as they were given. */
  keypoints?: FeatureTensor<'float32'>
}

/** What becomes of an annotated image. */
export interface Placement {
  readonly original: Size
  readonly resized: Size
  readonly padded: Size
  /** Whether boxes become centers and sizes. */
  readonly centers: boolean
  readonly masks: boolean
  readonly signal?: AbortSignal
}

const clamp = (x: number, most: number) => Math.min(Math.max(x, 0), most)
const ints = (values: readonly number[]): FeatureTensor<'int32'> => ({
  dtype: 'int32',
  shape: [values.length],
  data: Int32Array.from(values),
})

/** An object before its image is resized. */
interface Labelled {
  readonly category_id: number
  readonly area: number
  readonly iscrowd?: number
  /** Left, top, right and bottom. */
  readonly corners: readonly [number, number, number, number]
  readonly mask?: Uint8Array<ArrayBuffer>
}

/** @throws {ImageProcessorError} when it is no annotation of COCO's. */
export async function detectionLabels(
  { image_id, annotations }: Annotation,
  placement: Placement,
): Promise<DetectionLabels> {
  const { original, masks } = placement
  if (image_id === undefined || annotations === undefined) {
    throw new ImageProcessorError(
      'An annotation is { image_id, annotations: [{ bbox, category_id, area }] }, as COCO has it.',
    )
  }
  const counted = annotations.filter(({ iscrowd = 0 }) => iscrowd === 0)
  const objects = counted
    .map((object) => {
      const [x = 0, y = 0, width = 0, height = 0] = object.bbox.map(Math.fround)
      const [left, right] = [x, Math.fround(x + width)].map((each) => clamp(each, original.width))
      const [top, bottom] = [y, Math.fround(y + height)].map((each) => clamp(each, original.height))
      return { ...object, corners: [left!, top!, right!, bottom!] as const }
    })
    .filter(({ corners: [left, top, right, bottom] }) => right > left && bottom > top)
    .map((object) => ({ ...object, ...(masks && { mask: cocoMask(segmentationOf(object), original) }) }))
  const keypoints = counted[0]?.keypoints && objects.flatMap((object) => object.keypoints ?? [])
  return {
    ...(await labelsOf(image_id, objects, placement)),
    ...(keypoints && {
      keypoints: {
        dtype: 'float32',
        shape: [keypoints.length / 3, 3],
        data: Float32Array.from(keypoints),
      },
    }),
  }
}

function segmentationOf({ segmentation }: Annotation['annotations'][number]): CocoSegmentation {
  if (segmentation) return segmentation
  throw new ImageProcessorError('Masks are made of "segmentation", which an object of an annotation lacks.')
}

/**
 * The labels of an image whose every pixel belongs to a segment.
 * @param map the image that tells which
 * @throws {ImageProcessorError} when it is no such annotation, or the map has another size.
 */
export async function panopticLabels(
  { image_id, segments_info }: PanopticAnnotation,
  map: PixelReader,
  placement: Placement,
): Promise<DetectionLabels> {
  const { height, width } = placement.original
  if (image_id === undefined || segments_info === undefined) {
    throw new ImageProcessorError(
      'A panoptic annotation is { image_id, file_name, segments_info: [{ id, category_id, area, iscrowd }] }, as COCO has it.',
    )
  }
  if (map.height !== height || map.width !== width) {
    throw new ImageProcessorError(
      `The map of segments is ${map.height} × ${map.width}, but its image is ${height} × ${width}.`,
    )
  }
  const pixels = await map.read(0, height)
  const ids = Int32Array.from({ length: height * width }, (_, i) => {
    const at = i * 4
    return pixels[at + map.red]! + 256 * pixels[at + 1]! + 65536 * pixels[at + 2 - map.red]!
  })
  const breathe = breather(placement.signal)
  const objects: Labelled[] = []
  for (const segment of segments_info) {
    const mask = Uint8Array.from(ids, (id) => (id === segment.id ? 1 : 0))
    objects.push({ ...segment, corners: cornersOf(mask, width), mask })
    await breathe()
  }
  return labelsOf(image_id, objects, placement)
}

/** The first and last column and row of a mask. */
function cornersOf(mask: Uint8Array, width: number): Labelled['corners'] {
  let [left, top, right, bottom] = [1e8, 1e8, 0, 0]
  for (const [i, inside] of mask.entries()) {
    if (inside === 0) continue
    const [x, y] = [i % width, Math.floor(i / width)]
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x)
    bottom = Math.max(bottom, y)
  }
  return [left, top, right, bottom]
}

async function labelsOf(
  image: number,
  objects: readonly Labelled[],
  placement: Placement,
): Promise<DetectionLabels> {
  const { original, resized, padded, centers } = placement
  const [down, across] = [resized.height / original.height, resized.width / original.width]
  const areaScale = Math.fround(across * down)
  const boxes = objects.flatMap(({ corners }) => {
    const scaled = (x: number, scale: number) => Math.fround(x * Math.fround(scale))
    const [left, right] = [scaled(corners[0], across), scaled(corners[2], across)]
    const [top, bottom] = [scaled(corners[1], down), scaled(corners[3], down)]
    if (!centers) return [left, top, right, bottom]
    // In parts of the resized image first, then of what padding made of it.
    const [x, y] = [resized.width, resized.height]
    const box = [(left + right) / 2 / x, (top + bottom) / 2 / y, (right - left) / x, (bottom - top) / y]
    return box.map((part, i) => part * (i % 2 === 0 ? x / padded.width : y / padded.height))
  })
  return {
    size: ints([padded.height, padded.width]),
    image_id: ints([image]),
    class_labels: ints(objects.map(({ category_id }) => category_id)),
    boxes: { dtype: 'float32', shape: [objects.length, 4], data: Float32Array.from(boxes) },
    area: {
      dtype: 'float32',
      shape: [objects.length],
      data: Float32Array.from(objects, ({ area }) => Math.fround(area) * areaScale),
    },
    iscrowd: ints(objects.map(({ iscrowd = 0 }) => iscrowd)),
    orig_size: ints([original.height, original.width]),
    ...(placement.masks && { masks: await resizedMasks(objects, placement) }),
  }
}

/** Masks as large as what the model sees, nothing in its padding. */
async function resizedMasks(
  objects: readonly Labelled[],
  { original, resized, padded, signal }: Placement,
): Promise<FeatureTensor<'bool'>> {
  const plane = padded.height * padded.width
  const data = new Uint8Array(objects.length * plane)
  for (const [i, { mask }] of objects.entries()) {
    const { height, width } = resized
    const image = readRaw({ width: original.width, height: original.height, channels: 1, data: mask! })
    await resize(image, { height, width, resample: 'nearest', signal }, (row, y) => {
      for (let x = 0; x < width; x++) data[i * plane + y * padded.width + x] = row[3 * x]!
    })
  }
  return { dtype: 'bool', shape: [objects.length, padded.height, padded.width], data }
}
