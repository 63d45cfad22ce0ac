/** @file What strategies of generation know of a model: it reads tokens and scores what may come next. */
import type { PlainTensors } from '../tensor'

/** A model that goes on from what it has read. */
export interface Decoder {
  /** How many tokens it scores. */
  readonly vocabulary: number
  /** How many tokens of each row it has read; none where it is left out. */
  readonly length?: number
  /**
   * Reads `tokens`, [rows][n], after what each row has read, and scores what comes after the last `keep` of them:
   * [rows × keep × vocabulary]. The caller may change the scores. `keep` is 1 where nobody says otherwise.
   */
  read(tokens: readonly Int32Array[], keep?: number): Promise<Float32Array>
  /**
   * Reads `tokens`, goes on with the likeliest token, and so on in one run: the tokens of each step, one for each row. It ends after
   * `most` steps, or when a row comes to one of `ends`. The last tokens are not read yet. None of `forbidden` is chosen.
   */
  follow?(
    tokens: readonly Int32Array[],
    most: number,
    ends: readonly number[],
    forbidden?: readonly number[],
  ): Promise<Int32Array[]>
  /** Whether it knows of tokens that `follow` must not choose. */
  readonly forbids?: boolean
  /** Row i goes on from what was row rows[i]; there may be more rows than before, or fewer. */
  reorder(rows: readonly number[]): Promise<void>
  /** Forgets all but the first `length` tokens of each row. */
  crop(length: number): void
  /** Nothing more is to be read. */
  release?(): void
  /** What the last reading gave besides scores, as it was asked for when the decoder was made: hidden states, attentions. */
  outputs?(): PlainTensors
}
