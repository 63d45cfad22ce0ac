/** @file Sound in passages that a model can take, each cut off where it is quietest, so that no word is; what was said in them. */
import { RATE, type Sound } from './sound'

/** What was said, and when, in seconds. */
export interface Word {
  /** With the space before it. */
  readonly text: string
  readonly start: number
  readonly end: number
}

export interface Passage {
  readonly start: number
  readonly end: number
  readonly words: readonly Word[]
  /** Whether nothing will be changed in it. */
  readonly final: boolean
  /** Milliseconds that the model took. */
  readonly took: number
}

/** Tells what is said in samples. */
export type Ear = (samples: Float32Array, firm: boolean) => Promise<readonly Word[]>

export interface Listening {
  /** Seconds of the longest passage. */
  readonly longest: number
  /** Whether to tell what was said so far, before a passage is full. */
  readonly live: boolean
  readonly signal: AbortSignal
}

/** A passage is cut in its last third. */
const EARLIEST_CUT = 2 / 3
/** How long a pause is that is looked for, and how exactly. In samples. */
const PAUSE = RATE / 5
const STEP = RATE / 100
/** In live sound, how much more there has to be for another look. In samples. */
const NEWS = RATE / 2
/** No word is shorter than that. In samples. */
const SHORTEST = RATE / 10
/** No microphone is as quiet as that when it is on. */
const SILENCE = 1e-4

/** The passages of a sound, in their order; of live sound each several times, until it is final. */
export async function* passagesOf(
  sound: Sound,
  ear: Ear,
  { longest, live, signal }: Listening,
): AsyncGenerator<Passage, void> {
  let start = 0
  let heard = 0
  for (;;) {
    const limit = start + Math.round(longest * RATE)
    await sound.reach(live ? Math.min(limit, heard + NEWS) : limit)
    signal.throwIfAborted()
    const to = Math.min(sound.length, limit)
    const last = sound.ended && to === sound.length
    if (last && to - start < SHORTEST) return
    const samples = sound.read(start, to)
    const final = last || to === limit
    const length = final && !last ? quietest(samples) : samples.length
    const began = performance.now()
    const part = samples.subarray(0, length)
    const words = isSilent(part) ? [] : await ear(part, final)
    const offset = start / RATE
    yield {
      start: offset,
      end: offset + length / RATE,
      words: words.map((word) => ({ ...word, start: word.start + offset, end: word.end + offset })),
      final,
      took: performance.now() - began,
    }
    heard = to
    if (!final) continue
    start += length
    heard = start
  }
}

const isSilent = (samples: Float32Array) => samples.every((value) => Math.abs(value) < SILENCE)

/** The middle of the quietest pause in the last third of samples. */
export function quietest(samples: Float32Array): number {
  const first = Math.floor(samples.length * EARLIEST_CUT)
  const energies: number[] = []
  for (let at = first; at + STEP <= samples.length; at += STEP) {
    let energy = 0
    for (let i = at; i < at + STEP; i++) energy += samples[i]! ** 2
    energies.push(energy)
  }
  const width = Math.min(PAUSE / STEP, energies.length)
  let [least, place] = [Number.POSITIVE_INFINITY, 0]
  for (let i = 0; i + width <= energies.length; i++) {
    let energy = 0
    for (let j = i; j < i + width; j++) energy += energies[j]!
    if (energy < least) [least, place] = [energy, i]
  }
  return first + Math.round((place + width / 2) * STEP)
}
