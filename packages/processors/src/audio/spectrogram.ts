/** @file Mel spectrograms: frames of sound, their spectra, and the energy in each band of frequencies. */
import { breather } from '@webformers/hub'
import { FourierTransform } from './fft'
import type { MelFilter } from './mel'

export interface SpectrogramPlan {
  /** As long as a frame. */
  readonly window: Float64Array
  /** A longer one than the window is filled with zeros. Default: the window's length. */
  readonly fftLength?: number
  readonly hopLength: number
  /** Whether a frame lies around its time, the sound mirrored at both ends, or begins there. */
  readonly center: boolean
  readonly removeDcOffset?: boolean
  readonly preemphasis?: number
  readonly filters: readonly MelFilter[]
}

/** A bell from 0 to 0; a periodic one leaves out the last 0. Like `window_function(…, "hann")` in Python. */
export const hann = (length: number, { periodic = true } = {}): Float64Array =>
  Float64Array.from({ length }, (_, i) => {
    const turns = i / (periodic ? length : length - 1)
    return 0.5 - 0.5 * Math.cos(2 * Math.PI * turns)
  })

/** How many frames a sound has. */
export function frameCount(samples: number, { window, hopLength, center }: SpectrogramPlan): number {
  const padded = center ? samples + 2 * Math.floor(window.length / 2) : samples
  return Math.max(0, 1 + Math.floor((padded - window.length) / hopLength))
}

/** Told of a frame's energies in each band; the array is the next frame's, too. */
export type OnFrame = (frame: number, energies: Float64Array) => void

/** Frames between two looks at the clock. */
const SLICE = 16

/** The energies of each frame's spectrum in each band, a power spectrum's. Like `spectrogram(…, power=2.0)` in Python.
 *
 * Two frames are transformed at once, one as the real and one as the imaginary part. Frames of silence are not transformed.
 */
export async function melEnergies(
  sound: Float32Array,
  plan: SpectrogramPlan,
  onFrame: OnFrame,
  signal?: AbortSignal,
): Promise<void> {
  const { window, fftLength = window.length, filters } = plan
  const frames = frameCount(sound.length, plan)
  const transform = new FourierTransform(fftLength)
  const cut = cutter(sound, plan)
  const bins = fftLength / 2 + 1
  const powers = [new Float64Array(bins), new Float64Array(bins)] as const
  const energies = new Float64Array(filters.length)
  const breathe = breather(signal)
  for (let frame = 0; frame < frames; frame += 2) {
    const [even, odd] = [cut(frame, transform.re), cut(frame + 1, transform.im)]
    if (even || odd) {
      transform.transform()
      split(transform, powers)
    } else for (const power of powers) power.fill(0)
    for (let i = 0; i < 2 && frame + i < frames; i++) {
      through(filters, powers[i]!, energies)
      onFrame(frame + i, energies)
    }
    if (frame % SLICE === 0) await breathe()
  }
}

/** Put a windowed frame into an array; whether there is any sound in it. */
function cutter(
  sound: Float32Array,
  { window, hopLength, center, removeDcOffset = false, preemphasis = 0 }: SpectrogramPlan,
) {
  const size = window.length
  const before = center ? Math.floor(size / 2) : 0
  const { length } = sound
  const period = Math.max(1, 2 * (length - 1))
  /** The sound goes back and forth beyond its ends. */
  const mirrored = (i: number) => {
    const place = ((i % period) + period) % period
    return sound[place < length ? place : period - place]!
  }
  return (frame: number, to: Float64Array): boolean => {
    const start = frame * hopLength - before
    const inside = start >= 0 && start + size <= length
    let heard = false
    if (!center && start >= length) return to.fill(0) && false
    for (let i = 0; i < size; i++) {
      const value = inside ? sound[start + i]! : mirrored(start + i)
      to[i] = value
      heard ||= value !== 0
    }
    to.fill(0, size)
    if (!heard) return false
    if (removeDcOffset) {
      let sum = 0
      for (let i = 0; i < size; i++) sum += to[i]!
      for (let i = 0; i < size; i++) to[i]! -= sum / size
    }
    if (preemphasis !== 0) {
      for (let i = size - 1; i > 0; i--) to[i]! -= preemphasis * to[i - 1]!
      to[0]! *= 1 - preemphasis
    }
    for (let i = 0; i < size; i++) to[i]! *= window[i]!
    return true
  }
}

/** The power spectra of the two real signals that were transformed as one complex signal. */
function split({ re, im, length }: FourierTransform, [even, odd]: readonly [Float64Array, Float64Array]) {
  for (let k = 0; k < even.length; k++) {
    const mirror = k === 0 ? 0 : length - k
    const sumRe = re[k]! + re[mirror]!
    const sumIm = im[k]! + im[mirror]!
    const differenceRe = re[k]! - re[mirror]!
    const differenceIm = im[k]! - im[mirror]!
    even[k] = (sumRe * sumRe + differenceIm * differenceIm) / 4
    odd[k] = (sumIm * sumIm + differenceRe * differenceRe) / 4
  }
}

function through(filters: readonly MelFilter[], power: Float64Array, energies: Float64Array): void {
  for (let i = 0; i < filters.length; i++) {
    const { first, weights } = filters[i]!
    let sum = 0
    for (let j = 0; j < weights.length; j++) sum += weights[j]! * power[first + j]!
    energies[i] = sum
  }
}
