/** @file Boxes of what texts or an image name, out of what OWL-ViT says for each of its patches. */
import { checkTargets, corners } from './object-detection'
import type {
  Detection,
  DetectionOptions,
  DetectionOutputs,
  ImageGuidedDetection,
  ImageGuidedOptions,
  ImageGuidedOutputs,
  TargetSize,
} from './outputs'
import { sigmoids } from './softmax'

/** @param square whether boxes are parts of a square as high and wide as the longer side */
export function groundedDetection(
  { logits, pred_boxes }: DetectionOutputs,
  { threshold = 0.1, targetSizes }: DetectionOptions,
  square: boolean,
): Detection[] {
  const [images = 0, patches = 0, texts = 0] = logits.shape
  checkTargets(images, targetSizes)
  const least = Math.fround(threshold)
  return Array.from({ length: images }, (_, image) => {
    const found: Detection = { scores: [], labels: [], boxes: [] }
    const size = sizeOf(targetSizes?.[image], square)
    const first = image * patches
    const labels = Array.from({ length: patches }, (_, i) => largest(logits.data, (first + i) * texts, texts))
    const scores = sigmoids(
      Float32Array.from(labels, (label, i) => logits.data[(first + i) * texts + label]!),
    )
    for (const [i, score] of scores.entries()) {
      if (!(score > least)) continue
      found.scores.push(score)
      found.labels.push(labels[i]!)
      found.boxes.push(corners(pred_boxes.data.subarray((first + i) * 4, (first + i) * 4 + 4), size))
    }
    return found
  })
}

function sizeOf(target: TargetSize | undefined, square: boolean): TargetSize {
  if (!target || !square) return target ?? [1, 1]
  const side = Math.max(...target)
  return [side, side]
}

/** The place of the largest, the first of equals. */
function largest(values: Float32Array, start: number, count: number): number {
  let best = 0
  for (let i = 1; i < count; i++) if (values[start + i]! > values[start + best]!) best = i
  return best
}

/** Where something looks like what another image shows; of boxes that overlap, the best. An image with no score above zero is left out,
 * as in Python. */
export function imageGuidedDetection(
  { logits, target_pred_boxes }: ImageGuidedOutputs,
  { threshold = 0, nmsThreshold = 0.3, targetSizes }: ImageGuidedOptions,
  square: boolean,
): ImageGuidedDetection[] {
  const [images = 0, patches = 0, queries = 0] = logits.shape
  checkTargets(images, targetSizes)
  const least = Math.fround(threshold)
  const found: ImageGuidedDetection[] = []
  for (let image = 0; image < images; image++) {
    const first = image * patches
    const best = Float32Array.from({ length: patches }, (_, i) => {
      const start = (first + i) * queries
      return logits.data[start + largest(logits.data, start, queries)]!
    })
    const scores = sigmoids(best)
    const parts = (i: number) => target_pred_boxes.data.subarray((first + i) * 4, (first + i) * 4 + 4)
    if (nmsThreshold < 1) {
      const boxes = Array.from(scores, (_, i) => corners(parts(i), [1, 1]))
      suppress(scores, boxes, Math.fround(nmsThreshold))
    }
    if (scores.every((score) => score === 0)) continue
    for (const [i, score] of scores.entries()) if (score < least) scores[i] = 0
    const { fround } = Math
    const most = fround(scores.reduce((a, b) => Math.max(a, b)) + fround(1e-6))
    const [worst, range] = [fround(most * fround(0.1)), fround(most * fround(0.9))]
    const one: ImageGuidedDetection = { scores: [], labels: null, boxes: [] }
    const size = sizeOf(targetSizes?.[image], square)
    for (const [i, score] of scores.entries()) {
      const visible = Math.min(fround(fround(score - worst) / range), 1)
      if (!(visible > 0)) continue
      one.scores.push(visible)
      one.boxes.push(corners(parts(i), size))
    }
    found.push(one)
  }
  return found
}

type Box = Detection['boxes'][number]

/** Take the scores of boxes that overlap a better one, beginning with the best. */
function suppress(scores: Float32Array, boxes: readonly Box[], most: number): void {
  const before = scores.slice()
  const order = [...scores.keys()].sort((a, b) => before[b]! - before[a]!)
  for (const i of order) {
    if (scores[i] === 0) continue
    for (const [j, box] of boxes.entries()) if (j !== i && overlap(boxes[i]!, box) > most) scores[j] = 0
  }
}

/** What two boxes have in common, of what both cover. */
function overlap(a: Box, b: Box): number {
  const { fround, max, min } = Math
  const area = ([left, top, right, bottom]: Box) => fround(fround(right - left) * fround(bottom - top))
  const width = max(0, fround(min(a[2], b[2]) - max(a[0], b[0])))
  const height = max(0, fround(min(a[3], b[3]) - max(a[1], b[1])))
  const both = fround(width * height)
  return fround(both / fround(fround(area(a) + area(b)) - both))
}
