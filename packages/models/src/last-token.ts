/** @file The token that stands for a whole text where each one sees only those before it: the last that counts. */
import { arange, type Tensor } from '@webformers/graph'

/** The row of `x` [batch, sequence, size] at the last place where `counts` [batch, sequence] is one: [batch, size].
 * The first row where it never is. */
export function lastToken(x: Tensor, counts: Tensor): Tensor {
  const positions = arange(String(x.shape[1]))
  const last = positions.mul(counts).max([1], { keepdims: true }) // [batch, 1]
  const chosen = positions.equal(last).cast(x.dtype).unsqueeze(1) // [batch, 1, sequence]
  return chosen.matmul(x).squeeze(1)
}
