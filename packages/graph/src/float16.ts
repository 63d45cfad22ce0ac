/** @file Half precision in JavaScript, which not every browser has arrays for. */

const single = new Float32Array(1)
const bits = new Uint32Array(single.buffer)

/** The bits of the nearest half-precision numbers, ties to even; beyond their range the largest finite one. */
export function toFloat16(values: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  const halves = new Uint16Array(values.length)
  for (let i = 0; i < values.length; i++) {
    single[0] = Math.max(-65504, Math.min(65504, values[i]!))
    const x = bits[0]!
    const sign = (x >>> 16) & 0x8000
    const exponent = ((x >>> 23) & 255) - 112
    const mantissa = x & 0x7fffff
    if ((x & 0x7fffffff) > 0x7f800000) halves[i] = 0x7e00
    else if (exponent < -10) halves[i] = sign
    else {
      const shift = exponent > 0 ? 13 : 14 - exponent
      const whole = exponent > 0 ? (exponent << 23) | mantissa : mantissa | 0x800000
      // Adding half a step, less one where the kept part is even, makes the shift round to nearest, ties to even.
      halves[i] = sign | ((whole + (1 << (shift - 1)) - 1 + ((whole >>> shift) & 1)) >>> shift)
    }
  }
  return halves
}

/** The number that 16 bits of half precision stand for. */
export function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const [exponent, mantissa] = [(half >> 10) & 31, half & 1023]
  if (exponent === 0) return sign * mantissa * 2 ** -24
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15)
}
