/** @file Sequences that grow by a token at a time. */

/** Rows of one length, with room for what is to come. */
export class Sequences {
  readonly #memory: Int32Array[]
  length: number

  constructor(starts: readonly Int32Array[], capacity: number) {
    this.length = starts[0]!.length
    this.#memory = starts.map((start) => {
      const row = new Int32Array(Math.max(capacity, start.length))
      row.set(start)
      return row
    })
  }

  /** The rows as they are now; later tokens do not show in them. */
  get rows(): Int32Array[] {
    return this.#memory.map((row) => row.subarray(0, this.length))
  }

  /** A token more for each row. */
  append(tokens: ArrayLike<number>) {
    for (const [i, row] of this.#memory.entries()) row[this.length] = tokens[i]!
    this.length++
  }
}

/** Each row several times, one after the other. */
export const repeated = <T>(rows: readonly T[], times: number): T[] =>
  rows.flatMap((row) => Array.from({ length: times }, () => row))

/** A sequence and a token more. */
export function extended(sequence: Int32Array, ...tokens: readonly number[]): Int32Array {
  const longer = new Int32Array(sequence.length + tokens.length)
  longer.set(sequence)
  longer.set(tokens, sequence.length)
  return longer
}

/** Sequences in memory of their own size: what is cloned for another thread is all the memory that an array lies in. */
export const compact = (sequences: readonly Int32Array[]): Int32Array[] =>
  sequences.map((sequence) => sequence.slice())
