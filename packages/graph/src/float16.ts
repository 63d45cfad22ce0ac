/** @file Half precision in JavaScript, which not every browser has arrays for. */

const single = new Float32Array(1)
const bits = new Uint32Array(single.buffer)

/** The bits of the nearest half-precision number, ties to even; beyond its range the largest finite one. */
export function float16(value: number): number {
  single[0] = Math.max(-65504, Math.min(65504, value))
  const [x] = bits as unknown as [number]
  const sign = (x >>> 16) & 0x8000
  const exponent = ((x >>> 23) & 0xff) - 112
  const mantissa = x & 0x7fffff
  if (Number.isNaN(value)) return 0x7e00
  if (exponent < -10) return sign
  const shift = exponent <= 0 ? 14 - exponent : 13
  const whole = exponent <= 0 ? mantissa | 0x800000 : (exponent << 23) | mantissa
  const half = 1 << (shift - 1)
  const rest = whole & ((1 << shift) - 1)
  const truncated = whole >>> shift
  return sign | (truncated + Number(rest > half || (rest === half && (truncated & 1) === 1)))
}
