/** @file Ids one place to the right: what a decoder reads to give them back. */
import { arange, scalar, type Tensor } from '@webformers/graph'

/** `ids` [batch, sequence] behind the token that starts a decoder's text, without the last of them. */
export function shiftRight(ids: Tensor, start: number): Tensor {
  const positions = arange(String(ids.shape[1]))
  const first = positions.equal(0)
  const before = first.where(scalar(0, 'int32'), positions.sub(1))
  return first.where(scalar(start, 'int32'), ids.gather(before, 1))
}
