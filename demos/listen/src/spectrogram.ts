/** @file How loud each band of a sound is, a hundred times a second: Whisper's log-mel features, a byte for each. */
import { WhisperFeatureExtractor } from 'webformers'
import { RATE, type Sound } from './sound'

export const MELS = 80
/** Samples from one frame to the next. */
const HOP = 160
export const FRAMES = RATE / HOP // a second
/** Frames that a piece is read with on either side, so that its own are those of the whole sound. */
const MARGIN = 2
/** Frames of a piece: at least, while more come, and at most. */
const FEWEST = 20
const MOST = 500
/** Frames that are kept together. */
const BLOCK = 1000
/** Levels are powers of ten from here to there. */
export const LOWEST = -10
const HIGHEST = 3
/** Bytes for a power of ten. */
export const SCALE = 255 / (HIGHEST - LOWEST)

export class Spectrogram {
  readonly #blocks: Uint8Array[] = []
  #frames = 0
  #loudest = 0

  get frames(): number {
    return this.#frames
  }

  /** The highest level so far. */
  get loudest(): number {
    return this.#loudest
  }

  /** From the lowest band to the highest. */
  frame(frame: number): Uint8Array {
    const at = (frame % BLOCK) * MELS
    return this.#blocks[Math.floor(frame / BLOCK)]!.subarray(at, at + MELS)
  }

  /** Take a sound in as it comes, in pieces. @param told after each of them */
  async follow(sound: Sound, told: () => void, signal: AbortSignal): Promise<void> {
    const extract = await WhisperFeatureExtractor.fromConfig({ feature_size: MELS, sampling_rate: RATE })
    for (;;) {
      const from = this.#frames
      await sound.reach((from + FEWEST + MARGIN) * HOP)
      signal.throwIfAborted()
      const available = Math.floor(sound.length / HOP) - (sound.ended ? 0 : MARGIN)
      const to = Math.min(available, from + MOST)
      if (to <= from && sound.ended) return
      const first = Math.max(0, from - MARGIN)
      const array = sound.read(first * HOP, Math.min(sound.length, (to + MARGIN) * HOP))
      const options = { padding: 'longest', truncation: false, signal } as const
      const { input_features } = await extract({ array, sampling_rate: RATE }, options)
      this.#take(input_features.data, input_features.shape[2]!, from - first, to - from)
      told()
    }
  }

  /** @param values [bands, frames], of which some frames are taken */
  #take(values: Float32Array, columns: number, first: number, count: number) {
    for (let column = first; column < first + count; column++) {
      if (this.#frames % BLOCK === 0) this.#blocks.push(new Uint8Array(BLOCK * MELS))
      const bytes = this.frame(this.#frames++)
      for (let mel = 0; mel < MELS; mel++) {
        const level = values[mel * columns + column]! * 4 - 4 // features are levels + 4, by 4
        bytes[mel] = Math.round(Math.max(0, Math.min(255, (level - LOWEST) * SCALE)))
        if (bytes[mel]! > this.#loudest) this.#loudest = bytes[mel]!
      }
    }
  }
}

/** Up to 1,000 Hz the mel scale is linear, above it a factor of 6.4 is 27 mel. */
const mel = (hertz: number) =>
  hertz < 1000 ? (3 * hertz) / 200 : 15 + (27 * Math.log(hertz / 1000)) / Math.log(6.4)

/** How far up a frequency lies, from 0 to 1. */
export const heightOf = (hertz: number): number => ((mel(hertz) / mel(8000)) * (MELS + 1) - 0.5) / MELS
