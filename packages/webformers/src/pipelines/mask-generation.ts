/** @file `mask-generation`: a mask for everything on an image, found by pointing everywhere. */
import { breather } from '@webformers/hub'
import { type ImageFeatures, type ImageInput, loadImage, type RawImage } from '@webformers/processors'
import { OptionError } from '../errors'
import type { Tensor } from '../tensor'
import { cropBoxes, isCut, pixelsIn } from './crops'
import { type Box, boxOf, keptBoxes, type RunLengths, runLengths, stabilityOf, toMask, within } from './masks'
import { type Context, defineTask } from './task'

export interface MaskGenerationOptions {
  /** How many points the model sees at once. Default: 64. */
  pointsPerBatch?: number
  /** How many points there are along each side. Default: 32. */
  pointsPerCrop?: number
  /** Look again at parts of the image, and so often at parts of parts: at 4, 16, … of them. Default: 0. */
  cropsNLayers?: number
  /** How much of the image's shorter side the first parts have in common. Default: 512 / 1500. */
  cropOverlapRatio?: number
  /** How many times fewer points there are along each side of a part with each layer. Default: 1. */
  cropNPointsDownscaleFactor?: number
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

/** An image or a part of it, and a batch of the points on it. */
interface PointRow {
  readonly part: Part
  /** The size of the image. */
  readonly size: readonly [height: number, width: number]
  /** x, y, x, y, … in parts of the width and the height. */
  readonly points: Float64Array
}
interface Part {
  readonly box: Box
  /** Its pixels, as they are or as the model reads them. Once it is seen, only what the model made of them is kept. */
  pixels?: RawImage
  features?: ImageFeatures
  seen?: { readonly embeddings: Tensor<'float32'>; readonly sizes: ImageFeatures['reshaped_input_sizes'] }
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
      cropsNLayers: 0,
      cropOverlapRatio: 512 / 1500,
      cropNPointsDownscaleFactor: 1,
      predIouThresh: 0.88,
      stabilityScoreThresh: 0.95,
      stabilityScoreOffset: 1,
      maskThreshold: 0,
      cropsNmsThresh: 0.7,
      outputRleMask: false,
      outputBboxesMask: false,
      ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    }
    const { pointsPerBatch, pointsPerCrop, cropsNLayers, cropNPointsDownscaleFactor } = settled
    const fewest = Math.floor(pointsPerCrop / cropNPointsDownscaleFactor ** cropsNLayers)
    if (pointsPerBatch > 0 && pointsPerCrop > 0 && fewest > 0) return settled
    throw new OptionError(
      'pointsPerBatch and pointsPerCrop have to be at least 1, also in the last layer of crops.',
    )
  },
  async prepare(
    input: ImageInput,
    { pointsPerBatch, pointsPerCrop, cropsNLayers, cropOverlapRatio, cropNPointsDownscaleFactor },
    { imageProcessor, signal },
  ): Promise<PointRow[]> {
    const image = await loadImage(input, { signal })
    const { width, height } = image
    const rows: PointRow[] = []
    for (const { box, layer } of cropBoxes(image, cropsNLayers, cropOverlapRatio)) {
      const part: Part =
        layer === 0
          ? { box, features: await imageProcessor(image, { signal }) }
          : { box, pixels: await pixelsIn(image, box, signal) }
      const perSide = Math.floor(pointsPerCrop / cropNPointsDownscaleFactor ** layer)
      const points = pointGrid(perSide)
      for (let start = 0; start < points.length; start += 2 * pointsPerBatch)
        rows.push({ part, size: [height, width], points: points.subarray(start, start + 2 * pointsPerBatch) })
    }
    if (image !== input) image.close()
    return rows
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
function pointGrid(perSide: number): Float64Array {
  const points = new Float64Array(perSide * perSide * 2)
  for (let i = 0; i < perSide * perSide; i++) {
    points[2 * i] = ((i % perSide) + 0.5) / perSide
    points[2 * i + 1] = (Math.floor(i / perSide) + 0.5) / perSide
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
  { part, size, points }: PointRow,
  thresholds: Thresholds,
  context: Context,
): Promise<Found[]> {
  const { model, imageProcessor, signal } = context
  const count = points.length / 2
  const { embeddings, sizes } = await seenOf(part, context)
  const [down, across] = sizes!.data as unknown as [number, number]
  const [left, top, right, bottom] = part.box
  const own = [bottom - top, right - left] as const
  const data = Float32Array.from(points, (place, i) => place * (i % 2 === 0 ? across : down))
  const prompts = {
    input_points: { dtype: 'float32', shape: [1, count, 1, 2], data },
    input_labels: { dtype: 'int32', shape: [1, count, 1], data: new Int32Array(count).fill(1) },
  } as const
  const quiet = { outputHiddenStates: false, outputAttentions: false, signal }
  const outputs = await model({ ...prompts, image_embeddings: embeddings }, quiet)
  const { iou_scores, pred_masks } = outputs as unknown as Record<string, Tensor<'float32'>>
  const [, , , height = 0, width = 0] = pred_masks!.shape
  const plane = height * width
  const { predIouThresh, stabilityScoreThresh, stabilityScoreOffset: offset, maskThreshold } = thresholds
  const found: Found[] = []
  const breathe = breather(signal)
  for (const [i, score] of iou_scores!.data.entries()) {
    if (predIouThresh > 0 && !(score > Math.fround(predIouThresh))) continue
    const mask = pred_masks!.data.subarray(i * plane, (i + 1) * plane)
    const [whole] = await imageProcessor.postProcessMasks(
      { dtype: 'float32', shape: [1, 1, 1, height, width], data: mask },
      {
        originalSizes: [own],
        reshapedInputSizes: sizes!,
        binarize: false,
        signal,
      },
    )
    const logits = whole!.data as Float32Array
    if (stabilityScoreThresh > 0) {
      const stability = await stabilityOf(logits, maskThreshold, offset, breathe)
      if (!(stability > stabilityScoreThresh)) continue
    }
    const rle = within(await runLengths(logits, own, maskThreshold, breathe), [left, top], size)
    const box = boxOf(rle)
    if (!isCut(box, part.box, size)) found.push({ rle, score, box })
  }
  return found
}

/** What the model makes of a part's pixels. */
async function seenOf(part: Part, { model, imageProcessor, signal }: Context) {
  if (part.seen) return part.seen
  const { pixel_values, reshaped_input_sizes: sizes } =
    part.features ?? (await imageProcessor(part.pixels!, { signal }))
  part.seen = { embeddings: await model.getImageEmbeddings(pixel_values, { signal }), sizes }
  delete part.features
  delete part.pixels
  return part.seen
}
