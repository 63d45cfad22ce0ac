/** @file The token that stands for a whole text where the first of some kind does. */
import { arange, type Tensor } from '@webformers/graph'

/** The row of `x` [batch, sequence, size] at the first place where `counts` [batch, sequence] is one: [batch, size].
 * The first row where it never is. */
export function firstToken(x: Tensor, counts: Tensor): Tensor {
  const places = arange(String(x.shape[1]))
  const length = places.max([0]).add(1)
  const fromEnd = length.sub(places) // 1 at the last place
  const found = counts.mul(fromEnd).max([1], { keepdims: true }) // [batch, 1], 0 where there is none
  const wanted = found.equal(0).where(length, found)
  const chosen = fromEnd.equal(wanted).cast(x.dtype).unsqueeze(1) // [batch, 1, sequence]
  return chosen.matmul(x).squeeze(1)
}
