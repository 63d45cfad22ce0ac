/** @file Reads sequences with a decoder, each token once. */
import type { Decoder } from './model'

/** Remembers how much of its rows a decoder has read. */
export class Reader {
  /** How many tokens of each row were read. */
  length: number

  constructor(readonly decoder: Decoder) {
    this.length = decoder.length ?? 0
  }

  /** Scores of what comes after the last `keep` tokens of each sequence, of which the unread part is read.
   * @param sequences of equal lengths, which go on from what was read */
  async read(sequences: readonly Int32Array[], keep?: number): Promise<Float32Array> {
    const scores = await this.decoder.read(
      sequences.map((sequence) => sequence.subarray(this.length)),
      keep,
    )
    this.length = sequences[0]!.length
    return scores
  }

  /** The likeliest tokens that follow, of up to `most` steps; see Decoder.follow. */
  async follow(
    sequences: readonly Int32Array[],
    most: number,
    ends: readonly number[],
    forbidden: readonly number[],
  ): Promise<Int32Array[]> {
    const unread = sequences.map((sequence) => sequence.subarray(this.length))
    const steps = await this.decoder.follow!(unread, most, ends, forbidden)
    this.length = sequences[0]!.length + steps.length - 1
    return steps
  }

  /** Row i goes on from what was row rows[i]. */
  async reorder(rows: readonly number[]): Promise<void> {
    await this.decoder.reorder(rows)
  }

  /** Forgets what was read after the first `length` tokens. */
  crop(length: number) {
    if (length >= this.length) return
    this.decoder.crop(length)
    this.length = length
  }
}
