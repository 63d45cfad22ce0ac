/** @file Samples that come piece by piece, and can be read until nobody needs them any more. */

/** Samples a second of all sound here. */
export const RATE = 16_000

interface Block {
  readonly start: number
  readonly samples: Float32Array
}

export class Sound {
  #blocks: Block[] = []
  #waiting: (() => void)[] = []
  #length = 0
  #ended = false

  /** How many samples there were so far. */
  get length(): number {
    return this.#length
  }

  /** Whether no more will come. */
  get ended(): boolean {
    return this.#ended
  }

  append(samples: Float32Array): void {
    if (this.#ended) return
    this.#blocks.push({ start: this.#length, samples })
    this.#length += samples.length
    this.#wake()
  }

  end(): void {
    this.#ended = true
    this.#wake()
  }

  /** Resolves as soon as there are so many samples, or no more will come. */
  async reach(length: number): Promise<void> {
    while (this.#length < length && !this.#ended)
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
  }

  /** Samples that nobody has forgotten: a part of what was appended where that holds all of them, or else a copy. */
  read(from: number, to: number): Float32Array {
    const within = this.#blocks.filter(({ start, samples }) => start < to && start + samples.length > from)
    const parts = within.map(({ start, samples }) => samples.subarray(Math.max(0, from - start), to - start))
    if (parts.length === 1) return parts[0]!
    const whole = new Float32Array(to - from)
    let at = 0
    for (const part of parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }

  /** Let go of what lies before a sample. */
  forget(before: number): void {
    this.#blocks = this.#blocks.filter(({ start, samples }) => start + samples.length > before)
  }

  #wake() {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
