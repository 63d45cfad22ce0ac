/** @file What an encoder gave, kept for the next generation over the same: a text is tried again at another temperature, its language
 * found before it is written down. */
import type { PlainTensors } from '../tensor'
import { mapTensors, rowsOf } from './cache/host-cache'

/** What the encoder of several generations reads. */
export interface Encoding {
  /** The same for the same inputs. */
  readonly id: number
  /** Which rows of these a generation is of; all of them where it is left out. */
  readonly rows?: readonly number[]
}

/** Keeps what was encoded last. */
export class Encodings {
  #last: { readonly id: number; readonly encoded: Promise<PlainTensors> } | undefined

  /** What the encoder gave, or gives now. */
  async of(encoding: Encoding | undefined, encode: () => Promise<PlainTensors>): Promise<PlainTensors> {
    if (!encoding) return encode()
    const { id, rows } = encoding
    if (this.#last?.id !== id) {
      const encoded = encode()
      this.#last = { id, encoded }
      encoded.catch(() => this.release())
    }
    const encoded = await this.#last!.encoded
    return rows ? mapTensors(encoded, (x) => rowsOf(x, rows)) : encoded
  }

  release() {
    this.#last = undefined
  }
}
