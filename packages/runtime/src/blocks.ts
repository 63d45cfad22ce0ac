/** @file Matrices in blocks of 32 numbers that share a scale, as GGUF has them, and as the kernels of a GPU take them. */
import { BLOCK, type BlockType, toFloat16 } from '@webformers/graph'
import { toFloat32 } from './convert'

/** Blocks as MatMulNBits takes them; a number is its quant less the type's zero point, times its block's scale. */
export interface Blocks {
  /** Row by row; of two quants of 4 bits in a byte the lower four bits are the first. */
  readonly quants: Uint8Array<ArrayBuffer>
  /** One for each block, numbers that half precision has. */
  readonly scales: Float32Array<ArrayBuffer>
  /** What a quant of zero stands for in each block, where that is a number of its own. */
  readonly minimums?: Float32Array<ArrayBuffer>
}

/** The quant that stands for zero; MatMulNBits supposes so of all. */
const zeroPoints: { readonly [T in BlockType]: number } = { Q8_0: 128, Q4_0: 8, Q4_1: 8 }

/**
 * Numbers in blocks, rounded as GGUF's reference rounds them. Like `gguf.quants.quantize` in Python.
 * @example
 * quantizeBlocks(Float32Array.from({ length: 32 }, (_, i) => i - 8), 'Q4_0').scales // [-2.875]
 */
export function quantizeBlocks(values: Float32Array, type: BlockType): Blocks {
  const count = values.length / BLOCK
  const [steps, minimums] = [new Float32Array(count), new Float32Array(count)]
  const levels = new Uint8Array(values.length)
  const quantize = quantizers[type]
  for (let block = 0; block < count; block++) quantize(values, block, levels, steps, minimums)
  return {
    quants: type === 'Q8_0' ? levels : packed(levels),
    scales: throughHalf(steps),
    ...(type === 'Q4_1' && { minimums: throughHalf(minimums) }),
  }
}

const throughHalf = (values: Float32Array): Float32Array<ArrayBuffer> =>
  toFloat32(new Uint8Array(toFloat16(values).buffer), 'F16')!

/** Every operation is rounded to single precision, as NumPy's are: where two levels are equally near, that decides. */
type Quantizer = (
  values: Float32Array,
  block: number,
  levels: Uint8Array,
  steps: Float32Array,
  minimums: Float32Array,
) => void

const { abs, fround, max, min, trunc } = Math

const inverse = (step: number) => (step === 0 ? 0 : fround(1 / step))

const quantizers: { readonly [T in BlockType]: Quantizer } = {
  Q8_0(values, block, levels, steps) {
    const [begin, end] = [block * BLOCK, (block + 1) * BLOCK]
    let greatest = 0
    for (let i = begin; i < end; i++) greatest = max(greatest, abs(values[i]!))
    const step = fround(greatest / 127)
    const per = inverse(step)
    for (let i = begin; i < end; i++) {
      const scaled = fround(values[i]! * per)
      levels[i] = 128 + trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
    }
    steps[block] = step
  },
  // The number farthest from zero becomes the lowest level, of which there is one more below zero than above.
  Q4_0(values, block, levels, steps) {
    const [begin, end] = [block * BLOCK, (block + 1) * BLOCK]
    let farthest = 0
    for (let i = begin; i < end; i++) if (abs(values[i]!) > abs(farthest)) farthest = values[i]!
    const step = farthest / -8
    const per = inverse(step)
    for (let i = begin; i < end; i++) levels[i] = min(15, trunc(fround(fround(values[i]! * per) + 8.5)))
    steps[block] = step
  },
  Q4_1(values, block, levels, steps, minimums) {
    const [begin, end] = [block * BLOCK, (block + 1) * BLOCK]
    let [least, greatest] = [values[begin]!, values[begin]!]
    for (let i = begin; i < end; i++) {
      least = min(least, values[i]!)
      greatest = max(greatest, values[i]!)
    }
    const step = fround(fround(greatest - least) / 15)
    const per = inverse(step)
    for (let i = begin; i < end; i++)
      levels[i] = min(15, trunc(fround(fround(fround(values[i]! - least) * per) + 0.5)))
    steps[block] = step
    minimums[block] = least
  },
}

/** Two levels a byte. */
function packed(levels: Uint8Array): Uint8Array<ArrayBuffer> {
  const pairs = new Uint8Array(levels.length / 2)
  for (let i = 0; i < pairs.length; i++) pairs[i] = levels[2 * i]! | (levels[2 * i + 1]! << 4)
  return pairs
}

/** How many bytes of a block in a GGUF file come before its quants. */
const headers: { readonly [T in BlockType]: number } = { Q8_0: 2, Q4_0: 2, Q4_1: 4 }

/** The blocks of a GGUF file, number for number: what they stand for is never made. */
export function repackBlocks(file: Uint8Array, type: BlockType): Blocks {
  const header = headers[type]
  const size = type === 'Q8_0' ? BLOCK : BLOCK / 2
  const count = file.length / (header + size)
  const quants = new Uint8Array(count * size)
  const halves = [new Uint8Array(2 * count), new Uint8Array(2 * count)] as const
  for (let block = 0, at = 0; block < count; block++, at += header + size) {
    for (let i = 0; i < header; i++) halves[i >> 1]![2 * block + (i & 1)] = file[at + i]!
    const [from, to] = [at + header, block * size]
    // Signed bytes count from zero on here; of 4 bits, those of the first 16 lie beside those of the last there.
    if (type === 'Q8_0') for (let i = 0; i < size; i++) quants[to + i] = file[from + i]! ^ 128
    else
      for (let i = 0; i < size / 2; i++) {
        const [one, two] = [file[from + 2 * i]!, file[from + 2 * i + 1]!]
        quants[to + i] = (one & 15) | ((two & 15) << 4)
        quants[to + size / 2 + i] = (one >> 4) | (two & 240)
      }
  }
  return {
    quants,
    scales: toFloat32(halves[0], 'F16')!,
    ...(header === 4 && { minimums: toFloat32(halves[1], 'F16')! }),
  }
}

/** The numbers that blocks stand for. Like `gguf.quants.dequantize` in Python, to the last bit. */
export function dequantizeBlocks({ quants, scales, minimums }: Blocks, type: BlockType) {
  const values = new Float32Array(scales.length * BLOCK)
  const zero = minimums ? 0 : zeroPoints[type]
  const bytes = quants.length / scales.length
  for (let block = 0, to = 0; block < scales.length; block++) {
    const scale = scales[block]!
    const [from, end] = [block * bytes, (block + 1) * bytes]
    if (type === 'Q8_0') for (let at = from; at < end; at++) values[to++] = scale * (quants[at]! - zero)
    else
      for (let at = from; at < end; at++) {
        const pair = quants[at]!
        values[to++] = scale * ((pair & 15) - zero)
        values[to++] = scale * ((pair >> 4) - zero)
      }
    if (minimums) for (let i = to - 2 * bytes; i < to; i++) values[i]! += minimums[block]!
  }
  return values
}

/** What is added to a block's numbers where a kernel takes them as if they had no minimum. */
export const offsetsOf = ({ scales, minimums }: Blocks, type: BlockType): Float32Array<ArrayBuffer> =>
  minimums!.map((minimum, i) => minimum + scales[i]! * zeroPoints[type])
