/** @file For each pixel the label that a semantic segmentation gives it. */
import { breather } from '@webformers/hub'
import type { FeatureTensor } from '../../tensor'
import { BilinearRows } from './interpolate'
import { checkTargets } from './object-detection'
import type { SemanticOutputs, TargetOptions } from './outputs'
import { sigmoids, softmaxRows } from './softmax'

/** One map [height, width] for each image. */
export async function semanticSegmentation(
  { logits, pred_masks }: SemanticOutputs,
  { targetSizes, signal }: TargetOptions,
): Promise<FeatureTensor<'int32'>[]> {
  const [images = 0] = logits.shape
  checkTargets(images, targetSizes)
  const maps: FeatureTensor<'int32'>[] = []
  for (let image = 0; image < images; image++) {
    const { planes, labels, height, width } = await labelPlanes(logits, pred_masks, image, signal)
    const from = { height, width }
    const [high, wide] = targetSizes?.[image] ?? [height, width]
    const rows = new BilinearRows(planes, labels, from, { height: high, width: wide })
    const data = new Int32Array(high * wide)
    const breathe = breather(signal)
    for (let y = 0; y < high; y++) {
      largestOf(rows.row(y), labels, data.subarray(y * wide, (y + 1) * wide))
      await breathe()
    }
    maps.push({ dtype: 'int32', shape: [high, wide], data })
  }
  return maps
}

/** For each position the plane whose value is largest, the first of equals. `values`: [planes, positions] */
export function largestOf(values: Float32Array, planes: number, into: Int32Array): Float32Array {
  const size = into.length
  const most = values.slice(0, size)
  into.fill(0)
  for (let plane = 1; plane < planes; plane++) {
    for (let x = 0, at = plane * size; x < size; x++, at++) {
      if (values[at]! > most[x]!) {
        most[x] = values[at]!
        into[x] = plane
      }
    }
  }
  return most
}

/** What each label has for each pixel; of DETR the masks of all queries, each counting for a label as much as it is likely. */
async function labelPlanes(
  logits: FeatureTensor<'float32'>,
  masks: FeatureTensor<'float32'> | undefined,
  image: number,
  signal: AbortSignal | undefined,
) {
  if (!masks) {
    const [, labels = 0, height = 0, width = 0] = logits.shape
    const size = labels * height * width
    return { planes: logits.data.subarray(image * size, (image + 1) * size), labels, height, width }
  }
  const [, queries = 0, height = 0, width = 0] = masks.shape
  const [labels, plane] = [logits.shape[2]! - 1, height * width]
  const all = logits.data.subarray(image * queries * (labels + 1), (image + 1) * queries * (labels + 1))
  const classes = softmaxRows(all, labels + 1)
  const planes = new Float32Array(labels * plane)
  const breathe = breather(signal)
  for (let query = 0; query < queries; query++) {
    const start = (image * queries + query) * plane
    const mask = sigmoids(masks.data.subarray(start, start + plane))
    for (let label = 0; label < labels; label++) {
      const weight = classes[query * (labels + 1) + label]!
      for (let i = 0, at = label * plane; i < plane; i++, at++) planes[at]! += weight * mask[i]!
      await breathe()
    }
  }
  return { planes, labels, height, width }
}
