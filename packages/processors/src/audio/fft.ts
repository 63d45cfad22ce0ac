/** @file The Fourier transform of frames of any length: mixed radices, so that 400 samples cost no more than they must. */

/** One pass over the data, which splits transforms of length `radix * rest` into `radix` times as many of length `rest`. */
interface Stage {
  readonly radix: number
  readonly rest: number
  readonly stride: number
  /** e^(-2πi·pk / (radix·rest)) at [p·radix + k]. */
  readonly cos: Float64Array
  readonly sin: Float64Array
}

/** Complex transforms of one length, made once and used for every frame. */
export class FourierTransform {
  /** The values that are transformed, and then what they became. */
  re: Float64Array
  im: Float64Array
  #otherRe: Float64Array
  #otherIm: Float64Array
  readonly #stages: readonly Stage[]

  constructor(readonly length: number) {
    this.re = new Float64Array(length)
    this.im = new Float64Array(length)
    this.#otherRe = new Float64Array(length)
    this.#otherIm = new Float64Array(length)
    this.#stages = stagesOf(length)
  }

  /** Transform `re` and `im`. The arrays change their places: ask for them anew. */
  transform(): void {
    for (const stage of this.#stages) {
      butterflies[stage.radix]?.(stage, this.re, this.im, this.#otherRe, this.#otherIm) ??
        anyButterfly(stage, this.re, this.im, this.#otherRe, this.#otherIm)
      const { re, im } = this
      this.re = this.#otherRe
      this.im = this.#otherIm
      this.#otherRe = re
      this.#otherIm = im
    }
  }
}

/** Fours first: they need the fewest multiplications. */
function radicesOf(length: number): number[] {
  const radices: number[] = []
  let rest = length
  for (const radix of [4, 5, 3, 2]) {
    while (rest % radix === 0) {
      radices.push(radix)
      rest /= radix
    }
  }
  for (let factor = 7; rest > 1; factor += 2) {
    while (rest % factor === 0) {
      radices.push(factor)
      rest /= factor
    }
  }
  return radices
}

function stagesOf(length: number): Stage[] {
  let [remaining, stride] = [length, 1]
  return radicesOf(length).map((radix) => {
    const rest = remaining / radix
    const cos = new Float64Array(remaining)
    const sin = new Float64Array(remaining)
    for (let p = 0; p < rest; p++) {
      for (let k = 0; k < radix; k++) {
        const angle = (-2 * Math.PI * ((p * k) % remaining)) / remaining
        cos[p * radix + k] = Math.cos(angle)
        sin[p * radix + k] = Math.sin(angle)
      }
    }
    const stage = { radix, rest, stride, cos, sin }
    remaining = rest
    stride *= radix
    return stage
  })
}

type Butterfly = (
  stage: Stage,
  re: Float64Array,
  im: Float64Array,
  toRe: Float64Array,
  toIm: Float64Array,
) => true

const butterflies: Readonly<Record<number, Butterfly>> = {
  2: ({ rest, stride, cos, sin }, re, im, toRe, toIm) => {
    const second = stride * rest
    for (let p = 0; p < rest; p++) {
      const c = cos[p * 2 + 1]!
      const s = sin[p * 2 + 1]!
      for (let q = 0; q < stride; q++) {
        const a = p * stride + q
        const b = a + second
        const to = p * 2 * stride + q
        const dr = re[a]! - re[b]!
        const di = im[a]! - im[b]!
        toRe[to] = re[a]! + re[b]!
        toIm[to] = im[a]! + im[b]!
        toRe[to + stride] = dr * c - di * s
        toIm[to + stride] = dr * s + di * c
      }
    }
    return true
  },

  4: ({ rest, stride, cos, sin }, re, im, toRe, toIm) => {
    const quarter = stride * rest
    for (let p = 0; p < rest; p++) {
      const [c1, s1] = [cos[p * 4 + 1]!, sin[p * 4 + 1]!]
      const [c2, s2] = [cos[p * 4 + 2]!, sin[p * 4 + 2]!]
      const [c3, s3] = [cos[p * 4 + 3]!, sin[p * 4 + 3]!]
      for (let q = 0; q < stride; q++) {
        const a = p * stride + q
        const b = a + quarter
        const c = b + quarter
        const d = c + quarter
        const to = p * 4 * stride + q
        const acr = re[a]! + re[c]!
        const aci = im[a]! + im[c]!
        const amr = re[a]! - re[c]!
        const ami = im[a]! - im[c]!
        const bdr = re[b]! + re[d]!
        const bdi = im[b]! + im[d]!
        const bmr = re[b]! - re[d]!
        const bmi = im[b]! - im[d]!
        toRe[to] = acr + bdr
        toIm[to] = aci + bdi
        const r1 = amr + bmi
        const i1 = ami - bmr
        toRe[to + stride] = r1 * c1 - i1 * s1
        toIm[to + stride] = r1 * s1 + i1 * c1
        const r2 = acr - bdr
        const i2 = aci - bdi
        toRe[to + 2 * stride] = r2 * c2 - i2 * s2
        toIm[to + 2 * stride] = r2 * s2 + i2 * c2
        const r3 = amr - bmi
        const i3 = ami + bmr
        toRe[to + 3 * stride] = r3 * c3 - i3 * s3
        toIm[to + 3 * stride] = r3 * s3 + i3 * c3
      }
    }
    return true
  },

  5: ({ rest, stride, cos, sin }, re, im, toRe, toIm) => {
    const fifth = stride * rest
    for (let p = 0; p < rest; p++) {
      const w = p * 5
      for (let q = 0; q < stride; q++) {
        const a = p * stride + q
        const b = a + fifth
        const c = b + fifth
        const d = c + fifth
        const e = d + fifth
        const to = p * 5 * stride + q
        const ber = re[b]! + re[e]!
        const bei = im[b]! + im[e]!
        const bmr = re[b]! - re[e]!
        const bmi = im[b]! - im[e]!
        const cdr = re[c]! + re[d]!
        const cdi = im[c]! + im[d]!
        const cmr = re[c]! - re[d]!
        const cmi = im[c]! - im[d]!
        const ar = re[a]!
        const ai = im[a]!
        toRe[to] = ar + ber + cdr
        toIm[to] = ai + bei + cdi
        const m1r = ar + COS1 * ber + COS2 * cdr
        const m1i = ai + COS1 * bei + COS2 * cdi
        const m2r = ar + COS2 * ber + COS1 * cdr
        const m2i = ai + COS2 * bei + COS1 * cdi
        const n1r = SIN1 * bmr + SIN2 * cmr
        const n1i = SIN1 * bmi + SIN2 * cmi
        const n2r = SIN2 * bmr - SIN1 * cmr
        const n2i = SIN2 * bmi - SIN1 * cmi
        turn(toRe, toIm, to + stride, m1r + n1i, m1i - n1r, cos[w + 1]!, sin[w + 1]!)
        turn(toRe, toIm, to + 2 * stride, m2r + n2i, m2i - n2r, cos[w + 2]!, sin[w + 2]!)
        turn(toRe, toIm, to + 3 * stride, m2r - n2i, m2i + n2r, cos[w + 3]!, sin[w + 3]!)
        turn(toRe, toIm, to + 4 * stride, m1r - n1i, m1i + n1r, cos[w + 4]!, sin[w + 4]!)
      }
    }
    return true
  },
}

const COS1 = Math.cos((2 * Math.PI) / 5)
const COS2 = Math.cos((4 * Math.PI) / 5)
const SIN1 = Math.sin((2 * Math.PI) / 5)
const SIN2 = Math.sin((4 * Math.PI) / 5)

/** Store a complex number times another. */
function turn(
  toRe: Float64Array,
  toIm: Float64Array,
  at: number,
  r: number,
  i: number,
  c: number,
  s: number,
): void {
  toRe[at] = r * c - i * s
  toIm[at] = r * s + i * c
}

/** By the definition: for the lengths that audio rarely has. */
const anyButterfly: Butterfly = ({ radix, rest, stride, cos, sin }, re, im, toRe, toIm) => {
  const part = stride * rest
  for (let p = 0; p < rest; p++) {
    for (let q = 0; q < stride; q++) {
      for (let k = 0; k < radix; k++) {
        let [r, i] = [0, 0]
        for (let j = 0; j < radix; j++) {
          const angle = (-2 * Math.PI * ((j * k) % radix)) / radix
          const [c, s] = [Math.cos(angle), Math.sin(angle)]
          const from = p * stride + q + j * part
          r += re[from]! * c - im[from]! * s
          i += re[from]! * s + im[from]! * c
        }
        turn(toRe, toIm, p * radix * stride + q + k * stride, r, i, cos[p * radix + k]!, sin[p * radix + k]!)
      }
    }
  }
  return true
}
