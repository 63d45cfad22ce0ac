/**
 * @file A file read from its beginning on, a window of it at a time, so that a header of any size costs a megabyte of memory.
 * Nothing is taken on trust: what a file claims to have is compared with what is left of it before anything is made for it.
 */
import { CorruptCheckpointError, TruncatedFileError } from '../../errors'

const WINDOW = 2 ** 20

export class Window {
  private start = 0
  private view = new DataView(new ArrayBuffer(0))
  /** The next byte's place in the file. */
  offset: number

  constructor(
    readonly file: string,
    readonly blob: Blob,
    offset = 0,
    private readonly end = blob.size,
  ) {
    this.offset = offset
  }

  /** The bytes after `offset`. */
  get left(): number {
    return this.end - this.offset
  }

  /** The bytes after `offset` that can be read at once. */
  get ready(): number {
    return this.start + this.view.byteLength - this.offset
  }

  corrupt(what: string, cause?: unknown): CorruptCheckpointError {
    return new CorruptCheckpointError(`"${this.file}" is no valid GGUF file: ${what}. Download it again.`, {
      cause,
    })
  }

  /** @throws {TruncatedFileError} when the file has not got as many bytes more. */
  expect(bytes: number, what: string): void {
    if (bytes <= this.left) return
    throw new TruncatedFileError(
      `"${this.file}" has ${this.end} bytes, but ${what} at byte ${this.offset} takes ${bytes}. Download it again.`,
    )
  }

  /** Makes `bytes` more of them ready. @throws {TruncatedFileError} */
  async need(bytes: number, what: string): Promise<void> {
    this.expect(bytes, what)
    if (this.ready >= bytes) return
    const end = Math.min(this.end, this.offset + Math.max(bytes, WINDOW))
    this.view = new DataView(await this.blob.slice(this.offset, end).arrayBuffer())
    this.start = this.offset
  }

  /** A number among those that are ready. */
  number(type: NumberType): number {
    const at = this.offset - this.start
    this.offset += numberSize[type]
    switch (type) {
      case 'u8':
        return this.view.getUint8(at)
      case 'i8':
        return this.view.getInt8(at)
      case 'u16':
        return this.view.getUint16(at, true)
      case 'i16':
        return this.view.getInt16(at, true)
      case 'u32':
        return this.view.getUint32(at, true)
      case 'i32':
        return this.view.getInt32(at, true)
      case 'f32':
        return this.view.getFloat32(at, true)
      case 'f64':
        return this.view.getFloat64(at, true)
      // Beyond 2⁵³ the last digits are lost; the sizes and counts of a file are checked to be far below.
      case 'u64':
        return this.view.getUint32(at, true) + this.view.getUint32(at + 4, true) * 2 ** 32
      case 'i64':
        return this.view.getUint32(at, true) + this.view.getInt32(at + 4, true) * 2 ** 32
    }
  }

  /** A text of `length` bytes among those that are ready. @throws {CorruptCheckpointError} when it is no UTF-8. */
  text(length: number): string {
    const bytes = new Uint8Array(this.view.buffer, this.offset - this.start, length)
    this.offset += length
    try {
      return utf8.decode(bytes)
    } catch (cause) {
      throw this.corrupt(`the text at byte ${this.offset - length} is no UTF-8`, cause)
    }
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The bytes a number of each type takes in metadata. */
export const numberSize = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  u64: 8,
  i64: 8,
  f64: 8,
} as const

export type NumberType = keyof typeof numberSize
