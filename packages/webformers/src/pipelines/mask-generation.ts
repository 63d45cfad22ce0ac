/** @file `mask-generation`: a mask for everything on an image, found by pointing everywhere. */
import { breather } from '@webformers/hub'
import { type ImageFeatures, type ImageInput, loadImage, type RawImage } from '@webformers/processors'
import { OptionError } from '../errors'
import type { Tensor } from '../tensor'
import { type Box, boxOf, keptBoxes, type RunLengths, runLengths, stabilityOf, toMask } from './masks'
import { type Context, defineTask } from './task'

export interface MaskGenerationOptions {
  /** How many points the model sees at once. Default: 64. */
  pointsPerBatch?: number
  /** How many points there are along each side. Default: 32. */
  pointsPerCrop?: number
  /** How good the model has to think a mask is. Default: 0.88. */
  predIouThresh?: number
  /** How little a mask may change when its threshold moves by `stabilityScoreOffset`. Default: 0.95. */
  stabilityScoreThresh?: number
  /** Default: 1. */
  stabilityScoreOffset?: number
  /** Logits above it are in the mask. Default: 0. */
  maskThreshold?: number
  /** How much the boxes of two masks may overlap before the worse one goes. Default: 0.7. */
  cropsNmsThresh?: number
  /** Also give `rle_mask`, the masks as the lengths of runs. Default: `false`. */
  outputRleMask?: boolean
  /** Also give `bounding_boxes`. Default: `false`. */
  outputBboxesMask?: boolean
}

/** Masks, best first. */
export interface GeneratedMasks {
  /** As large as the image: 255 where the mask is, else 0. */
  masks: RawImage[]
  scores: number[]
  rle_mask?: RunLengths[]
  /** Left, top, right, bottom. */
  bounding_boxes?: Box[]
}

export interface MaskGeneration {
  input: ImageInput
  options: MaskGenerationOptions
  one: GeneratedMasks
  many: GeneratedMasks[]
}

/** One image, and a batch of the points on it. */
interface PointRow {
  readonly image: {
    readonly features: ImageFeatures
    /** What the model makes of its pixels; known after the first batch. */
    embeddings?: Tensor<'float32'>
  }
  readonly size: readonly [height: number, width: number]
  /** x, y, x, y, … in pixels of what the model sees. */
  readonly points: Float32Array
}
interface Found {
  readonly rle: RunLengths
  readonly score: number
  readonly box: Box
}

export const maskGeneration = defineTask({
  head: 'Model',
  outputs: ['iou_scores', 'pred_masks'],
  standard: { source: 'facebook/sam-vit-huge', revision: '87aecf0' },
  preprocessing: ['imageProcessor'],
  settle(options: MaskGenerationOptions) {
    const settled = {
      pointsPerBatch: 64,
      pointsPerCrop: 32,
      predIouThresh: 0.88,
      stabilityScoreThresh: 0.95,
      stabilityScoreOffset: 1,
      maskThreshold: 0,
      cropsNmsThresh: 0.7,
      outputRleMask: false,
      outputBboxesMask: false,
      ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    }
    if (settled.pointsPerBatch > 0 && settled.pointsPerCrop > 0) return settled
    throw new OptionError('pointsPerBatch and pointsPerCrop have to be at least 1.')
  },
  async prepare(
    input: ImageInput,
    { pointsPerBatch, pointsPerCrop },
    { imageProcessor, signal },
  ): Promise<PointRow[]> {
    const loaded = await loadImage(input, { signal })
    const { width, height } = loaded
    const features = await imageProcessor(loaded, { signal })
    if (loaded !== input) loaded.close()
    const image = { features }
    const [down, across] = features.reshaped_input_sizes!.data as unknown as [number, number]
    const points = pointGrid(pointsPerCrop, across, down)
    return Array.from({ length: Math.ceil(points.length / 2 / pointsPerBatch) }, (_, i) => ({
      image,
      size: [height, width],
      points: points.subarray(i * 2 * pointsPerBatch, (i + 1) * 2 * pointsPerBatch),
    }))
  },
  async run(rows: readonly PointRow[], settled, context) {
    const found: Found[][] = []
    for (const row of rows) found.push(await masksAt(row, settled, context))
    return found
  },
  answer(
    batches: readonly (readonly Found[])[],
    { cropsNmsThresh, outputRleMask, outputBboxesMask },
  ): GeneratedMasks {
    const all = batches.flat()
    const best = keptBoxes(
      all.map(({ box }) => box),
      all.map(({ score }) => score),
      cropsNmsThresh,
    ).map((i) => all[i]!)
    return {
      masks: best.map(({ rle }) => toMask(rle)),
      scores: best.map(({ score }) => score),
      ...(outputRleMask && { rle_mask: best.map(({ rle }) => rle) }),
      ...(outputBboxesMask && { bounding_boxes: best.map(({ box }) => box) }),
    }
  },
})

/** Points in the middles of a grid's cells, row by row. */
function pointGrid(perSide: number, width: number, height: number): Float32Array {
  const points = new Float32Array(perSide * perSide * 2)
  for (let i = 0; i < perSide * perSide; i++) {
    points[2 * i] = (((i % perSide) + 0.5) / perSide) * width
    points[2 * i + 1] = ((Math.floor(i / perSide) + 0.5) / perSide) * height
  }
  return points
}

type Thresholds = Required<
  Pick<
    MaskGenerationOptions,
    'predIouThresh' | 'stabilityScoreThresh' | 'stabilityScoreOffset' | 'maskThreshold'
  >
>

/** The good masks among those that the model draws for each point. */
async function masksAt(
  { image, size, points }: PointRow,
  thresholds: Thresholds,
  context: Context,
): Promise<Found[]> {
  const { model, imageProcessor, signal } = context
  const count = points.length / 2
  const prompts = {
    input_points: { dtype: 'float32', shape: [1, count, 1, 2], data: points.slice() },
    input_labels: { dtype: 'int32', shape: [1, count, 1], data: new Int32Array(count).fill(1) },
  } as const
  const quiet = { outputHiddenStates: false, outputAttentions: false, signal }
  image.embeddings ??= await model.getImageEmbeddings(image.features.pixel_values, { signal })
  const outputs = await model({ ...prompts, image_embeddings: image.embeddings }, quiet)
  const { iou_scores, pred_masks } = outputs as unknown as Record<string, Tensor<'float32'>>
  const [, , , height = 0, width = 0] = pred_masks!.shape
  const plane = height * width
  const { predIouThresh, stabilityScoreThresh, stabilityScoreOffset: offset, maskThreshold } = thresholds
  const found: Found[] = []
  const breathe = breather(signal)
  for (const [i, score] of iou_scores!.data.entries()) {
    if (predIouThresh > 0 && !(score > Math.fround(predIouThresh))) continue
    const data = pred_masks!.data.subarray(i * plane, (i + 1) * plane)
    const [mask] = await imageProcessor.postProcessMasks(
      { dtype: 'float32', shape: [1, 1, 1, height, width], data },
      {
        originalSizes: [size],
        reshapedInputSizes: image.features.reshaped_input_sizes!,
        binarize: false,
        signal,
      },
    )
    const logits = mask!.data as Float32Array
    if (stabilityScoreThresh > 0) {
      const stability = await stabilityOf(logits, maskThreshold, offset, breathe)
      if (!(stability > stabilityScoreThresh)) continue
    }
    const rle = await runLengths(logits, size, maskThreshold, breathe)
    found.push({ rle, score, box: boxOf(rle) })
  }
  return found
}
