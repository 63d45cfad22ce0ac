/**
 * @file MessagePack walked through without its arrays: small windows are read of a file of gigabytes, and each array's place is
 * told. @msgpack/msgpack, which is the usual library, decodes what is in memory whole; the format itself is a byte that tells
 * each value's kind. A window is 8 kB; a large tensor costs two of them, 1.6 GB of them 6 MB.
 */
import { CorruptCheckpointError, TruncatedFileError } from '../../errors'

/** A run of bytes of the file. */
export class Bytes {
  constructor(
    readonly offset: number,
    readonly length: number,
  ) {}
}

/** Bytes with a meaning that an application gave to the number `type`. */
export class Extension {
  constructor(
    readonly type: number,
    readonly offset: number,
    readonly length: number,
  ) {}
}

export type Value =
  | null
  | boolean
  | number
  | string
  | Bytes
  | Extension
  | readonly Value[]
  | ReadonlyMap<string, Value>

const WINDOW = 1 << 13
const MOST_DEEP = 64
const MOST_TEXT = 1 << 12
/** More than any model has tensors, and chunks of them; each takes time. */
const MOST_VALUES = 1_000_000

export class MessagePack {
  #window = new DataView(new ArrayBuffer(0))
  #windowStart = 0
  #next = 0
  #end = 0
  #outermost = true
  #values = 0

  constructor(
    readonly file: string,
    readonly blob: Blob,
  ) {}

  corrupt(what: string): CorruptCheckpointError {
    return new CorruptCheckpointError(
      `"${this.file}" is no checkpoint that Flax wrote: ${what}. Download it again.`,
    )
  }

  /** The one value that is at `offset` and takes `length` bytes. */
  async read(offset: number, length: number): Promise<Value> {
    this.#next = offset
    this.#end = offset + length
    this.#outermost = length === this.blob.size
    const value = await this.#value(0)
    if (this.#next !== this.#end)
      throw this.corrupt(`the value at byte ${offset} ends at byte ${this.#next}, expected ${this.#end}`)
    return value
  }

  /** The place of the next `length` bytes of the value that is read, which are passed over. */
  #skip(length: number): number {
    const at = this.#next
    if (at + length > this.#end) {
      const Failure = this.#outermost ? TruncatedFileError : CorruptCheckpointError
      throw new Failure(
        `"${this.file}" has a value of ${length} bytes at byte ${at}, where ${this.#end - at} are left. Download it again.`,
      )
    }
    this.#next += length
    return at
  }

  /** The next `length` bytes, as a view that begins at `at`. */
  async #take(length: number): Promise<{ view: DataView<ArrayBuffer>; at: number }> {
    const at = this.#skip(length) - this.#windowStart
    if (at >= 0 && at + length <= this.#window.byteLength) return { view: this.#window, at }
    const start = at + this.#windowStart
    this.#windowStart = start
    this.#window = new DataView(await this.blob.slice(start, start + Math.max(WINDOW, length)).arrayBuffer())
    return { view: this.#window, at: 0 }
  }

  async #uint(size: 1 | 2 | 4 | 8): Promise<number> {
    const { view, at } = await this.#take(size)
    if (size === 8) return Number(view.getBigUint64(at))
    return size === 4 ? view.getUint32(at) : size === 2 ? view.getUint16(at) : view.getUint8(at)
  }

  async #int(size: 1 | 2 | 4 | 8): Promise<number> {
    const { view, at } = await this.#take(size)
    if (size === 8) return Number(view.getBigInt64(at))
    return size === 4 ? view.getInt32(at) : size === 2 ? view.getInt16(at) : view.getInt8(at)
  }

  async #float(size: 4 | 8): Promise<number> {
    const { view, at } = await this.#take(size)
    return size === 4 ? view.getFloat32(at) : view.getFloat64(at)
  }

  #bytes(length: number): Bytes {
    return new Bytes(this.#skip(length), length)
  }

  async #extension(length: number): Promise<Extension> {
    const type = await this.#int(1)
    return new Extension(type, this.#skip(length), length)
  }

  async #text(length: number): Promise<string> {
    if (length > MOST_TEXT)
      throw this.corrupt(`a text at byte ${this.#next} has ${length} bytes, expected at most ${MOST_TEXT}`)
    const { view, at } = await this.#take(length)
    return new TextDecoder().decode(new Uint8Array(view.buffer, at, length))
  }

  async #list(length: number, depth: number): Promise<Value[]> {
    const values: Value[] = []
    for (let i = 0; i < length; i++) values.push(await this.#value(depth + 1))
    return values
  }

  async #map(length: number, depth: number): Promise<Map<string, Value>> {
    const map = new Map<string, Value>()
    for (let i = 0; i < length; i++) {
      const at = this.#next
      const key = await this.#value(depth + 1)
      if (typeof key !== 'string' || map.has(key))
        throw this.corrupt(
          `the map has a key at byte ${at} that is ${typeof key === 'string' ? 'there twice' : 'no text'}`,
        )
      map.set(key, await this.#value(depth + 1))
    }
    return map
  }

  async #value(depth: number): Promise<Value> {
    const at = this.#next
    if (depth > MOST_DEEP) throw this.corrupt(`values lie more than ${MOST_DEEP} deep at byte ${at}`)
    if (++this.#values > MOST_VALUES) throw this.corrupt(`it has more than ${MOST_VALUES} values`)
    const kind = await this.#uint(1)
    if (kind < 0x80) return kind
    if (kind < 0x90) return this.#map(kind & 15, depth)
    if (kind < 0xa0) return this.#list(kind & 15, depth)
    if (kind < 0xc0) return this.#text(kind & 31)
    if (kind >= 0xe0) return kind - 0x100
    switch (kind) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
        return this.#bytes(await this.#uint(1))
      case 0xc5:
        return this.#bytes(await this.#uint(2))
      case 0xc6:
        return this.#bytes(await this.#uint(4))
      case 0xc7:
        return this.#extension(await this.#uint(1))
      case 0xc8:
        return this.#extension(await this.#uint(2))
      case 0xc9:
        return this.#extension(await this.#uint(4))
      case 0xca:
        return this.#float(4)
      case 0xcb:
        return this.#float(8)
      case 0xcc:
        return this.#uint(1)
      case 0xcd:
        return this.#uint(2)
      case 0xce:
        return this.#uint(4)
      case 0xcf:
        return this.#uint(8)
      case 0xd0:
        return this.#int(1)
      case 0xd1:
        return this.#int(2)
      case 0xd2:
        return this.#int(4)
      case 0xd3:
        return this.#int(8)
      case 0xd4:
        return this.#extension(1)
      case 0xd5:
        return this.#extension(2)
      case 0xd6:
        return this.#extension(4)
      case 0xd7:
        return this.#extension(8)
      case 0xd8:
        return this.#extension(16)
      case 0xd9:
        return this.#text(await this.#uint(1))
      case 0xda:
        return this.#text(await this.#uint(2))
      case 0xdb:
        return this.#text(await this.#uint(4))
      case 0xdc:
        return this.#list(await this.#uint(2), depth)
      case 0xdd:
        return this.#list(await this.#uint(4), depth)
      case 0xde:
        return this.#map(await this.#uint(2), depth)
      case 0xdf:
        return this.#map(await this.#uint(4), depth)
      default:
        throw this.corrupt(`byte ${at} is ${kind}, which begins no value`)
    }
  }
}
