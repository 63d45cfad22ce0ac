/** @file What a microphone has heard, as a WAV file to play; the browser may keep its parts on a disk. */
import { RATE } from './sound'

/** Samples in a part. */
const PART = 10 * RATE

const HEADER = 44

export class Recording {
  readonly #parts: Blob[] = []
  #part = new Int16Array(PART)
  #filled = 0

  add(samples: Float32Array): void {
    for (const sample of samples) {
      this.#part[this.#filled++] = Math.round(Math.max(-1, Math.min(1, sample)) * 0x7fff)
      if (this.#filled === PART) this.#keep()
    }
  }

  /** All of it, with 16 bits for each sample. */
  file(): Blob {
    this.#keep()
    const bytes = this.#parts.reduce((sum, { size }) => sum + size, 0)
    return new Blob([header(bytes), ...this.#parts], { type: 'audio/wav' })
  }

  #keep() {
    if (this.#filled > 0) this.#parts.push(new Blob([this.#part.slice(0, this.#filled)]))
    this.#filled = 0
  }
}

function header(bytes: number): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(HEADER))
  const text = (at: number, letters: string) => {
    for (const [i, letter] of [...letters].entries()) view.setUint8(at + i, letter.charCodeAt(0))
  }
  text(0, 'RIFF')
  view.setUint32(4, HEADER - 8 + bytes, true)
  text(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true) // whole numbers
  view.setUint16(22, 1, true) // one channel
  view.setUint32(24, RATE, true)
  view.setUint32(28, RATE * 2, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  text(36, 'data')
  view.setUint32(40, bytes, true)
  return view.buffer
}
