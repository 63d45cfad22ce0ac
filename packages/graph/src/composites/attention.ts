/** @file Scaled dot-product attention over several heads. */
import { GraphError } from '../errors'
import { type Dim, product } from '../shape'
import { Float, Node, type Tensor } from '../tensor'
import { type Composite, float } from './composite'
import { dropout } from './identities'

export interface AttentionOptions {
  heads: number
  /** What the products of queries and keys are multiplied with; by default 1 / √size of a head. */
  scale?: number
  /** Added to the scores before softmax; broadcasts to [batch, heads, sequence, keys]. */
  bias?: Tensor
  /** The probability with which training drops an attention weight. */
  dropout?: number
}

/** Attention of `query` [batch, sequence, width] over `key` and `value` [batch, keys, width], as linear layers give them.
 * `context` is [batch, sequence, width]; `attentions`, the softmax, [batch, heads, sequence, keys], costs nothing unless
 * it is asked for. */
export function attention(query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions) {
  const { heads, bias, dropout: probability = 0 } = options
  const width = query.shape[2]
  const size = Number(width) / heads
  if (query.rank !== 3 || !Number.isInteger(size) || key.shape[2] !== width || value.rank !== 3) {
    throw new GraphError(
      `attention with ${heads} heads needs query, key and value [batch, sequence, heads × size], ` +
        `got [${query.shape}], [${key.shape}] and [${value.shape}].`,
    )
  }
  const { scale = 1 / Math.sqrt(size) } = options
  const [batch, sequence, keys] = [query.shape[0]!, query.shape[1]!, key.shape[1]!]
  const node = new Node(
    'attention',
    [query, key, value, bias],
    [
      { dtype: query.dtype, shape: [batch, sequence, value.shape[2]!] },
      { dtype: query.dtype, shape: [batch, heads, sequence, keys] },
    ],
    { num_heads: heads, scale: new Float(scale), dropout: new Float(probability) },
  )
  return { context: node.outputs[0]!, attentions: node.outputs[1]! }
}

export const attentionComposite: Composite = {
  plain(node) {
    const [query, key, value, bias] = node.inputs
    const heads = Number(node.attributes.num_heads)
    const split = (t: Tensor) =>
      t.reshape(t.shape[0]!, t.shape[1]!, heads, Number(t.shape[2]) / heads).transpose(0, 2, 1, 3)
    const [q, k, v] = [split(query!), split(key!), split(value!)] // [batch, heads, sequence, size]
    const scores = q.mul(float(node, 'scale')).matmul(k.T)
    const weights = (bias ? scores.add(bias) : scores).softmax()
    const context = dropout(weights, float(node, 'dropout')).matmul(v).transpose(0, 2, 1, 3)
    return [context.reshape(...node.outputs[0]!.shape), weights]
  },
  // The kernel keeps the softmax to itself: attention maps want the plain lowering.
  fused(node, _, [, mapped]) {
    if (mapped) return undefined
    const [query, key, value, bias] = node.inputs
    const { num_heads, scale } = node.attributes
    const scores = node.outputs[1]!.shape
    const inputs = [query, key, value, undefined, undefined, bias && stretched(bias, scores)]
    const kernel = new Node(
      'MultiHeadAttention',
      inputs,
      [node.outputs[0]!],
      { num_heads: num_heads!, scale: scale! },
      'com.microsoft',
    )
    return [kernel.outputs[0]!, node.outputs[1]!]
  },
}

/** The kernel broadcasts its bias over batch and heads only. */
function stretched(bias: Tensor, [, , sequence, keys]: readonly Dim[]): Tensor {
  const full = bias.rank === 4 ? bias : bias.unsqueeze(...Array.from({ length: 4 - bias.rank }, (_, i) => i))
  const [batch, heads] = full.shape
  return product(full.shape.slice(2)) === product([sequence!, keys!])
    ? full
    : full.expand(batch!, heads!, sequence!, keys!)
}
