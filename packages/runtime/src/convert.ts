/** @file A checkpoint's numbers in the type a graph wants them in. */
import { fromFloat16 } from '@webformers/graph'
import type { CheckpointDType } from '@webformers/hub'

/** Each of the 65,536 half-precision numbers in single precision; made when first needed. */
let halves: Float32Array | undefined
const halfTable = () => (halves ??= Float32Array.from({ length: 65536 }, (_, half) => fromFloat16(half)))

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

/** A matrix of so many rows, its columns for rows. */
export function transposeMatrix(values: Float32Array, rows: number): Float32Array<ArrayBuffer> {
  const columns = values.length / rows
  const turned = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = values[row * columns + column]!
  }
  return turned
}
