/** @file `image-segmentation`: which parts of images are what. */
import { breather } from '@webformers/hub'
import type { ImageInput, RawImage, SegmentationOutputs, SemanticOutputs } from '@webformers/processors'
import { OptionError } from '../errors'
import type { Tensor } from '../tensor'
import { greyImage, type ImageOutputs, type ImageRow, imageRow, runImages } from './image-rows'
import { type Context, defineTask } from './task'

export interface ImageSegmentationOptions {
  /** Default: the first of `'panoptic'`, `'instance'` and `'semantic'` that the image processor can do. */
  subtask?: 'panoptic' | 'instance' | 'semantic'
  /** Scores have to be above it. Default: 0.9. */
  threshold?: number
  /** From which probability on a pixel belongs to a mask. Default: 0.5. */
  maskThreshold?: number
  /** How much of a mask others have to leave it. Default: 0.5. */
  overlapMaskAreaThreshold?: number
}

/** A part of an image. */
export interface ImageSegment {
  /** `null` where the model only says what each pixel is. */
  score: number | null
  label: string
  /** As large as the image: 255 where the part is, else 0. */
  mask: RawImage
}

export interface ImageSegmentation {
  input: ImageInput
  options: ImageSegmentationOptions
  one: ImageSegment[]
  many: ImageSegment[][]
}

type Settled = Required<Omit<ImageSegmentationOptions, 'subtask'>> & Pick<ImageSegmentationOptions, 'subtask'>

export const imageSegmentation = defineTask({
  head: ['ForSegmentation', 'ForSemanticSegmentation', 'ForUniversalSegmentation'],
  standard: { source: 'facebook/detr-resnet-50-panoptic', revision: 'd53b52a' },
  preprocessing: ['imageProcessor'],
  settle({
    subtask,
    threshold = 0.9,
    maskThreshold = 0.5,
    overlapMaskAreaThreshold = 0.5,
  }: ImageSegmentationOptions): Settled {
    return { subtask, threshold, maskThreshold, overlapMaskAreaThreshold }
  },
  prepare: (image: ImageInput, _, context) => imageRow(image, context),
  async run(rows: readonly ImageRow[], settled, context) {
    const segmented: ImageSegment[][] = []
    for (const [i, outputs] of (await runImages(rows, context)).entries()) {
      segmented.push(await segmentsOf(outputs, rows[i]!.size, settled, context))
    }
    return segmented
  },
  answer: ([segments = []]): ImageSegment[] => segments,
})

async function segmentsOf(
  outputs: ImageOutputs,
  size: ImageRow['size'],
  { subtask, ...thresholds }: Settled,
  { imageProcessor, config, signal }: Context,
): Promise<ImageSegment[]> {
  const options = { ...thresholds, targetSizes: [size], signal }
  const verbs = {
    panoptic: 'PanopticSegmentation',
    instance: 'InstanceSegmentation',
    semantic: 'SemanticSegmentation',
  } as const
  const can = (name: keyof typeof verbs) =>
    (subtask === name || subtask === undefined) && imageProcessor.canPostProcess(verbs[name])
  const named = (id: number) => config.id2label[id]!
  if (can('panoptic') || can('instance')) {
    const verb = can('panoptic') ? 'postProcessPanopticSegmentation' : 'postProcessInstanceSegmentation'
    const [found] = await imageProcessor[verb](outputs as unknown as SegmentationOutputs, options)
    const { segmentation, segments_info } = found!
    const segments: ImageSegment[] = []
    for (const { id, label_id, score } of segments_info) {
      segments.push({ score, label: named(label_id), mask: await maskOf(segmentation, id, signal) })
    }
    return segments
  }
  if (can('semantic')) {
    const [map] = await imageProcessor.postProcessSemanticSegmentation(
      outputs as unknown as SemanticOutputs,
      options,
    )
    const labels = await labelsIn(map!, signal)
    const segments: ImageSegment[] = []
    for (const label of labels) {
      segments.push({ score: null, label: named(label), mask: await maskOf(map!, label, signal) })
    }
    return segments
  }
  throw new OptionError(
    `This model's image processor, ${imageProcessor.imageProcessorType}, does no ${subtask ?? ''} segmentation.`,
  )
}

/** Where a map has a value. */
const maskOf = ({ data, shape }: Tensor<'int32'>, value: number, signal?: AbortSignal) =>
  greyImage(shape[0]!, shape[1]!, (i) => (data[i] === value ? 255 : 0), signal)

/** The labels that a map has, in order. */
async function labelsIn({ data, shape }: Tensor<'int32'>, signal?: AbortSignal): Promise<number[]> {
  const found = new Set<number>()
  const breathe = breather(signal)
  for (let start = 0; start < data.length; start += shape[1]!) {
    for (const label of data.subarray(start, start + shape[1]!)) found.add(label)
    await breathe()
  }
  return [...found].sort((a, b) => a - b)
}
