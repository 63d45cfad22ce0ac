/** @file Keypoints in the pixels of their images, without those that only fill a batch up. */
import { checkTargets } from './object-detection'
import type { KeypointDetection, KeypointOutputs, TargetSize } from './outputs'

export function keypointDetection(
  { keypoints, scores, descriptors, mask }: KeypointOutputs,
  targetSizes: readonly TargetSize[],
): KeypointDetection[] {
  const [images = 0, most = 0] = mask.shape
  const size = descriptors.shape[2]!
  checkTargets(images, targetSizes)
  return targetSizes.map(([height, width], image) => {
    const places = Array.from({ length: most }, (_, i) => image * most + i).filter((i) => mask.data[i] !== 0)
    const data = new Float32Array(places.length * size)
    for (const [i, place] of places.entries())
      data.set(descriptors.data.subarray(place * size, (place + 1) * size), i * size)
    const pixel = (value: number, side: number) => Math.trunc(Math.fround(value * side))
    return {
      keypoints: places.map((i) => [
        pixel(keypoints.data[2 * i]!, width),
        pixel(keypoints.data[2 * i + 1]!, height),
      ]),
      scores: places.map((i) => scores.data[i]!),
      descriptors: { dtype: 'float32', shape: [places.length, size], data },
    }
  })
}
