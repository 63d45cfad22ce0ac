/** @file Segments of what was said: a segment's text cut where tokens stand for times. */
import type { Segment } from '../outputs'

/** What one call of the model gave of one sound. */
export interface Written {
  /** Without what it began with, and without its end. */
  readonly tokens: Int32Array
  /** When each token begins, those that it began with among them. */
  readonly times?: Float32Array
  readonly result: Segment['result']
}

/** Where in a sound it lies. */
export interface Place {
  /** Seconds before it. */
  readonly offset: number
  readonly frames: number
  /** How many tokens it began with. */
  readonly promptLength: number
}

export interface Times {
  readonly timestamp_begin: number
  readonly time_precision: number
  readonly time_precision_features: number
}

/** Frames of a spectrogram that two tokens which stand for times are apart. */
const STRIDE = 2

/**
 * The segments of what was written, and how many frames they take: a segment that was cut off is left to the next call.
 * Like `_retrieve_segment`.
 */
export function segmentsOf(
  { tokens, times, result }: Written,
  { offset, frames, promptLength }: Place,
  { timestamp_begin, time_precision, time_precision_features }: Times,
): { segments: Segment[]; frames: number } {
  const isTime = (i: number) => i >= 0 && i < tokens.length && tokens[i]! >= timestamp_begin
  const steps = (token: number) => token - timestamp_begin
  const cut = (from: number, to: number, start: number, end: number): Segment => ({
    start: offset + start,
    end: offset + end,
    tokens: tokens.slice(from, to),
    ...(times && {
      token_timestamps: times.slice(promptLength + from, promptLength + to).map((time) => time + offset),
    }),
    idxs: [promptLength + from, promptLength + to],
    result,
  })
  const ends = Array.from(tokens.keys()).filter((i) => isTime(i - 1) && isTime(i))
  // Nothing is said after a time that stands alone at the end.
  const complete = isTime(tokens.length - 1) && !isTime(tokens.length - 2) && tokens.length > 1
  if (ends.length === 0) {
    const last = tokens.findLast((token) => token >= timestamp_begin)
    const whole = positionsIn(frames, time_precision_features, time_precision)
    const length = last === undefined || last === timestamp_begin ? whole : steps(last)
    return { segments: [cut(0, tokens.length, 0, length * time_precision)], frames }
  }
  // The time that ends the last segment shows that something follows it.
  const slices = complete ? [...ends, tokens.length] : ends.with(-1, ends.at(-1)! + 1)
  const segments = slices.map((to, i) => {
    const from = slices[i - 1] ?? 0
    const end = tokens[i === slices.length - 1 && !complete ? to - 2 : to - 1]!
    return cut(from, to, steps(tokens[from]!) * time_precision, steps(end) * time_precision)
  })
  const taken = complete ? frames : steps(tokens[slices.at(-1)! - 2]!) * STRIDE
  return { segments, frames: taken }
}

/** How many positions of one precision so many frames of another are, in single precision as torch has it. */
function positionsIn(frames: number, precision: number, wanted: number): number {
  const { fround } = Math
  return Math.trunc(fround(fround(frames * fround(precision)) / fround(wanted)))
}
