/** @file Keypoints of bodies out of heatmaps, between pixels too: by Newton's step on their logarithm, as DARK does
 * (https://arxiv.org/abs/1910.06278, https://arxiv.org/abs/1911.07524). */
import { breather } from '@webformers/hub'
import { ImageProcessorError } from '../errors'
import { type CocoBox, centerAndScale, checkBoxes, UNIT } from '../person-boxes'
import type { Size } from '../sizes'
import type { PoseEstimation, PoseOptions, PoseOutputs } from './outputs'

const { exp, floor, fround, log, max, min } = Math

/** The blur that heatmaps are read through, in pixels. */
const DEVIATION = 0.8
/** Logarithms are taken of values from the one to the other. */
const [LEAST, MOST] = [fround(0.001), 50]
/** Of float32: keeps what is flat from being divided by zero. */
const EPSILON = 2 ** -23

/** The middle and one side of a bell, all of it adding up to one. */
function bell(reach: number): readonly number[] {
  const side = Array.from({ length: reach + 1 }, (_, x) => exp((-0.5 / DEVIATION ** 2) * x * x))
  const total = side.reduce((sum, weight, x) => sum + (x === 0 ? weight : 2 * weight), 0)
  return side.map((weight) => weight / total)
}

/** A place beyond an edge is that as far inside of it, the edge itself included. */
function mirrored(place: number, size: number): number {
  const at = ((place % (2 * size)) + 2 * size) % (2 * size)
  return at < size ? at : 2 * size - 1 - at
}

/** A heatmap blurred along one axis, whose places lie `step` apart; its lines begin at `starts`. */
function blurred(
  map: Float32Array,
  weights: readonly number[],
  size: number,
  step: number,
  starts: readonly number[],
) {
  const result = new Float32Array(map.length)
  const reach = weights.length - 1
  for (const start of starts) {
    const at = (place: number) => map[start + mirrored(place, size) * step]!
    for (let i = 0; i < size; i++) {
      let sum = at(i) * weights[0]!
      for (let side = reach; side > 0; side--) sum += (at(i - side) + at(i + side)) * weights[side]!
      result[start + i * step] = sum
    }
  }
  return result
}

/** The logarithm of a blurred heatmap. */
function logarithm(map: Float32Array, weights: readonly number[], { height, width }: Size): Float32Array {
  const starts = (count: number, step: number) => Array.from({ length: count }, (_, i) => i * step)
  const down = blurred(map, weights, height, width, starts(width, 1))
  const both = blurred(down, weights, width, 1, starts(height, width))
  return both.map((value) => log(min(max(value, LEAST), MOST)))
}

/** Heatmaps with their edges repeated around each, one after another: as Python lays them out, so that what lies before the first
 * place of one is the last of another. */
function bordered(maps: readonly Float32Array[], { height, width }: Size) {
  const [rows, columns] = [height + 2, width + 2]
  const within = (place: number, size: number) => min(max(place - 1, 0), size - 1)
  return (index: number): number => {
    const total = maps.length * rows * columns
    const at = index < 0 ? index + total : index
    const [map, rest] = [floor(at / (rows * columns)), at % (rows * columns)]
    return maps[map]![within(floor(rest / columns), height) * width + within(rest % columns, width)]!
  }
}

/** How far the top of a heatmap lies from the place where it is largest, x and y. */
function step(value: (index: number) => number, index: number, width: number): readonly [number, number] {
  const [center, right, below, both] = [0, 1, width + 2, width + 3].map((by) => value(index + by)) as Four
  const [left, above, before] = [1, width + 2, width + 3].map((by) => value(index - by)) as Three
  const sum = (...terms: number[]) => terms.reduce((a, b) => fround(a + b))
  const [dx, dy] = [fround(0.5 * sum(right, -left)), fround(0.5 * sum(below, -above))]
  const xx = sum(right, -2 * center, left) + EPSILON
  const yy = sum(below, -2 * center, above) + EPSILON
  const xy = fround(0.5 * sum(both, -right, -below, center, center, -left, -above, before))
  const determinant = xx * yy - xy * xy
  return [(yy * dx - xy * dy) / determinant, (xx * dy - xy * dx) / determinant]
}
type Three = [number, number, number]
type Four = [number, number, number, number]

