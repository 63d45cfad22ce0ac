/** @file Rotary position embeddings. */
import { GraphError } from '../errors'
import { endOf } from '../positions'
import { apply, concat, constant, Node, type Tensor } from '../tensor'
import type { Composite } from './composite'

/** How fast rotary embeddings turn. */
export interface RotaryFrequencies {
  /** Radians a position turns each pair of channels by. */
  readonly frequencies: readonly number[]
  /** What the cosines and sines are multiplied with. */
  readonly scale: number
  /** Another set for sequences of more positions than `longerThan`. */
  readonly longerThan?: number
  readonly longFrequencies?: readonly number[]
}

/** The cosines and sines of positions 0, 1, 2, … along a named dimension: [dim, frequencies]; in a text that is continued, of the
 * places where it goes on. They come in from outside, as no GPU promises the cosine of a large angle. */
export function rotaryTables(dim: string, { frequencies, scale, ...long }: RotaryFrequencies) {
  const table = (kind: 'cos' | 'sin') =>
    apply(
      'Derived',
      [],
      { dtype: 'float32', shape: [dim, frequencies.length] },
      { kind, dims: [dim], frequencies, scale, ...long, ...endOf(dim) },
    )
  return { cos: table('cos'), sin: table('sin') }
}

export interface RotaryOptions {
  heads: number
  /** Which row of the tables turns each token, [batch, sequence] int64, where the tables have not a row for each in turn. */
  positions?: Tensor
}

/** Each head of `x` [batch, sequence, heads × size] turned by its position: halves rotate, as Llama's `rotate_half`.
 * `cos` and `sin` are [sequence, half of what turns]; channels of a head beyond that stay. */
export function rotary(x: Tensor, cos: Tensor, sin: Tensor, { heads, positions }: RotaryOptions): Tensor {
  const size = Number(x.shape[2]) / heads
  const fits = 2 * Number(cos.shape[1]) <= size && String(cos.shape) === String(sin.shape)
  const placed = positions ? positions.dtype === 'int64' : cos.shape[0] === x.shape[1]
  if (x.rank !== 3 || !fits || !placed) {
    throw new GraphError(
      `rotary with ${heads} heads needs x [batch, sequence, heads × size], cos and sin [sequence, at most size / 2] or ` +
        `int64 positions into longer ones, got [${x.shape}], [${cos.shape}], [${sin.shape}] and ` +
        `${positions ? `${positions.dtype} positions` : 'no positions'}.`,
    )
  }
  return apply('rotary', [x, cos, sin, positions], x, { num_heads: heads })
}

export const rotaryComposite: Composite = {
  plain({ inputs: [x, cos, sin, positions], attributes }) {
    const [batch, sequence, width] = x!.shape
    const heads = Number(attributes.num_heads)
    const size = Number(width) / heads
    const half = Number(cos!.shape[1])
    const split = x!.reshape(batch!, sequence!, heads, size)
    const [a, b] = [split.slice(3, 0, half), split.slice(3, half, half * 2)]
    const rest = size > half * 2 ? [split.slice(3, half * 2, size)] : []
    const rows = (table: Tensor) => (positions ? table.gather(positions) : table.unsqueeze(0)).unsqueeze(2)
    const [c, s] = [rows(cos!), rows(sin!)] // [batch, sequence, 1, half]
    const turned = concat([a.mul(c).sub(b.mul(s)), b.mul(c).add(a.mul(s)), ...rest], 3)
    return [turned.reshape(batch!, sequence!, width!)]
  },
  fused({ inputs: [x, cos, sin, positions], outputs, attributes: { num_heads } }) {
    // A single position is where the sequence starts. ORT reads num_heads only together with the size it rotates.
    const places = positions ?? constant([0], [1], 'int64')
    const rotary_embedding_dim = 2 * Number(cos!.shape[1])
    const attributes = { num_heads: num_heads!, rotary_embedding_dim }
    return new Node('RotaryEmbedding', [x, places, cos, sin], outputs, attributes, 'com.microsoft').outputs
  },
  // Turned back. The tables are numbers that nobody trains: who does all the same gets the plain lowering's gradient.
  gradient({ inputs: [, cos, sin, positions], attributes }, [dy], [, ...tables]) {
    if (tables.includes(true)) return undefined
    return [apply('rotary', [dy, cos, sin!.neg(), positions], dy!, attributes)]
  },
}
