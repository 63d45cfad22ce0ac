/** @file A checkpoint's numbers in the type a graph wants them in. */
import type { CheckpointDType } from '@webformers/hub'

const bits = new Uint32Array(1)
const single = new Float32Array(bits.buffer)

/** Each of the 65,536 half-precision numbers in single precision; made when first needed. */
let halves: Float32Array | undefined
const halfTable = () => (halves ??= Float32Array.from({ length: 65536 }, (_, half) => fromHalf(half)))

function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const [exponent, mantissa] = [(half >> 10) & 31, half & 1023]
  if (exponent === 0) return sign * mantissa * 2 ** -24
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15)
}

/** Floating point of a checkpoint in single precision; undefined where the type holds none. */
export function toFloat32(
  bytes: Uint8Array<ArrayBuffer>,
  dtype: CheckpointDType,
): Float32Array<ArrayBuffer> | undefined {
  const { buffer, byteOffset, byteLength } = aligned(bytes)
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer, byteOffset, byteLength / 4)
    case 'F64':
      return Float32Array.from(new Float64Array(buffer, byteOffset, byteLength / 8))
    case 'F16': {
      const [table, half] = [halfTable(), new Uint16Array(buffer, byteOffset, byteLength / 2)]
      const values = new Float32Array(half.length)
      for (let i = 0; i < half.length; i++) values[i] = table[half[i]!]!
      return values
    }
    case 'BF16': {
      const upper = new Uint16Array(buffer, byteOffset, byteLength / 2)
      const words = new Uint32Array(upper.length)
      for (let i = 0; i < upper.length; i++) words[i] = upper[i]! << 16
      return new Float32Array(words.buffer)
    }
    default:
      return undefined
  }
}

/** The same bytes at an address that any number can lie at. */
const aligned = (bytes: Uint8Array<ArrayBuffer>) => (bytes.byteOffset % 8 === 0 ? bytes : bytes.slice())

/** The bits of the nearest half-precision numbers, ties to even; beyond their range the largest finite one. */
export function toFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
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

/** One scale a row: its greatest magnitude over 127; a row of zeros has the scale 1. */
export function rowScales(values: Float32Array, rows: number): Float32Array<ArrayBuffer> {
  const width = values.length / rows
  const scales = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    let greatest = 0
    for (let i = row * width; i < (row + 1) * width; i++) greatest = Math.max(greatest, Math.abs(values[i]!))
    scales[row] = greatest / 127 || 1
  }
  return scales
}

/** Rows divided by their scales and rounded to 8 bits, optionally transposed. */
export function quantizeRows(
  values: Float32Array,
  scales: Float32Array,
  transpose: boolean,
): Int8Array<ArrayBuffer> {
  const [rows, width] = [scales.length, values.length / scales.length]
  const quantized = new Int8Array(values.length)
  const [rowStep, columnStep] = transpose ? [1, rows] : [width, 1]
  for (let row = 0; row < rows; row++) {
    const inverse = 1 / scales[row]!
    for (let column = 0; column < width; column++) {
      quantized[row * rowStep + column * columnStep] = Math.round(values[row * width + column]! * inverse)
    }
  }
  return quantized
}
