/** @file Pillow's `Image.resize`, byte for byte: a few rows at a time, with the page's other work in between. */
import { breather } from '@webformers/hub'
import { PRECISION, type Resampling, type Span, type Taps, tapsOf } from './filters'
import { type PixelReader, type Pixels, type RowSink, rowsAtOnce } from './pixels'

export interface Resizing {
  readonly width: number
  readonly height: number
  readonly resample: Resampling
  /** The part of the image that is resized, in fractions of pixels. Default: all of it. */
  readonly box?: { readonly x: Span; readonly y: Span }
  /** The part of the result that is asked for; the rest is not computed. Default: all of it. */
  readonly window?: { readonly x: Span; readonly y: Span }
  readonly signal?: AbortSignal
}

/** Resize, and hand over the result row by row. */
export async function resize(source: PixelReader, resizing: Resizing, sink: RowSink): Promise<void> {
  const { width, height, resample, signal } = resizing
  const box = resizing.box ?? { x: { start: 0, end: source.width }, y: { start: 0, end: source.height } }
  const window = resizing.window ?? { x: { start: 0, end: width }, y: { start: 0, end: height } }
  const breathe = breather(signal)
  if (resample === 'nearest') return pick(source, width, height, box, window, sink, breathe)
  const filter = (inputs: number, from: Span, outputs: number, span: Span) =>
    from.start === 0 && from.end === outputs && inputs === outputs
      ? copied(span)
      : tapsOf(resample, inputs, from, outputs, span)
  const across = filter(source.width, box.x, width, window.x)
  const down = filter(source.height, box.y, height, window.y)
  await convolve(source, across, down, sink, breathe)
}

type Breathe = () => Promise<void> | undefined

/** The taps of positions that stay as they are: Pillow leaves out a pass that changes nothing, and so nothing is rounded. */
function copied({ start, end }: Span): Taps {
  const size = end - start
  return {
    starts: Int32Array.from({ length: size }, (_, i) => start + i),
    counts: new Int32Array(size).fill(1),
    weights: new Int32Array(size).fill(2 ** PRECISION),
    stride: 1,
  }
}

/** First across, then down, as Pillow does; of the rows between the two only those are kept that are still needed. */
async function convolve(source: PixelReader, across: Taps, down: Taps, sink: RowSink, breathe: Breathe) {
  const [rowBytes, rows] = [across.starts.length * 3, down.starts.length]
  if (rowBytes === 0 || rows === 0) return
  const last = down.starts[rows - 1]! + down.counts[rows - 1]!
  const strip = rowsAtOnce(source.width)
  const places = source.red === 0 ? ([0, 16] as const) : ([16, 0] as const) // where red and blue stand in a pixel's bits
  // A ring: row y lies at y modulo its size.
  const kept = Math.min(last, down.stride + strip)
  const ring = new Uint8ClampedArray(kept * rowBytes)
  const row = new Uint8ClampedArray(rowBytes)
  let done = 0
  for (let top = down.starts[0]!; top < last; top += strip) {
    const count = Math.min(strip, last - top)
    const pixels = wholePixels(await source.read(top, count))
    for (let y = 0; y < count; y++) {
      passAcross(pixels, y * source.width, places, across, ring, ((top + y) % kept) * rowBytes)
    }
    await breathe()
    for (; done < rows && down.starts[done]! + down.counts[done]! <= top + count; done++) {
      passDown(ring, kept, down, done, row)
      sink(row, done)
      await breathe()
    }
  }
}

const HALF = 2 ** (PRECISION - 1)

/** One row of pixels to one of RGB. Written out for speed: a photograph has millions of taps. */
function passAcross(
  pixels: Uint32Array,
  from: number,
  [red, blue]: readonly [number, number],
  { starts, counts, weights, stride }: Taps,
  to: Uint8ClampedArray,
  offset: number,
): void {
  let out = offset
  for (let x = 0; x < starts.length; x++) {
    let [r, g, b] = [HALF, HALF, HALF]
    let at = from + starts[x]!
    const end = x * stride + counts[x]!
    for (let t = x * stride; t < end; t++, at++) {
      const weight = weights[t]!
      const pixel = pixels[at]!
      r = (r + Math.imul((pixel >>> red) & 255, weight)) | 0
      g = (g + Math.imul((pixel >>> 8) & 255, weight)) | 0
      b = (b + Math.imul((pixel >>> blue) & 255, weight)) | 0
    }
    to[out++] = r >> PRECISION
    to[out++] = g >> PRECISION
    to[out++] = b >> PRECISION
  }
}

/** Four bytes as one number: to load it once is a third faster than three bytes of it. */
function wholePixels(pixels: Pixels): Uint32Array {
  const { buffer, byteOffset, byteLength } = pixels.byteOffset % 4 === 0 ? pixels : pixels.slice()
  return new Uint32Array(buffer, byteOffset, byteLength / 4)
}

/** Rows of RGB to one. */
function passDown(
  ring: Uint8ClampedArray,
  kept: number,
  { starts, counts, weights, stride }: Taps,
  y: number,
  row: Uint8ClampedArray,
): void {
  const [start, count, first, size] = [starts[y]!, counts[y]!, y * stride, row.length]
  if (count === 1) {
    row.set(ring.subarray((start % kept) * size, ((start % kept) + 1) * size))
    return
  }
  const offsets = Int32Array.from({ length: count }, (_, t) => ((start + t) % kept) * size)
  for (let i = 0; i < size; i++) {
    let sum = HALF
    for (let t = 0; t < count; t++) sum = (sum + Math.imul(ring[offsets[t]! + i]!, weights[first + t]!)) | 0
    row[i] = sum >> PRECISION
  }
}

/** The nearest pixel of each: positions are added up step by step, as Pillow does, rounding errors included. */
async function pick(
  source: PixelReader,
  width: number,
  height: number,
  box: { x: Span; y: Span },
  window: { x: Span; y: Span },
  sink: RowSink,
  breathe: Breathe,
): Promise<void> {
  const columns = nearest(box.x, width, window.x)
  const rows = nearest(box.y, height, window.y)
  const row = new Uint8ClampedArray(columns.length * 3)
  for (let y = 0; y < rows.length; y++) {
    const pixels = await source.read(rows[y]!, 1)
    for (let x = 0; x < columns.length; x++) {
      const at = columns[x]! * 4
      row[x * 3] = pixels[at + source.red]!
      row[x * 3 + 1] = pixels[at + 1]!
      row[x * 3 + 2] = pixels[at + 2 - source.red]!
    }
    sink(row, y)
    await breathe()
  }
}

function nearest(box: Span, outputs: number, window: Span): Int32Array {
  const step = (box.end - box.start) / outputs
  const positions = new Int32Array(outputs)
  for (let i = 0, at = box.start + step * 0.5; i < outputs; i++, at += step) positions[i] = Math.trunc(at)
  return positions.subarray(window.start, window.end)
}
