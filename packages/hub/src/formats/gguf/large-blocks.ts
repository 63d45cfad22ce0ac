/**
 * @file The K-quants: blocks of 256 weights with a scale `d`, some a scale of minimums `dmin` too, and sub-blocks of 16 or 32
 * whose own scales are small numbers. As in `small-blocks.ts`, nothing is rounded but the weights themselves.
 */
import { halfAt } from './half'
import type { Dequantize } from './small-blocks'

/** 16 scales with minimums of 4 bits, 64 bytes of 4 weights, d, dmin */
export const q2_k: Dequantize = (blocks, weights) => {
  for (let at = 0, to = 0; to < weights.length; at += 84) {
    const d = halfAt(blocks, at + 80)
    const dmin = halfAt(blocks, at + 82)
    for (let sub = 0; sub < 16; sub++, to += 16) {
      const scale = blocks[at + sub]!
      const [step, minimum] = [d * (scale & 15), dmin * (scale >> 4)]
      const [from, shift] = [at + 16 + placeOf(sub), shiftOf(sub)]
      for (let i = 0; i < 16; i++) weights[to + i] = step * ((blocks[from + i]! >> shift) & 3) - minimum
    }
  }
}

/** 32 bytes of third bits, 64 bytes of 4 weights, 16 scales of 6 bits, d */
export const q3_k: Dequantize = (blocks, weights) => {
  for (let at = 0, to = 0; to < weights.length; at += 110) {
    const d = halfAt(blocks, at + 108)
    for (let sub = 0; sub < 16; sub++, to += 16) {
      const low = (blocks[at + 96 + (sub & 7)]! >> (sub & 8 ? 4 : 0)) & 15
      const high = (blocks[at + 104 + (sub & 3)]! >> (2 * (sub >> 2))) & 3
      const step = d * ((low | (high << 4)) - 32)
      const [from, shift] = [at + 32 + placeOf(sub), shiftOf(sub)]
      const [thirds, bit] = [at + 16 * (sub & 1), sub >> 1]
      for (let i = 0; i < 16; i++) {
        const third = (blocks[thirds + i]! >> bit) & 1
        weights[to + i] = step * (((blocks[from + i]! >> shift) & 3) + 4 * third - 4)
      }
    }
  }
}

/** Where the two lower bits of a sub-block begin: 32 bytes have one pair of bits each of four times 32 weights. */
const placeOf = (sub: number): number => 32 * (sub >> 3) + 16 * (sub & 1)
const shiftOf = (sub: number): number => 2 * ((sub >> 1) & 3)

/** d, dmin, 8 scales and minimums of 6 bits, 128 bytes of 2 weights */
export const q4_k: Dequantize = (blocks, weights) => {
  for (let at = 0, to = 0; to < weights.length; at += 144) {
    const d = halfAt(blocks, at)
    const dmin = halfAt(blocks, at + 2)
    for (let sub = 0; sub < 8; sub++, to += 32) {
      const step = d * scaleAt(blocks, at + 4, sub)
      const minimum = dmin * minimumAt(blocks, at + 4, sub)
      const [from, shift] = [at + 16 + 32 * (sub >> 1), 4 * (sub & 1)]
      for (let i = 0; i < 32; i++) weights[to + i] = step * ((blocks[from + i]! >> shift) & 15) - minimum
    }
  }
}

/** d, dmin, 8 scales and minimums of 6 bits, 32 bytes of fifth bits, 128 bytes of 2 weights */
export const q5_k: Dequantize = (blocks, weights) => {
  for (let at = 0, to = 0; to < weights.length; at += 176) {
    const d = halfAt(blocks, at)
    const dmin = halfAt(blocks, at + 2)
    for (let sub = 0; sub < 8; sub++, to += 32) {
      const step = d * scaleAt(blocks, at + 4, sub)
      const minimum = dmin * minimumAt(blocks, at + 4, sub)
      const [from, shift, fifths] = [at + 48 + 32 * (sub >> 1), 4 * (sub & 1), at + 16]
      for (let i = 0; i < 32; i++) {
        const fifth = (blocks[fifths + i]! >> sub) & 1
        weights[to + i] = step * (((blocks[from + i]! >> shift) & 15) | (fifth << 4)) - minimum
      }
    }
  }
}

/** Of twelve bytes the first four have scales, the next minimums; of sub-blocks 4 to 7 their two upper bits, and the last the rest. */
const scaleAt = (blocks: Uint8Array, at: number, sub: number): number =>
  sub < 4 ? blocks[at + sub]! & 63 : (blocks[at + 4 + sub]! & 15) | ((blocks[at + sub - 4]! >> 2) & 48)
const minimumAt = (blocks: Uint8Array, at: number, sub: number): number =>
  sub < 4 ? blocks[at + 4 + sub]! & 63 : (blocks[at + 4 + sub]! >> 4) | ((blocks[at + sub]! >> 2) & 48)

/** 128 bytes of the lower 4 bits of 2 weights, 64 of the upper 2 of 4, 16 signed scales, d */
export const q6_k: Dequantize = (blocks, weights) => {
  const signed = new Int8Array(blocks.buffer, blocks.byteOffset, blocks.byteLength)
  for (let at = 0, to = 0; to < weights.length; at += 210) {
    const d = halfAt(blocks, at + 208)
    for (let sub = 0; sub < 16; sub++, to += 16) {
      const step = d * signed[at + 192 + sub]!
      const [half, quarter] = [sub >> 3, (sub >> 1) & 3]
      const low = at + 64 * half + 32 * (quarter & 1) + 16 * (sub & 1)
      const high = at + 128 + placeOf(sub)
      const [lowShift, highShift] = [4 * (quarter >> 1), 2 * quarter]
      for (let i = 0; i < 16; i++) {
        const bits = ((blocks[low + i]! >> lowShift) & 15) | (((blocks[high + i]! >> highShift) & 3) << 4)
        weights[to + i] = step * (bits - 32)
      }
    }
  }
}
