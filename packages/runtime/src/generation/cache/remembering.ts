/** @file A decoder that knows which texts its cache holds, whatever became of its rows on the way. */
import { type SessionDecoder, spread } from '../decoder'
import type { Decoder } from '../model'
import type { Text } from './prefix'

export class RememberingDecoder implements Decoder {
  readonly follow?: Decoder['follow']
  readonly forbids: boolean
  #rows: number[][]
  /** For each row, 0 where a token of its prompt is padding; nothing that comes later is. */
  #keep: readonly ArrayLike<number>[]

  /** @param texts what the decoder has read already, a row each
   * @param keep for each row of the prompts, 0 where a token is padding */
  constructor(
    readonly inner: SessionDecoder,
    texts: readonly Text[],
    keep: readonly ArrayLike<number>[],
  ) {
    this.#rows = keep.map((_, i) => Array.from(texts[i]?.tokens ?? []).slice(0, inner.length))
    this.#keep = keep
    this.forbids = inner.forbids
    if (inner.follow) this.follow = this.#follow.bind(this)
  }

  get vocabulary() {
    return this.inner.vocabulary
  }
  get length() {
    return this.inner.length
  }

  async read(tokens: readonly Int32Array[], keep?: number): Promise<Float32Array> {
    if (tokens.length !== this.#rows.length) this.#arrange(spread(this.#rows.length, tokens.length))
    const before = this.length
    try {
      return await this.inner.read(tokens, keep)
    } finally {
      // Given up in the midst, it has read some of them.
      this.#append(tokens.map((row) => row.subarray(0, this.length - before)))
    }
  }

  async #follow(
    tokens: readonly Int32Array[],
    most: number,
    ends: readonly number[],
    forbidden?: readonly number[],
  ): Promise<Int32Array[]> {
    const before = this.length
    let steps: Int32Array[] = []
    try {
      steps = await this.inner.follow!(tokens, most, ends, forbidden)
      return steps
    } finally {
      const found = tokens.map((row, i) => [...row, ...steps.map((step) => step[i]!)])
      this.#append(found.map((row) => row.slice(0, this.length - before)))
    }
  }

  outputs() {
    return this.inner.outputs()
  }

  async reorder(rows: readonly number[]) {
    await this.inner.reorder(rows)
    this.#arrange(rows)
  }

  crop(length: number) {
    this.inner.crop(length)
    for (const row of this.#rows) row.splice(length)
  }

  /** What the cache holds. */
  get texts(): Text[] {
    return this.#rows.map((row, i) => ({
      tokens: Int32Array.from(row),
      keep: Uint8Array.from(row, (_, at) => this.#keep[i]![at] ?? 1),
    }))
  }

  #arrange(rows: readonly number[]) {
    this.#rows = rows.map((row) => [...this.#rows[row]!])
    this.#keep = rows.map((row) => this.#keep[row]!)
  }

  #append(tokens: readonly ArrayLike<number>[]) {
    for (const [i, row] of this.#rows.entries()) row.push(...Array.from(tokens[i]!))
  }
}
