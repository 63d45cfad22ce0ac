/** @file Masks of things as COCO has them: polygons, or the lengths of runs. */
import { ImageProcessorError } from './errors'
import type { Size } from './sizes'

/** Polygons, x and y of one corner after the other, or the pixels column by column: how many are out of the mask, then how many in, and
 * so on. */
export type CocoSegmentation =
  | readonly (readonly number[])[]
  | { readonly size: readonly number[]; readonly counts: readonly number[] }

/**
 * A mask [height, width] of ones and zeros, as `pycocotools` draws it.
 * @throws {ImageProcessorError} when it is neither polygons nor runs.
 */
export function cocoMask(segmentation: CocoSegmentation, { height, width }: Size): Uint8Array<ArrayBuffer> {
  if (!isPolygons(segmentation)) return runsMask(segmentation, { height, width })
  const mask = new Uint8Array(height * width)
  for (const polygon of segmentation) {
    if (polygon.length < 6 || polygon.length % 2 !== 0)
      throw new ImageProcessorError(
        `A polygon of a segmentation has x and y of at least three corners, got ${polygon.length} numbers.`,
      )
    fill(mask, edgesOf(polygon, { height, width }), { height, width })
  }
  return mask
}

const isPolygons = (segmentation: CocoSegmentation): segmentation is readonly (readonly number[])[] =>
  Array.isArray(segmentation)

function runsMask(
  { size, counts }: Exclude<CocoSegmentation, readonly (readonly number[])[]>,
  { height, width }: Size,
): Uint8Array<ArrayBuffer> {
  const all = Array.isArray(counts) ? counts.reduce((sum, count) => sum + count, 0) : undefined
  if (size?.[0] !== height || size[1] !== width || all !== height * width) {
    throw new ImageProcessorError(
      `Runs of a segmentation are { size: [${height}, ${width}], counts: [ … ] } here, numbers that sum to ${height * width}.`,
    )
  }
  const mask = new Uint8Array(height * width)
  let at = 0
  for (const [i, count] of counts.entries()) {
    for (const end = at + count; at < end; at++)
      if (i % 2 === 1) mask[(at % height) * width + Math.floor(at / height)] = 1
  }
  return mask
}

/** Edges are followed in steps of a fifth of a pixel. */
const STEPS = 5

/** Every place on the way around, in fifths of pixels. */
function* outline(polygon: readonly number[]): Generator<readonly [x: number, y: number]> {
  const corners = Array.from(
    { length: polygon.length / 2 },
    (_, i) => [0, 1].map((axis) => Math.trunc(STEPS * polygon[2 * i + axis]! + 0.5)) as [number, number],
  )
  for (const [i, [startX, startY]] of corners.entries()) {
    const [endX, endY] = corners[(i + 1) % corners.length]!
    const [across, down] = [Math.abs(endX - startX), Math.abs(endY - startY)]
    const steep = across < down
    const steps = steep ? down : across
    // Both ways along an edge come by the same places: they are counted from the end that lies further left, or higher.
    const back = steep ? startY > endY : startX > endX
    const [fromX, fromY, toX, toY] = back ? [endX, endY, startX, startY] : [startX, startY, endX, endY]
    const slope = steps === 0 ? 0 : steep ? (toX - fromX) / steps : (toY - fromY) / steps
    for (let step = 0; step <= steps; step++) {
      const t = back ? steps - step : step
      yield steep
        ? [Math.trunc(fromX + slope * t + 0.5), fromY + t]
        : [fromX + t, Math.trunc(fromY + slope * t + 0.5)]
    }
  }
}

/** Where an outline crosses the middle of a column, by the number of the first pixel below, column by column. */
function edgesOf(polygon: readonly number[], { height, width }: Size): number[] {
  const edges: number[] = []
  const middle = (place: number) => (place + 0.5) / STEPS - 0.5
  let before: readonly [number, number] | undefined
  for (const place of outline(polygon)) {
    if (before && place[0] !== before[0]) {
      const x = middle(place[0] < before[0] ? place[0] : place[0] - 1)
      if (Number.isInteger(x) && x >= 0 && x <= width - 1) {
        const y = Math.min(Math.max(middle(Math.min(place[1], before[1])), 0), height)
        edges.push(x * height + Math.ceil(y))
      }
    }
    before = place
  }
  return edges.sort((a, b) => a - b)
}

/** Between one edge and the next is the inside. */
function fill(mask: Uint8Array, edges: readonly number[], { height, width }: Size): void {
  for (let i = 0; i < edges.length; i += 2) {
    for (let at = edges[i]!; at < (edges[i + 1] ?? height * width); at++)
      mask[(at % height) * width + Math.floor(at / height)] = 1
  }
}
