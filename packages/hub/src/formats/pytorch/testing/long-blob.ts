/** @file For tests: Blobs end to end; Node's own hold less than 4 GB. */

export class LongBlob extends Blob {
  readonly #parts: readonly Blob[]
  readonly #size: number

  constructor(parts: readonly Blob[]) {
    super([])
    this.#parts = parts
    this.#size = parts.reduce((sum, { size }) => sum + size, 0)
  }
  override get size() {
    return this.#size
  }
  override slice(begin = 0, end = this.#size): Blob {
    let at = 0
    const parts = this.#parts.flatMap((part) => {
      const from = Math.max(begin - at, 0)
      const to = Math.min(end - at, part.size)
      at += part.size
      return from < to ? [part.slice(from, to)] : []
    })
    return end - begin < 2 ** 28 ? new Blob(parts) : new LongBlob(parts)
  }
  override arrayBuffer(): Promise<ArrayBuffer> {
    throw new Error(`${this.#size} bytes are read at once`)
  }
}
