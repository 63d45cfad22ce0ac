/** @file New weights, for what a checkpoint does not have: the same for the same seed. */
import { countOf, type TensorEntry } from '@webformers/hub'
import { hash, randomOf } from './random'

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
  return madeEntry(name, shape, make)
}

/** How a tensor begins that is not drawn. */
export type Initial = 'sinusoids'

/** A table of positions [length, channels] as Whisper's encoder has it: sines and, behind them, cosines of angles that grow the more
 * slowly the further to the right they stand. */
export function sinusoidEntry(name: string, shape: readonly number[]): TensorEntry {
  const [length, channels] = shape as [number, number]
  const half = channels / 2
  const make = () => {
    const values = new Float32Array(length * channels)
    for (let i = 0; i < half; i++) {
      const frequency = SLOWEST ** (-i / (half - 1))
      for (let place = 0; place < length; place++) {
        values[place * channels + i] = Math.sin(place * frequency)
        values[place * channels + half + i] = Math.cos(place * frequency)
      }
    }
    return new Uint8Array(values.buffer)
  }
  return madeEntry(name, shape, make)
}

/** How many times slower the last angle grows than the first. */
const SLOWEST = 10_000

function madeEntry(
  name: string,
  shape: readonly number[],
  decode: () => Uint8Array<ArrayBuffer>,
): TensorEntry {
  return { name, dtype: 'F32', shape, blob: new Blob(), file: 'new', offset: 0, length: 0, decode }
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
