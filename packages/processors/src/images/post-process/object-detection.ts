/** @file Boxes with labels out of what DETR and YOLOS say for each of their queries. */
import { ImageProcessorError } from '../errors'
import type { Detection, DetectionOptions, DetectionOutputs } from './outputs'
import { softmaxRows } from './softmax'

export function objectDetection(
  { logits, pred_boxes }: DetectionOutputs,
  { threshold = 0.5, targetSizes }: DetectionOptions,
): Detection[] {
  const [images = 0, queries = 0, labels = 0] = logits.shape
  checkTargets(images, targetSizes)
  const probabilities = softmaxRows(logits.data, labels)
  return Array.from({ length: images }, (_, image) => {
    const found: Detection = { scores: [], labels: [], boxes: [] }
    for (let query = 0; query < queries; query++) {
      const row = image * queries + query
      const { label, score } = best(probabilities.subarray(row * labels, (row + 1) * labels - 1)) // the last means nothing
      if (!(score > threshold)) continue
      found.scores.push(score)
      found.labels.push(label)
      found.boxes.push(
        corners(pred_boxes.data.subarray(row * 4, row * 4 + 4), targetSizes?.[image] ?? [1, 1]),
      )
    }
    return found
  })
}

/** The likeliest label; the first of equals. */
export function best(probabilities: Float32Array): { label: number; score: number } {
  let label = 0
  for (let i = 1; i < probabilities.length; i++) if (probabilities[i]! > probabilities[label]!) label = i
  return { label, score: probabilities[label]! }
}

/** Rounded as torch rounds at each step: a corner may lie on a pixel's edge. */
export function corners(
  box: Float32Array,
  [height, width]: readonly [number, number],
): Detection['boxes'][number] {
  const [x, y, wide, high] = box as unknown as [number, number, number, number]
  const at = (center: number, half: number, scale: number) => Math.fround(Math.fround(center + half) * scale)
  return [at(x, -wide / 2, width), at(y, -high / 2, height), at(x, wide / 2, width), at(y, high / 2, height)]
}

/** @throws {ImageProcessorError} when there is not one target size for each image. */
export function checkTargets(images: number, targets: readonly unknown[] | undefined): void {
  if (targets === undefined || targets.length === images) return
  throw new ImageProcessorError(
    `There are outputs for ${images} images, but ${targets.length} targetSizes. Give one for each image.`,
  )
}
