/** @file What classifiers of sound read: the states of all layers, weighted as they learn to. */
import type { Tensor } from '@webformers/graph'

/** Hidden states [batch, frames, hidden], each times its part of the softmax of `weights` [layers + 1], summed. */
export function weightedSum(states: readonly Tensor[], weights: Tensor): Tensor {
  const shares = weights.softmax()
  const [first, ...rest] = states.map((state, layer) => state.mul(shares.at(0, layer)))
  return rest.reduce((sum, state) => sum.add(state), first!)
}
