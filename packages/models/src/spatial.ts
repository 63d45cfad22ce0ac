/** @file Maps [batch, channels, height, width] and rows of places, brought to the size of others. */
import {
  arange,
  constant,
  type Dim,
  difference,
  type InterpolateOptions,
  interpolate,
  product,
  scalar,
  type Tensor,
} from '@webformers/graph'

/** 0, 1, 2, … as many as `count`. */
export const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** The same as a tensor. */
export const numbersAlong = (dim: Dim): Tensor =>
  typeof dim === 'string' ? arange(dim) : constant(numbers(dim), [dim], 'int32')

/** `x` drawn as large as `like`. */
export const resizedTo = (
  x: Tensor,
  like: Tensor,
  options: Omit<InterpolateOptions, 'size' | 'scale'>,
): Tensor => interpolate(x, { ...options, size: [like.shape[2]!, like.shape[3]!] })

/** Tokens [batch, rows × columns, channels] as a map [batch, channels, rows, columns]. */
export function mapOfTokens(tokens: Tensor, rows: Dim, columns: Dim): Tensor {
  const [batch, , channels] = tokens.shape
  return tokens.transpose(0, 2, 1).reshape(batch!, channels!, rows, columns)
}

/** A map [batch, channels, rows, columns] as tokens. */
export function tokensOfMap(map: Tensor): Tensor {
  const [batch, channels, rows, columns] = map.shape
  return map.reshape(batch!, channels!, product([rows!, columns!])).transpose(0, 2, 1)
}

/** The last entries along an axis. */
export const lastOf = (x: Tensor, axis: number, count: number): Tensor =>
  x.slice(axis, difference(x.shape[axis]!, count), x.shape[axis]!)

/** The sine of so many turns: a polynomial, as GPUs round the sines of angles that are not small by more than a ten-thousandth. */
export function sineOfTurns(turns: Tensor): Tensor {
  const whole = (x: Tensor) => x.cast('int32').cast('float32')
  const size = (x: Tensor) => x.relu().add(x.neg().relu())
  const part = turns.sub(whole(turns)) // from −1 to 1
  const near = part.sub(whole(part.mul(2))) // from −½ to ½
  const angle = size(size(near).sub(0.25))
    .sub(0.25)
    .mul(-2 * Math.PI) // from 0 to ½ π
  const square = angle.mul(angle)
  const series = TAYLOR.reduce((sum, divisor) => square.mul(sum).div(-divisor).add(1), scalar(1))
  return near.less(0).where(angle.neg(), angle).mul(series)
}

/** What each term of the series is divided by after the one before, the last first. */
const TAYLOR = [12 * 13, 10 * 11, 8 * 9, 6 * 7, 4 * 5, 2 * 3]
