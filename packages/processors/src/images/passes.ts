/** @file The two passes of a resize, across and down, in WebAssembly's SIMD: what passes.wat has, and the memory it works on. */
import { ImageTooLargeError } from './errors'
import type { Taps } from './filters'
import { WASM } from './passes-binary'
import type { PixelReader } from './pixels'

interface Instance {
  readonly memory: WebAssembly.Memory
  across(
    from: number,
    fromStride: number,
    rows: number,
    spans: number,
    weights: number,
    outputs: number,
    to: number,
    toStride: number,
  ): void
  down(rows: number, pairs: number, weights: number, bytes: number, to: number, isBlueFirst: number): void
}

let compiled: WebAssembly.Module | undefined
/** The last instance that was used, for the next who needs one: memory that is new has to be cleared first. */
let idle: Instance | undefined
/** A larger one is given back. In bytes. */
const KEPT = 2 ** 24
const PAGE = 2 ** 16
/** Both passes read sixteen bytes at a time, and so a little beyond the end. */
const BEYOND = 32

function instanceOf(bytes: number): Instance {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(WASM), (char) => char.charCodeAt(0)))
  const instance = idle ?? (new WebAssembly.Instance(compiled).exports as unknown as Instance)
  idle = undefined
  const missing = Math.ceil((bytes - instance.memory.buffer.byteLength) / PAGE)
  try {
    if (missing > 0) instance.memory.grow(missing)
  } catch (cause) {
    throw new ImageTooLargeError(`To resize the image takes ${bytes / 1e6} MB, which are not there.`, {
      cause,
    })
  }
  return instance
}

/** One resize: rows of its source come into `room`, go `across`, and then `down` row by row. */
export class Passes {
  readonly #instance: Instance
  readonly #room: Uint8Array
  readonly #row: Uint8ClampedArray
  readonly #pointers: Int32Array
  readonly #down: Taps & Halves
  /** Rows that have gone across lie in a ring: row y at y modulo its size. */
  readonly #kept: number
  readonly #outputs: number
  readonly #stride: number
  readonly #isBlueFirst: number
  readonly #at: Readonly<
    Record<'spans' | 'weights' | 'downWeights' | 'ring' | 'room' | 'row' | 'pointers', number>
  >

  /** @param strip how many rows come at once
   * @param kept how many are kept that have gone across
   * @throws {ImageTooLargeError} when there is no memory for it */
  constructor({ width, red }: PixelReader, across: Taps, down: Taps, strip: number, kept: number) {
    const [wide, high] = [halves(across, 4), halves(down, 2)]
    this.#down = { ...down, ...high }
    this.#outputs = across.starts.length
    this.#stride = width * 4
    this.#isBlueFirst = red / 2
    this.#kept = kept
    let end = 0
    const place = (bytes: number) => {
      const start = end
      end += Math.ceil(bytes / 16) * 16
      return start
    }
    this.#at = {
      spans: place(this.#outputs * 8),
      weights: place(wide.words.byteLength),
      downWeights: place(high.words.byteLength),
      pointers: place((down.stride + 1) * 4),
      row: place(this.#outputs * 3 + BEYOND),
      ring: place(this.#kept * this.#outputs * 4 + BEYOND),
      room: place(strip * this.#stride + BEYOND),
    }
    this.#instance = instanceOf(end)
    const { buffer } = this.#instance.memory
    const { spans, weights, downWeights, pointers, row, room } = this.#at
    for (const [i, start] of across.starts.entries())
      new Int32Array(buffer, spans + i * 8, 2).set([start * 4, wide.groups[i]!])
    new Int32Array(buffer, weights).set(wide.words)
    new Int32Array(buffer, downWeights).set(high.words)
    this.#pointers = new Int32Array(buffer, pointers, down.stride + 1)
    this.#row = new Uint8ClampedArray(buffer, row, this.#outputs * 3)
    this.#room = new Uint8Array(buffer, room, strip * this.#stride)
  }

  /** Where the next rows are put, before they go across. */
  room(rows: number): Uint8Array {
    return this.#room.subarray(0, rows * this.#stride)
  }

  /** The rows in the room, of which the first has the number `top`. */
  across(top: number, rows: number): void {
    const { spans, weights, ring, room } = this.#at
    for (let done = 0; done < rows; ) {
      const slot = (top + done) % this.#kept
      const count = Math.min(rows - done, this.#kept - slot)
      this.#instance.across(
        room + done * this.#stride,
        this.#stride,
        count,
        spans,
        weights,
        this.#outputs,
        ring + slot * this.#outputs * 4,
        this.#outputs * 4,
      )
      done += count
    }
  }

  /** A row of the result, RGB; good until the next. */
  down(y: number): Uint8ClampedArray {
    const { starts, counts, groups, ends } = this.#down
    const [start, count, pairs] = [starts[y]!, counts[y]!, groups[y]!]
    const { downWeights, pointers, ring, row } = this.#at
    const rowBytes = this.#outputs * 4
    for (let t = 0; t < pairs * 2; t++)
      this.#pointers[t] = ring + ((start + Math.min(t, count - 1)) % this.#kept) * rowBytes
    const weights = downWeights + (ends[y]! - pairs * 2) * 4
    this.#instance.down(pointers, pairs, weights, rowBytes, row, this.#isBlueFirst)
    return this.#row
  }

  /** Leave the memory to the next resize. */
  close(): void {
    if (this.#instance.memory.buffer.byteLength <= KEPT) idle = this.#instance
  }
}

interface Halves {
  /** Of each two weights the upper halves in one word, the lower ones in the next. */
  readonly words: Int32Array
  /** For each position how many groups of weights it has, the last filled up with zeros. */
  readonly groups: Int32Array
  /** For each position where its words end. */
  readonly ends: Int32Array
}

/** @param size weights in a group */
function halves({ counts, weights, stride }: Taps, size: number): Halves {
  const groups = counts.map((count) => Math.max(1, Math.ceil(count / size)))
  let end = 0
  const ends = groups.map((count) => {
    end += count * size
    return end
  })
  const words = new Int32Array(end)
  let at = 0
  for (const [i, count] of counts.entries()) {
    const weight = (t: number) => (t < count ? weights[i * stride + t]! : 0)
    for (let t = 0; at < ends[i]!; t += 2, at += 2) {
      const [first, second] = [weight(t), weight(t + 1)]
      words[at] = ((first >> 15) & 0xffff) | ((second >> 15) << 16)
      words[at + 1] = (first & 0x7fff) | ((second & 0x7fff) << 16)
    }
  }
  return { words, groups, ends }
}
