/** @file Annotations of objects as COCO has them, and the labels that DETR and YOLOS learn from. */
import type { FeatureTensor } from '../tensor'
import { ImageProcessorError } from './errors'
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
}

const clamp = (x: number, most: number) => Math.min(Math.max(x, 0), most)
const ints = (values: readonly number[]): FeatureTensor<'int32'> => ({
  dtype: 'int32',
  shape: [values.length],
  data: Int32Array.from(values),
})

/** @throws {ImageProcessorError} when it is no annotation of COCO's. */
export function detectionLabels(
  { image_id, annotations }: Annotation,
  { original, resized, padded, centers }: { original: Size; resized: Size; padded: Size; centers: boolean },
): DetectionLabels {
  if (image_id === undefined || annotations === undefined) {
    throw new ImageProcessorError(
      'An annotation is { image_id, annotations: [{ bbox, category_id, area }] }, as COCO has it.',
    )
  }
  const [down, across] = [resized.height / original.height, resized.width / original.width]
  const areaScale = Math.fround(across * down)
  const objects = annotations
    .filter(({ iscrowd = 0 }) => iscrowd === 0)
    .map((object) => {
      const [x = 0, y = 0, width = 0, height = 0] = object.bbox.map(Math.fround)
      const [left, right] = [x, Math.fround(x + width)].map((each) => clamp(each, original.width))
      const [top, bottom] = [y, Math.fround(y + height)].map((each) => clamp(each, original.height))
      return { ...object, corners: [left!, top!, right!, bottom!] as const }
    })
    .filter(({ corners: [left, top, right, bottom] }) => right > left && bottom > top)
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
    image_id: ints([image_id]),
    class_labels: ints(objects.map(({ category_id }) => category_id)),
    boxes: { dtype: 'float32', shape: [objects.length, 4], data: Float32Array.from(boxes) },
    area: {
      dtype: 'float32',
      shape: [objects.length],
      data: Float32Array.from(objects, ({ area }) => Math.fround(area) * areaScale),
    },
    iscrowd: ints(objects.map(({ iscrowd = 0 }) => iscrowd)),
    orig_size: ints([original.height, original.width]),
  }
}
