/** @file New weights, for what a checkpoint does not have: the same for the same seed. */
import { countOf, type TensorEntry } from '@webformers/hub'

interface Drawing {
  /** The standard deviation of matrices. */
  readonly deviation: number
  readonly seed: number
}

/**
 * A tensor as Python's `_init_weights` draws it: matrices and embeddings from a normal distribution, biases zero, the weights of
 * norms one. Each name has numbers of its own.
 */
export function initialEntry(
  name: string,
  shape: readonly number[],
  { deviation, seed }: Drawing,
): TensorEntry {
  const make = () => {
    const values = new Float32Array(countOf(shape))
    if (shape.length > 1) fillNormal(values, deviation, randomOf(hash(name) ^ seed))
    else if (name.endsWith('weight')) values.fill(1)
    return new Uint8Array(values.buffer)
  }
  return { name, dtype: 'F32', shape, blob: new Blob(), file: 'new', offset: 0, length: 0, decode: make }
}

/** Box and Muller's pairs of normal numbers. */
function fillNormal(values: Float32Array, deviation: number, random: () => number) {
  for (let i = 0; i < values.length; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random()))
    const angle = 2 * Math.PI * random()
    values[i] = radius * Math.cos(angle)
    if (i + 1 < values.length) values[i + 1] = radius * Math.sin(angle)
  }
}

/** Numbers from 0 to below 1: splitmix32. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x9e3779b9) | 0
    let t = state ^ (state >>> 16)
    t = Math.imul(t, 0x21f0aaad)
    t ^= t >>> 15
    t = Math.imul(t, 0x735a2d97)
    return ((t ^ (t >>> 15)) >>> 0) / 2 ** 32
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value
}
