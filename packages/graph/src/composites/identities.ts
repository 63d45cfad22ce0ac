/** @file Operations that change no value at inference but say something about it. */
import { GraphError } from '../errors'
import { axisOf } from '../shape'
import { apply, Float, type Tensor } from '../tensor'
import type { Composite } from './composite'

/** Nothing at inference; training drops each entry with this probability and scales the others up. */
export const dropout = (x: Tensor, probability: number) =>
  probability === 0 ? x : apply('dropout', [x], x, { probability: new Float(probability) })

/** Say that a named dimension of `x` may not be larger than `size`; a longer input is refused before it runs. */
export function limit(x: Tensor, axis: number, size: number): Tensor {
  const dim = x.shape[axisOf(axis, x.rank)]
  if (typeof dim === 'number') throw new GraphError(`limit bounds a named dimension, got the size ${dim}.`)
  return apply('limit', [x], x, { dim: dim!, size })
}

export const identityComposite: Composite = { plain: ({ inputs: [x] }) => [x!] }
