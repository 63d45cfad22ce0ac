/** @file Operations that change no value at inference but say something about it. */
import { GraphError } from '../errors'
import { scope } from '../scope'
import { axisOf, type Shape } from '../shape'
import { apply, scalar, type Tensor } from '../tensor'
import { Float } from '../types'
import type { Composite } from './composite'

/** Nothing at inference; training drops each entry with this probability and scales the others up, by the factors that its
 * scope gives. */
export function dropout(x: Tensor, probability: number): Tensor {
  const factors = dropoutFactors(x.shape, probability)
  if (factors) return x.mul(factors)
  return probability === 0 ? x : apply('dropout', [x], x, { probability: new Float(probability) })
}

/** Zero for an entry to drop, else 1 / (1 - probability); nothing at inference. */
export const dropoutFactors = (shape: Shape, probability: number): Tensor | undefined =>
  probability === 0 ? undefined : scope().dropout?.(shape, probability)

/** The factors of one dropout, made of bytes that are drawn before the run: equal seeds and sites draw equal ones. */
export function drawnFactors(shape: Shape, probability: number, site: number): Tensor {
  const attributes = { kind: 'dropout', dims: shape.map(String), probability, site }
  const kept = apply('Derived', [], { dtype: 'uint8', shape }, attributes)
  const factor = probability === 1 ? 0 : 1 / (1 - probability)
  return apply('DequantizeLinear', [kept, scalar(factor)], { dtype: 'float32', shape })
}

/** Say that a named dimension of `x` may not be larger than `size`; a longer input is refused before it runs. */
export function limit(x: Tensor, axis: number, size: number): Tensor {
  const dim = x.shape[axisOf(axis, x.rank)]
  if (typeof dim === 'number') throw new GraphError(`limit bounds a named dimension, got the size ${dim}.`)
  return apply('limit', [x], x, { dim: dim!, size })
}

export const identityComposite: Composite = { plain: ({ inputs: [x] }) => [x!] }

/** The same values, through which no gradient flows. As `x.detach()` in torch. */
export const detach = (x: Tensor): Tensor => apply('detach', [x], x)

export const detachComposite: Composite = { ...identityComposite, gradient: () => [] }
