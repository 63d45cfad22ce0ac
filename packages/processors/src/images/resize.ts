/** @file Pillow's `Image.resize`, byte for byte: a few rows at a time, with the page's other work in between. */
import { breather } from '@webformers/hub'
import { PRECISION, type Span, type Taps, tapsOf } from './filters'
import { Passes } from './passes'
import { type PixelReader, type RowSink, rowsAtOnce } from './pixels'
import { type Resizing, windowOf } from './resizing'

/** Resize, and hand over the result row by row. */
export async function resize(source: PixelReader, resizing: Resizing, sink: RowSink): Promise<void> {
  const { width, height, resample, signal } = resizing
  const window = windowOf(resizing)
  const breathe = breather(signal)
  if (source.resize) return handOver(await source.resize(resizing), window.x, sink, breathe)
  const box = resizing.box ?? { x: { start: 0, end: source.width }, y: { start: 0, end: source.height } }
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

/** What was resized in another place. */
async function handOver(pixels: Uint8ClampedArray, { start, end }: Span, sink: RowSink, breathe: Breathe) {
  const rowBytes = (end - start) * 3
  for (let at = 0, y = 0; at < pixels.length; at += rowBytes, y++) {
    sink(pixels.subarray(at, at + rowBytes), y)
    await breathe()
  }
}

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
  const rows = down.starts.length
  if (across.starts.length === 0 || rows === 0) return
  const first = down.starts[0]!
  const last = down.starts[rows - 1]! + down.counts[rows - 1]!
  const strip = Math.min(rowsAtOnce(source.width), last - first)
  const kept = Math.min(last, down.stride + strip) // rows lie in a ring: y at y modulo its size
  const passes = new Passes(source, across, down, strip, kept)
  try {
    let done = 0
    for (let top = first; top < last; top += strip) {
      const count = Math.min(strip, last - top)
      const room = passes.room(count)
      const pixels = await source.read(top, count, room)
      if (pixels.buffer !== room.buffer) room.set(pixels.subarray(0, room.length))
      passes.across(top, count)
      await breathe()
      for (; done < rows && down.starts[done]! + down.counts[done]! <= top + count; done++) {
        sink(passes.down(done), done)
        await breathe()
      }
    }
  } finally {
    passes.close()
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
