/** @file Reads the short headers between the tensors of a large file, several with one access where they lie close together. */

const LENGTH = 2 ** 14

export class BlobWindow {
  readonly #blob: Blob
  #begin = 0
  #bytes = new Uint8Array(0)

  constructor(blob: Blob) {
    this.#blob = blob
  }

  /** The bytes from `offset` on, fewer than `length` where the file ends. */
  async read(offset: number, length: number): Promise<DataView> {
    const held = offset >= this.#begin && offset + length <= this.#begin + this.#bytes.length
    if (!held) {
      const part = this.#blob.slice(offset, offset + Math.max(length, LENGTH))
      this.#bytes = new Uint8Array(await part.arrayBuffer())
      this.#begin = offset
    }
    const { buffer, byteLength } = this.#bytes
    const at = offset - this.#begin
    return new DataView(buffer, at, Math.min(length, byteLength - at))
  }
}
