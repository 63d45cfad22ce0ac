/** @file Stochastic depth: training leaves parts of layers out, the more often the deeper they are. */

import type { Tensor } from '@webformers/graph'
import { dropoutFactors } from '@webformers/graph'

/** What a part of a layer adds, or, for an example for which training leaves it out, nothing. */
export function dropPath(x: Tensor, probability: number): Tensor {
  const factors = dropoutFactors([x.shape[0]!, ...x.shape.slice(1).map(() => 1)], probability)
  return factors ? x.mul(factors) : x
}

/** How often each layer of each stage is left out: from never up to `rate`.
 * @example dropPathRates(0.2, [1, 2]) // [[0], [0.1, 0.2]] */
export function dropPathRates(rate: number, depths: readonly number[]): number[][] {
  const count = depths.reduce((sum, depth) => sum + depth, 0)
  let layer = 0
  return depths.map((depth) =>
    Array.from({ length: depth }, () => (count > 1 ? (rate * layer++) / (count - 1) : 0)),
  )
}
