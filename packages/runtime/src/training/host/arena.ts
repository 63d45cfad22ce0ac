/** @file Memory for vectors that kernels of WebAssembly work on; all of it is given back at once. */
import { OutOfMemoryError } from '../../errors'
import { TRAINING_MEMORY } from '../advice'

const PAGE = 65536
/** Four numbers of 32 bits. */
const ALIGNMENT = 16

const aligned = (length: number) => Math.ceil((length * 4) / ALIGNMENT) * ALIGNMENT

export class Arena {
  readonly memory: WebAssembly.Memory
  #used = 0

  /**
   * @param lengths of the vectors that are going to be taken
   * @throws {OutOfMemoryError}
   */
  constructor(lengths: readonly number[]) {
    const bytes = lengths.reduce((sum, length) => sum + aligned(length), 0)
    const pages = Math.ceil(bytes / PAGE)
    try {
      this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    } catch (cause) {
      throw new OutOfMemoryError(
        `The weights and what the optimizer remembers of them need ${(bytes / 1e9).toFixed(2)} GB, which can't be had. ${TRAINING_MEMORY}`,
        { cause },
      )
    }
  }

  /** A vector of zeros. */
  take(length: number): Float32Array<ArrayBuffer> {
    const vector = new Float32Array(this.memory.buffer as ArrayBuffer, this.#used, length)
    this.#used += aligned(length)
    return vector
  }
}
