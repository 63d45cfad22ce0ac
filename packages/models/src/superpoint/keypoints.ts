/** @file Which keypoints there are: how many, only their scores tell, so that they are chosen outside of the graph. */
import type { FloatValues, IntValues, Values } from '../architecture'
import type { SuperPointConfig } from './configuration'

const { floor, fround, max, sqrt } = Math

/** Pixels along the side of a cell. */
const CELL = 8
/** Below it, torch divides by it instead of a norm. */
const LEAST_NORM = 1e-12

interface Keypoint {
  readonly x: number
  readonly y: number
  readonly score: number
}

/** The keypoints of one image, row by row, or where there are too many the best of them.
 * @param scores [height, width] */
function chosen(scores: Float32Array, width: number, c: SuperPointConfig): Keypoint[] {
  const threshold = fround(c.keypoint_threshold)
  const border = c.border_removal_distance // Python takes the image for eight times as large: at the right and below none is removed
  const found: Keypoint[] = []
  for (let i = border * width; i < scores.length; i++) {
    const [score, x] = [scores[i]!, i % width]
    if (score > threshold && x >= border) found.push({ x, y: floor(i / width), score })
  }
  if (c.max_keypoints < 0 || c.max_keypoints >= found.length) return found
  return found.toSorted((a, b) => b.score - a.score).slice(0, c.max_keypoints)
}

/** Where a pixel lies among the middles of cells, of which the first and the last lie at the edges of the others. */
function between(pixel: number, cells: number) {
  const place = fround(fround(pixel - CELL / 2 + 0.5) / fround(cells * CELL - CELL / 2 - 0.5))
  const at = fround(fround(fround(fround(place * 2) - 1) + 1) * fround((cells - 1) / 2))
  return { low: floor(at), weight: at - floor(at) }
}

/** The descriptor of a pixel out of those of the cells around it, of unit length.
 * @param maps [size, rows, columns] */
function descriptorAt(
  maps: Float32Array,
  [size, rows, columns]: Shape,
  { x, y }: Keypoint,
  into: Float32Array,
) {
  const [across, down] = [between(x, columns), between(y, rows)]
  const corners = [0, 1].flatMap((below) =>
    [0, 1].flatMap((right) => {
      const [row, column] = [down.low + below, across.low + right]
      if (row < 0 || row >= rows || column < 0 || column >= columns) return [] // beyond the image is nothing
      const weight = (below ? down.weight : 1 - down.weight) * (right ? across.weight : 1 - across.weight)
      return [{ at: row * columns + column, weight }]
    }),
  )
  let square = 0
  for (let channel = 0; channel < size; channel++) {
    const value = corners.reduce(
      (sum, { at, weight }) => sum + maps[channel * rows * columns + at]! * weight,
      0,
    )
    into[channel] = value
    square += value * value
  }
  const norm = max(sqrt(square), LEAST_NORM)
  for (let channel = 0; channel < size; channel++) into[channel]! /= norm
}
type Shape = readonly [size: number, rows: number, columns: number]

/**
 * What Python's `forward` gives: `keypoints` [batch, most, 2], x and y in parts of the image, `scores` [batch, most],
 * `descriptors` [batch, most, size] and `mask` [batch, most], one where there is a keypoint and zero where another image has more.
 * @param outputs those of the graph; without both of its own, all stay as they are
 */
export function keypointsOf<T extends Values>(
  outputs: Readonly<Record<string, T>>,
  c: SuperPointConfig,
  { pixel_values }: Readonly<Record<string, Values>>,
): Record<string, T | FloatValues | IntValues> {
  const { pixel_scores, cell_descriptors, ...others } = outputs
  if (!pixel_scores || !cell_descriptors) return outputs
  const [batch = 0, , across = 0] = pixel_scores.shape
  const [, size = 0, rows = 0, columns = 0] = cell_descriptors.shape
  const [scores, maps] = [pixel_scores.data as Float32Array, cell_descriptors.data as Float32Array]
  const [height, width] = pixel_values!.shape.slice(2)
  const images = Array.from({ length: batch }, (_, i) => {
    const each = scores.length / batch
    return chosen(scores.subarray(i * each, (i + 1) * each), across, c)
  })
  const most = max(0, ...images.map((found) => found.length))
  const filled = (...sizes: number[]) => {
    const shape = [batch, most, ...sizes]
    return { dtype: 'float32' as const, shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }
  }
  const [keypoints, best, descriptors] = [filled(2), filled(), filled(size)]
  const mask = { dtype: 'int32' as const, shape: [batch, most], data: new Int32Array(batch * most) }
  for (const [i, found] of images.entries()) {
    const own = maps.subarray((i * maps.length) / batch, ((i + 1) * maps.length) / batch)
    for (const [j, keypoint] of found.entries()) {
      const at = i * most + j
      keypoints.data.set([keypoint.x / width!, keypoint.y / height!], 2 * at)
      best.data[at] = keypoint.score
      descriptorAt(
        own,
        [size, rows, columns],
        keypoint,
        descriptors.data.subarray(at * size, (at + 1) * size),
      )
      mask.data[at] = 1
    }
  }
  return { ...others, keypoints, scores: best, descriptors, mask }
}
