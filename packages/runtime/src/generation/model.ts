/** @file What strategies of generation know of a model: it reads tokens and scores what may come next. */
import type { PlainTensors } from '../tensor'

/** A model that goes on from what it has read. */
export interface Decoder {
  /** How many tokens it scores. */
  readonly vocabulary: number
  /**
   * Reads `tokens`, [rows][n], after what each row has read, and scores what comes after the last `keep` of them:
   * [rows × keep × vocabulary]. The caller may change the scores. `keep` is 1 where nobody says otherwise.
   */
  read(tokens: readonly Int32Array[], keep?: number): Promise<Float32Array>
  /** Row i goes on from what was row rows[i]; there may be more rows than before, or fewer. */
  reorder(rows: readonly number[]): Promise<void>
  /** Forgets all but the first `length` tokens of each row. */
  crop(length: number): void
  /** What the last reading gave besides scores, as it was asked for when the decoder was made: hidden states, attentions. */
  outputs?(): PlainTensors
}

/** One that also tells its last hidden states, by which contrastive search compares tokens. */
export interface HiddenDecoder extends Decoder {
  readonly width: number
  /** Of what the last `read` read: [rows × n × width]. */
  hidden(): Float32Array
}

/** One whose head also scores by the hidden states of early layers, as DoLa wants. */
export interface LayeredDecoder extends Decoder {
  /** What each of the layers asked for would say comes next, after the last `read`: [rows × vocabulary] each. */
  early(): readonly Float32Array[]
}
