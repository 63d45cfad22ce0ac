/** @file The bytes of a file with many small structures: read in pages, and taken field by field within what was asked for. */
import { CorruptCheckpointError, UnsupportedCheckpointError } from '../../errors'

/** One read of a blob costs as much as a page of it; neighbours come with it. */
const PAGE = 1 << 14
const PAGES_KEPT = 64
/** No structure that tells where tensors lie is larger. */
const MOST_BYTES = 1 << 22

/** The structures of an HDF5 file, wherever they lie in it. */
export class Pages {
  readonly #pages = new Map<number, Uint8Array<ArrayBuffer>>()
  /** How many bytes an address and a length take; the superblock tells. */
  addressSize = 8
  lengthSize = 8

  constructor(
    readonly file: string,
    readonly blob: Blob,
  ) {}

  corrupt(what: string, cause?: unknown): CorruptCheckpointError {
    return new CorruptCheckpointError(`"${this.file}" is no valid HDF5 file: ${what}. Download it again.`, {
      cause,
    })
  }

  /** What is in order, but is written neither by Keras nor by transformers. */
  unsupported(what: string): UnsupportedCheckpointError {
    return new UnsupportedCheckpointError(
      `"${this.file}" ${what}, which is not read here. Save it again with transformers, or h5py's defaults.`,
    )
  }

  /** `length` bytes at `offset` to take fields from. @throws {CorruptCheckpointError} when they are not in the file. */
  async fields(offset: number, length: number, what: string): Promise<Fields> {
    if (length > MOST_BYTES)
      throw this.corrupt(`${what} at byte ${offset} takes ${length} bytes, expected at most ${MOST_BYTES}`)
    if (offset + length > this.blob.size)
      throw this.corrupt(
        `${what} lies at bytes ${offset} to ${offset + length}, beyond the file's ${this.blob.size}`,
      )
    const bytes = new Uint8Array(length)
    for (let done = 0; done < length; ) {
      const number = Math.floor((offset + done) / PAGE)
      const page = this.#pages.get(number) ?? (await this.#read(number))
      const part = page.subarray(offset + done - number * PAGE).subarray(0, length - done)
      bytes.set(part, done)
      done += part.length
    }
    return new Fields(this, bytes, offset, what)
  }

  /** Like `fields`, of as much as there is of `length` bytes: what tells its own length begins before that is known. */
  upTo(offset: number, length: number, what: string): Promise<Fields> {
    return this.fields(offset, Math.max(0, Math.min(length, this.blob.size - offset)), what)
  }

  async #read(number: number): Promise<Uint8Array<ArrayBuffer>> {
    const page = new Uint8Array(await this.blob.slice(number * PAGE, (number + 1) * PAGE).arrayBuffer())
    if (this.#pages.size >= PAGES_KEPT) this.#pages.delete(this.#pages.keys().next().value!)
    this.#pages.set(number, page)
    return page
  }
}

/** Fields one after another, little endian. */
export class Fields {
  readonly #view: DataView
  #next = 0

  constructor(
    readonly pages: Pages,
    readonly bytes: Uint8Array<ArrayBuffer>,
    /** The byte of the file at which they begin. */
    readonly start: number,
    readonly what: string,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get next(): number {
    return this.#next
  }
  get left(): number {
    return this.bytes.length - this.#next
  }

  /** The place of the next `length` bytes, which are passed over. */
  skip(length: number): number {
    const at = this.#next
    if (length > this.left)
      throw this.pages.corrupt(
        `${this.what} at byte ${this.start} ends after ${this.bytes.length} bytes, within a field of ${length}`,
      )
    this.#next += length
    return at
  }
  u8(): number {
    return this.#view.getUint8(this.skip(1))
  }
  u16(): number {
    return this.#view.getUint16(this.skip(2), true)
  }
  u32(): number {
    return this.#view.getUint32(this.skip(4), true)
  }
  /** A number of `size` bytes; one too large for any file is an error. */
  uint(size: number): number {
    const at = this.skip(size)
    let value = 0
    for (let i = size - 1; i >= 0; i--) value = value * 256 + this.bytes[at + i]!
    if (value > Number.MAX_SAFE_INTEGER)
      throw this.pages.corrupt(`${this.what} at byte ${this.start} has a field of ${value}`)
    return value
  }
  length(): number {
    return this.uint(this.pages.lengthSize)
  }
  /** A place in the file; `undefined` where there is none, which is all ones. */
  address(): number | undefined {
    const size = this.pages.addressSize
    const from = this.#next
    if (this.left >= size && this.bytes.subarray(from, from + size).every((byte) => byte === 0xff)) {
      this.skip(size)
      return undefined
    }
    return this.uint(size)
  }
  /** A place in the file that has to be there. */
  place(): number {
    const address = this.address()
    if (address === undefined) throw this.pages.corrupt(`${this.what} at byte ${this.start} leads nowhere`)
    return address
  }
  text(length: number): string {
    const at = this.skip(length)
    // A browser's TextDecoder takes latin1 for windows-1252.
    return String.fromCharCode(...this.bytes.subarray(at, at + length))
  }
  /** Fields within these. */
  part(length: number, what: string): Fields {
    const at = this.skip(length)
    return new Fields(this.pages, this.bytes.subarray(at, at + length), this.start + at, what)
  }
  /** The structure's own mark, four letters as a rule. */
  expect(mark: string): void {
    const found = this.text(Math.min(mark.length, this.left))
    if (found !== mark)
      throw this.pages.corrupt(
        `${this.what} at byte ${this.start} begins with ${JSON.stringify(found)}, expected "${mark}"`,
      )
  }
  /** A number that tells a structure's edition. */
  version(found: number, ...known: number[]): void {
    if (!known.includes(found))
      throw this.pages.corrupt(
        `${this.what} at byte ${this.start} has version ${found}, expected ${known.join(' or ')}`,
      )
  }
}
