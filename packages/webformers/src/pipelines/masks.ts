/** @file What masks of things are compared by, and how they are kept: as the lengths of runs, as COCO has them. */
import type { RawImage } from '@webformers/processors'

/** Pixels column by column: how many are out of the mask, then how many in, and so on. */
export interface RunLengths {
  size: [height: number, width: number]
  counts: number[]
}
export type Box = [left: number, top: number, right: number, bottom: number]

type Breathe = () => Promise<void> | undefined
/** Work of less than a millisecond. */
const PIECE = 2 ** 18

/** How much of a mask is left when its threshold is higher by `offset`, of what it is when it is lower by that. */
export async function stabilityOf(
  logits: Float32Array,
  threshold: number,
  offset: number,
  breathe: Breathe,
): Promise<number> {
  const [high, low] = [threshold + offset, threshold - offset]
  let [inner, outer] = [0, 0]
  for (let start = 0; start < logits.length; start += PIECE) {
    const end = Math.min(start + PIECE, logits.length)
    for (let i = start; i < end; i++) {
      if (logits[i]! > high) inner++
      if (logits[i]! > low) outer++
    }
    await breathe()
  }
  return inner / outer
}

/** The runs of a mask. */
export async function runLengths(
  logits: Float32Array,
  [height, width]: readonly [number, number],
  threshold: number,
  breathe: Breathe,
): Promise<RunLengths> {
  const counts: number[] = []
  let [inside, run] = [false, 0]
  for (let x = 0; x < width; x++) {
    for (let i = x; i < logits.length; i += width) {
      if (logits[i]! > threshold !== inside) {
        counts.push(run)
        inside = !inside
        run = 0
      }
      run++
    }
    await breathe()
  }
  return { size: [height, width], counts: [...counts, run] }
}

/** The mask of runs: 255 inside, 0 outside. */
export function toMask({ size: [height, width], counts }: RunLengths): RawImage {
  const data = new Uint8Array(height * width)
  for (const [start, end] of stretches(counts)) {
    for (let i = start; i < end; i++) data[(i % height) * width + Math.floor(i / height)] = 255
  }
  return { width, height, channels: 1, data }
}

/** Where the stretches inside of a mask begin and end. */
function* stretches(counts: readonly number[]): Generator<[start: number, end: number]> {
  let at = 0
  for (const [i, count] of counts.entries()) {
    if (i % 2 === 1) yield [at, at + count]
    at += count
  }
}

/** A mask of a part, whose corner lies there, as one of the whole. */
export function within(
  { size: [height, width], counts }: RunLengths,
  [left, top]: readonly [number, number],
  whole: readonly [height: number, width: number],
): RunLengths {
  const [high, wide] = whole
  if (height === high && width === wide) return { size: [high, wide], counts: [...counts] }
  const runs: number[] = []
  let end = 0
  for (const [first, last] of stretches(counts)) {
    for (let at = first; at < last; ) {
      const [x, y] = [Math.floor(at / height), at % height]
      const length = Math.min(last - at, height - y)
      const start = (left + x) * high + top + y
      if (start === end && runs.length > 0) runs[runs.length - 1]! += length
      else runs.push(start - end, length)
      end = start + length
      at += length
    }
  }
  const rest = high * wide - end
  return { size: [high, wide], counts: rest > 0 ? [...runs, rest] : runs }
}

/** The first and last column and row of a mask; zeros for one that is empty. */
export function boxOf({ size: [height], counts }: RunLengths): Box {
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1, -1]
  for (const [start, end] of stretches(counts)) {
    const [first, last] = [Math.floor(start / height), Math.floor((end - 1) / height)]
    left = Math.min(left, first)
    right = Math.max(right, last)
    // A run that goes on in the next column has that one's top and this one's bottom.
    top = first === last ? Math.min(top, start % height) : 0
    bottom = first === last ? Math.max(bottom, (end - 1) % height) : height - 1
  }
  return right < 0 ? [0, 0, 0, 0] : [left, top, right, bottom]
}

/** The places of the boxes that are kept, best first: one that overlaps a better one by more than a part of both goes. */
export function keptBoxes(boxes: readonly Box[], scores: readonly number[], most: number): number[] {
  const order = boxes.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]!)
  const kept: number[] = []
  for (const i of order) if (!kept.some((other) => overlap(boxes[i]!, boxes[other]!) > most)) kept.push(i)
  return kept
}

function overlap(a: Box, b: Box): number {
  const area = ([left, top, right, bottom]: Box) => (right - left) * (bottom - top)
  const [left, top, right, bottom] = [0, 1, 2, 3].map((i) =>
    (i < 2 ? Math.max : Math.min)(a[i]!, b[i]!),
  ) as Box
  const both = Math.max(0, right - left) * Math.max(0, bottom - top)
  return both / (area(a) + area(b) - both)
}
