/** @file What a resize is told. */
import type { Resampling, Span } from './filters'

export interface Resizing {
  readonly width: number
  readonly height: number
  readonly resample: Resampling
  /** The part of the image that is resized, in fractions of pixels. Default: all of it. */
  readonly box?: { readonly x: Span; readonly y: Span }
  /** The part of the result that is asked for; the rest is not computed. Default: all of it. */
  readonly window?: { readonly x: Span; readonly y: Span }
  readonly signal?: AbortSignal
}

/** The part of the result that is asked for. */
export const windowOf = ({ width, height, window }: Resizing) =>
  window ?? { x: { start: 0, end: width }, y: { start: 0, end: height } }
