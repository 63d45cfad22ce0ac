/** @file Maps [batch, channels, height, width] and rows of places, brought to the size of others. */
import {
  arange,
  constant,
  type Dim,
  difference,
  type InterpolateOptions,
  interpolate,
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

/** The last entries along an axis. */
export const lastOf = (x: Tensor, axis: number, count: number): Tensor =>
  x.slice(axis, difference(x.shape[axis]!, count), x.shape[axis]!)
