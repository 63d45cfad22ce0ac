/** @file The roofline: a token is made no sooner than all the bytes it needs have been read from memory. */
import type { Device, Precision } from 'webformers'

/** How a model is held. */
export interface Held {
  readonly device: Device
  readonly dtype: Precision
}

/** A parameter, and what it is to a token. */
export interface Weight {
  readonly shape: readonly number[]
  /** `whole`: a product reads all of it. `row`: one row of it is looked up. `both`: it is the table of tokens and what scores them. */
  readonly read: 'whole' | 'row' | 'both'
  /** Whether it belongs to the vocabulary, which the 4-bit types hold in 8 bits. */
  readonly vocabulary: boolean
}

/** Keys and values of one token. */
export interface CacheShape {
  readonly layers: number
  readonly heads: number
  readonly size: number
}

/** Numbers of a block share a scale. */
const BLOCK = 32
/** Matrices of fewer outputs are not held in blocks. */
const NARROW = 32
/** Bytes of a number in a cache, whatever the dtype. */
const CACHED = 4

const product = (shape: readonly number[]) => shape.reduce((all, dim) => all * dim, 1)

/**
 * Bytes of a weight as a device reads it: WASM computes from single precision, but for `int8`.
 * @example
 * bytesOfWeight({ shape: [64, 32], read: 'whole', vocabulary: false }, { device: 'webgpu', dtype: 'q4' }) // 1024 + 64 × 4 = 1280
 */
export function bytesOfWeight({ shape, vocabulary }: Weight, { device, dtype }: Held): number {
  const count = product(shape)
  const [outputs = 1, inputs = 1] = shape
  const matrix = shape.length === 2
  if (device === 'wasm') return dtype === 'int8' && matrix ? count + 4 * outputs : 4 * count
  const float = dtype === 'fp16' || dtype === 'q4f16' ? 2 : 4
  const inBlocks = dtype.startsWith('q') && matrix && outputs >= NARROW && inputs % BLOCK === 0
  if (!inBlocks) return float * count
  const bits = dtype === 'q8' || vocabulary ? 8 : 4
  return (count * bits) / 8 + (count / BLOCK) * float
}

/** Bytes that one more token reads after `past` others: weights, a row of each table, keys and values. */
export function bytesPerToken(
  weights: readonly Weight[],
  cache: CacheShape,
  past: number,
  held: Held,
): number {
  const read = weights.map((weight) => {
    const bytes = bytesOfWeight(weight, held)
    const row = bytes / (weight.shape[0] ?? 1)
    return { whole: bytes, row, both: bytes + row }[weight.read]
  })
  const remembered = 2 * cache.layers * cache.heads * cache.size * past * CACHED
  return read.reduce((sum, bytes) => sum + bytes, remembered)
}

/** Tokens a second at most. @param bandwidth bytes a second */
export const ceiling = (bandwidth: number, bytes: number): number => bandwidth / bytes

/** Which share of the ceiling a speed reaches. */
export const shareOf = (speed: number, bandwidth: number, bytes: number): number =>
  speed / ceiling(bandwidth, bytes)
