/**
 * @file Blocks of 32 weights that share a scale `d`, some a minimum `m` too, in half precision at their beginning. Of two weights
 * in a byte the lower four bits are one of the first sixteen. Products and sums are exact before they are rounded to single
 * precision, so the weights are those of the reference to the last bit.
 */
import { halfAt } from './half'

/** Blocks of quantized weights → numbers. */
export type Dequantize = (blocks: Uint8Array, weights: Float32Array) => void

/** d, 16 bytes */
export const q4_0: Dequantize = (blocks, weights) => {
  for (let at = 0, to = 0; to < weights.length; at += 18, to += 32) {
    const d = halfAt(blocks, at)
    for (let i = 0; i < 16; i++) {
      const pair = blocks[at + 2 + i]!
      weights[to + i] = d * ((pair & 15) - 8)
      weights[to + 16 + i] = d * ((pair >> 4) - 8)
    }
  }
}

/** d, m, 16 bytes */
export const q4_1: Dequantize = (blocks, weights) => {
  for (let at = 0, to = 0; to < weights.length; at += 20, to += 32) {
    const d = halfAt(blocks, at)
    const m = halfAt(blocks, at + 2)
    for (let i = 0; i < 16; i++) {
      const pair = blocks[at + 4 + i]!
      weights[to + i] = d * (pair & 15) + m
      weights[to + 16 + i] = d * (pair >> 4) + m
    }
  }
}

/** d, the fifth bits of all 32, 16 bytes */
export const q5_0: Dequantize = (blocks, weights) => {
  for (let at = 0, to = 0; to < weights.length; at += 22, to += 32) {
    const d = halfAt(blocks, at)
    const fifths = wordAt(blocks, at + 2)
    for (let i = 0; i < 16; i++) {
      const pair = blocks[at + 6 + i]!
      weights[to + i] = d * (((pair & 15) | (((fifths >>> i) & 1) << 4)) - 16)
      weights[to + 16 + i] = d * (((pair >> 4) | (((fifths >>> (16 + i)) & 1) << 4)) - 16)
    }
  }
}

/** d, m, the fifth bits of all 32, 16 bytes */
export const q5_1: Dequantize = (blocks, weights) => {
  for (let at = 0, to = 0; to < weights.length; at += 24, to += 32) {
    const d = halfAt(blocks, at)
    const m = halfAt(blocks, at + 2)
    const fifths = wordAt(blocks, at + 4)
    for (let i = 0; i < 16; i++) {
      const pair = blocks[at + 8 + i]!
      weights[to + i] = d * ((pair & 15) | (((fifths >>> i) & 1) << 4)) + m
      weights[to + 16 + i] = d * ((pair >> 4) | (((fifths >>> (16 + i)) & 1) << 4)) + m
    }
  }
}

/** d, 32 signed bytes */
export const q8_0: Dequantize = (blocks, weights) => {
  const signed = new Int8Array(blocks.buffer, blocks.byteOffset, blocks.byteLength)
  for (let at = 0, to = 0; to < weights.length; at += 34, to += 32) {
    const d = halfAt(blocks, at)
    for (let i = 0; i < 32; i++) weights[to + i] = d * signed[at + 2 + i]!
  }
}

/** What the sixteen values of IQ4_NL stand for: denser around zero, where most weights are. */
const LEVELS = Int8Array.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)

/** d, 16 bytes */
export const iq4_nl: Dequantize = (blocks, weights) => {
  for (let at = 0, to = 0; to < weights.length; at += 18, to += 32) {
    const d = halfAt(blocks, at)
    for (let i = 0; i < 16; i++) {
      const pair = blocks[at + 2 + i]!
      weights[to + i] = d * LEVELS[pair & 15]!
      weights[to + 16 + i] = d * LEVELS[pair >> 4]!
    }
  }
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
