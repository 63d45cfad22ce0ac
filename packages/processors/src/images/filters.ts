/** @file The filters of Pillow's `Image.resize`, and their weights in fixed point, as Pillow computes them. */

/** Pillow's resampling filters, by the numbers that preprocessor_config.json has. */
export const RESAMPLING = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'] as const
export type Resampling = (typeof RESAMPLING)[number]

/** A filter of unit scale: its weight at a distance, and the distance from which on it is 0. */
interface Filter {
  readonly support: number
  weight(x: number): number
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI))
const A = -0.5

export const filters: Record<Exclude<Resampling, 'nearest'>, Filter> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: {
    support: 1,
    weight(x) {
      const [d, angle] = [Math.abs(x), Math.abs(x) * Math.PI]
      if (d === 0) return 1
      return d >= 1 ? 0 : (Math.sin(angle) / angle) * (0.54 + 0.46 * Math.cos(angle))
    },
  },
  bicubic: {
    support: 2,
    weight(x) {
      const d = Math.abs(x)
      if (d < 1) return ((A + 2) * d - (A + 3)) * d * d + 1
      return d < 2 ? (((d - 5) * d + 8) * d - 4) * A : 0
    },
  },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
}

/** Bits after the point in a weight: 32, less 8 of a pixel and 2 for filters that overshoot. */
export const PRECISION = 22

/** For each output position along one axis the input positions it is made of, and their weights. */
export interface Taps {
  readonly starts: Int32Array
  readonly counts: Int32Array
  /** Position i's weights begin at `i * stride`. */
  readonly weights: Int32Array
  readonly stride: number
}

/** A stretch of an axis: what is resized, or what of the result is asked for. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * The weights of `span` among `outputs` positions, when the stretch `box` of `inputs` positions is resized to them.
 * A shrinking filter widens by the scale: that is Pillow's antialiasing.
 */
export function tapsOf(
  name: Exclude<Resampling, 'nearest'>,
  inputs: number,
  box: Span,
  outputs: number,
  span: Span = { start: 0, end: outputs },
): Taps {
  const { support: reach, weight } = filters[name]
  const scale = (box.end - box.start) / outputs
  const widened = Math.max(scale, 1)
  const narrowing = 1 / widened // a product, as Pillow has it: the box filter jumps where a quotient may differ
  const support = reach * widened
  const stride = Math.ceil(support) * 2 + 1
  const size = span.end - span.start
  const taps = {
    starts: new Int32Array(size),
    counts: new Int32Array(size),
    weights: new Int32Array(size * stride),
    stride,
  }
  const exact = new Float64Array(stride)
  for (let i = 0; i < size; i++) {
    const center = box.start + (span.start + i + 0.5) * scale
    const start = Math.max(0, Math.trunc(center - support + 0.5))
    const count = Math.min(inputs, Math.trunc(center + support + 0.5)) - start
    let sum = 0
    for (let t = 0; t < count; t++) {
      exact[t] = weight((t + start - center + 0.5) * narrowing)
      sum += exact[t]!
    }
    taps.starts[i] = start
    taps.counts[i] = count
    for (let t = 0; t < count; t++)
      taps.weights[i * stride + t] = fixed(sum === 0 ? exact[t]! : exact[t]! / sum)
  }
  return taps
}

/** To the nearest, halves away from zero. */
const fixed = (weight: number) => Math.trunc(weight * 2 ** PRECISION + (weight < 0 ? -0.5 : 0.5))
