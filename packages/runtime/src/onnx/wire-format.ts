/** @file The protobuf wire format of a file too large to hold: fields are found, and what is large among them is passed over. */
import { CorruptCheckpointError, TruncatedFileError } from '@webformers/hub'
import type { ExternalFile } from '../session'

/** How a field's value is written. */
export const VARINT = 0
export const FIXED64 = 1
export const LENGTH = 2
export const FIXED32 = 5

/** A field and where it lies in the file: from `start`, its tag, to `end`; a value that has a length begins at `body`. */
export interface Field {
  readonly number: number
  readonly wire: number
  readonly start: number
  readonly body: number
  readonly end: number
  /** The number itself, where the field is a varint. */
  readonly value: number
}

/** Read at once: a tensor that is passed over makes the rest of it useless. */
const WINDOW = 1 << 16
const utf8 = new TextDecoder()

/** The fields of one file. */
export class WireFile {
  #window = new Uint8Array(0)
  #start = 0

  constructor(readonly file: ExternalFile) {}

  /** The fields between two places, in order; both must lie in the file. */
  *fields(start: number, end: number): Generator<Field> {
    for (let at = start; at < end; ) {
      const tag = this.#varint(at, end)
      const [number, wire] = [Math.floor(tag.value / 8), tag.value % 8]
      const field = this.#measure(wire, tag.end, end)
      if (number === 0 || !field) {
        throw new CorruptCheckpointError(
          `"${this.file.path}" is no ONNX file: at byte ${at} a field ${number} of kind ${wire} begins, which protobuf has not.`,
        )
      }
      if (field.end > end) throw this.#cut(field.end)
      yield { number, wire, start: at, ...field }
      at = field.end
    }
  }

  text({ body, end }: Field): string {
    return utf8.decode(this.bytes(body, end))
  }

  bytes(start: number, end: number): Uint8Array<ArrayBuffer> {
    if (end - start > WINDOW) return this.file.read(start, end)
    if (start < this.#start || end > this.#start + this.#window.length) this.#open(start)
    return this.#window.slice(start - this.#start, end - this.#start)
  }

  #measure(wire: number, at: number, limit: number): Omit<Field, 'number' | 'wire' | 'start'> | undefined {
    switch (wire) {
      case VARINT:
        return { body: at, ...this.#varint(at, limit) }
      case FIXED64:
        return { body: at, end: at + 8, value: 0 }
      case LENGTH: {
        const length = this.#varint(at, limit)
        return { body: length.end, end: length.end + length.value, value: 0 }
      }
      case FIXED32:
        return { body: at, end: at + 4, value: 0 }
      default:
        return undefined
    }
  }

  /** Beyond 2⁵³ it is not exact: nothing that is counted here is as large. */
  #varint(start: number, limit: number): { value: number; end: number } {
    let value = 0
    let scale = 1
    for (let at = start; at < start + 10; at++) {
      if (at >= limit) throw this.#cut(at + 1)
      const byte = this.#byte(at)
      value += (byte % 128) * scale
      if (byte < 128) return { value, end: at + 1 }
      scale *= 128
    }
    throw new CorruptCheckpointError(
      `"${this.file.path}" is no ONNX file: the number at byte ${start} has no end.`,
    )
  }

  #byte(at: number): number {
    if (at < this.#start || at >= this.#start + this.#window.length) this.#open(at)
    return this.#window[at - this.#start]!
  }

  #open(at: number) {
    this.#start = at
    this.#window = this.file.read(at, Math.min(at + WINDOW, this.file.size))
  }

  #cut(wanted: number) {
    const { path, size } = this.file
    return wanted > size
      ? new TruncatedFileError(
          `"${path}" ends after ${size} bytes, but what it holds goes on to byte ${wanted}. Download it again: { forceDownload: true }.`,
        )
      : new CorruptCheckpointError(
          `"${path}" is no ONNX file: a field goes on to byte ${wanted}, beyond what holds it.`,
        )
  }
}
