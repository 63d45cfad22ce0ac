/** @file Rotary position embeddings. */
import { GraphError } from '../errors'
import { apply, concat, Node, type Tensor } from '../tensor'
import type { Composite } from './composite'

/** Each head of `x` [batch, sequence, heads × size] turned by its position: halves rotate, as Llama's `rotate_half`.
 * `positions` [batch, sequence] are int64; `cos` and `sin` are [positions, size / 2]. */
export function rotary(x: Tensor, positions: Tensor, cos: Tensor, sin: Tensor, heads: number): Tensor {
  const size = Number(x.shape[2]) / heads
  if (x.rank !== 3 || positions.dtype !== 'int64' || cos.shape[1] !== size / 2 || sin.shape[1] !== size / 2) {
    throw new GraphError(
      `rotary with ${heads} heads needs x [batch, sequence, heads × size], int64 positions and cos and sin ` +
        `[positions, size / 2], got [${x.shape}], ${positions.dtype} and [${cos.shape}] and [${sin.shape}].`,
    )
  }
  return apply('rotary', [x, positions, cos, sin], x, { num_heads: heads })
}

export const rotaryComposite: Composite = {
  plain({ inputs: [x, positions, cos, sin], attributes }) {
    const [batch, sequence, width] = x!.shape
    const heads = Number(attributes.num_heads)
    const half = Number(width) / heads / 2
    const split = x!.reshape(batch!, sequence!, heads, half * 2)
    const [a, b] = [split.slice(3, 0, half), split.slice(3, half, half * 2)]
    const [c, s] = [cos!.gather(positions!).unsqueeze(2), sin!.gather(positions!).unsqueeze(2)] // [batch, sequence, 1, half]
    const turned = concat([a.mul(c).sub(b.mul(s)), b.mul(c).add(a.mul(s))], 3)
    return [turned.reshape(batch!, sequence!, width!)]
  },
  fused({ inputs: [x, positions, cos, sin], outputs, attributes: { num_heads } }) {
    // ORT reads num_heads only together with the size it rotates.
    const rotary_embedding_dim = 2 * Number(cos!.shape[1])
    const attributes = { num_heads: num_heads!, rotary_embedding_dim }
    return new Node('RotaryEmbedding', [x, positions, cos, sin], outputs, attributes, 'com.microsoft').outputs
  },
}