/** The place of the largest entry, the first of several. */
function peak(map: Float32Array): number {
  let place = 0
  for (let i = 1; i < map.length; i++) if (map[i]! > map[place]!) place = i
  return place
}

export async function poseEstimation(
  { heatmaps: { data, shape } }: PoseOutputs,
  boxes: unknown,
  { kernelSize = 11, threshold, targetSizes, signal }: PoseOptions,
  size: Size,
): Promise<PoseEstimation[][]> {
  const [bodies = 0, keypoints = 0, height = 0, width = 0] = shape
  const images = checkBoxes(boxes)
  const all = checkCount(images.flat(), bodies, targetSizes)
  const plane = height * width
  const maps = Array.from({ length: bodies * keypoints }, (_, i) => data.subarray(i * plane, (i + 1) * plane))
  const weights = bell(floor((kernelSize - 1) / 2))
  const breathe = breather(signal)
  const logarithms: Float32Array[] = []
  for (const map of maps) {
    logarithms.push(logarithm(map, weights, { height, width }))
    await breathe()
  }
  const value = bordered(logarithms, { height, width })
  const found = all.map((box, body): PoseEstimation => {
    const { center, scale } = centerAndScale(box, size)
    const pose: PoseEstimation = { keypoints: [], scores: [], labels: [], bbox: cornersOf(center, scale) }
    for (let label = 0; label < keypoints; label++) {
      const number = body * keypoints + label
      const [map, place] = [maps[number]!, peak(maps[number]!)]
      const score = map[place]!
      if (threshold !== undefined && !(score > fround(threshold))) continue
      const at = score > 0 ? [place % width, floor(place / width)] : [-1, -1] // nothing is there
      const index = number * (height + 2) * (width + 2) + at[0]! + 1 + (at[1]! + 1) * (width + 2)
      const moved = step(value, index, width)
      const inImage = (axis: 0 | 1, count: number) => {
        const looked = fround(scale[axis] * UNIT)
        const refined = fround(at[axis]! - moved[axis])
        const across = fround(fround(refined * fround(looked / (count - 1))) + center[axis])
        return fround(across - fround(looked * 0.5))
      }
      pose.keypoints.push([inImage(0, width), inImage(1, height)])
      pose.scores.push(score)
      pose.labels.push(label)
    }
    return pose
  })
  return images.map((each) => found.splice(0, each.length))
}

/** As Python gives it: corners as if the middle were the upper left one, and the scale were pixels. */
const cornersOf = ([x, y]: readonly [number, number], [wide, high]: readonly [number, number]) =>
  [x, y, fround(fround(wide + x) - 1), fround(fround(high + y) - 1)] as PoseEstimation['bbox']

/** The boxes of all bodies, in pixels.
 * @throws {ImageProcessorError} when there is not one for each body */
function checkCount(boxes: readonly CocoBox[], bodies: number, sizes: PoseOptions['targetSizes']): CocoBox[] {
  if (boxes.length !== bodies) {
    throw new ImageProcessorError(
      `There are heatmaps of ${bodies} bodies, but ${boxes.length} boxes. Give those that the processor was given.`,
    )
  }
  if (sizes && sizes.length !== bodies) {
    throw new ImageProcessorError(
      `There are heatmaps of ${bodies} bodies, but ${sizes.length} targetSizes. Give one for each.`,
    )
  }
  return boxes.map(([left, top, width, height], i) => {
    const [x, y] = sizes?.[i] ?? [1, 1]
    return [left * x, top * y, width * x, height * y]
  })
}
