/** @file Scaled dot-product attention over several heads. */
import { GraphError } from '../errors'
import { type KeyValues, scope } from '../scope'
import { type Shape, sum } from '../shape'
import { concat, Node, type Tensor } from '../tensor'
import { Float } from '../types'
import { groupQuery, masked, stretched } from './attention-cache'
import { attentionGradient, bent, groups, joined, ofHeads, reshaped, split } from './attention-gradient'
import { type Composite, float } from './composite'
import { dropoutFactors } from './identities'

export interface AttentionOptions {
  heads: number
  /** How many heads keys and values have, where several heads of the query share one; by default as many as the query. */
  keyValueHeads?: number
  /** What the products of queries and keys are multiplied with; by default 1 / √size of a head. */
  scale?: number
  /** Added to the scores before softmax; broadcasts to [batch, heads, sequence, keys]. */
  bias?: Tensor
  /** Scores before the bias are bent to lie between ±softcap: softcap · tanh(score / softcap). */
  softcap?: number
  /** The probability with which training drops an attention weight. */
  dropout?: number
  /** What each head's attention weights are multiplied with, [heads], as Python's `head_mask`. */
  headMask?: Tensor
}

/** Attention of `query` [batch, sequence, heads × size] over `key` and `value` [batch, keys, keyValueHeads × size], as linear
 * layers give them.
 * `context` is [batch, sequence, width]; `attentions`, the weights that values are multiplied with,
 * [batch, heads, sequence, keys], cost nothing unless they are asked for. */
export function attention(query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions) {
  const { heads, keyValueHeads = heads, bias, softcap, dropout: probability = 0 } = options
  const size = Number(query.shape[2]) / heads
  const valueSize = Number(value.shape[2]) / keyValueHeads
  const fits = key.shape[2] === size * keyValueHeads && Number.isInteger(heads / keyValueHeads)
  if (
    query.rank !== 3 ||
    value.rank !== 3 ||
    !Number.isInteger(size) ||
    !Number.isInteger(valueSize) ||
    !fits
  ) {
    throw new GraphError(
      `attention with ${heads} heads needs query, key and value [batch, sequence, heads × size], keys and values with ` +
        `${keyValueHeads} heads, got [${query.shape}], [${key.shape}] and [${value.shape}].`,
    )
  }
  const { scale = 1 / Math.sqrt(size), headMask = scope().headMask?.(heads) } = options
  if (headMask && (String(headMask.shape) !== String([heads]) || headMask.dtype !== query.dtype)) {
    throw new GraphError(
      `attention with ${heads} heads needs a ${query.dtype} headMask [${heads}], ` +
        `got ${headMask.dtype} [${headMask.shape}].`,
    )
  }
  const { continuation } = scope()
  const memory = continuation?.memory({ query, key, value, heads: keyValueHeads, bias })
  const added = memory === undefined || memory.keep !== undefined
  const [batch, sequence, keys] = [query.shape[0]!, query.shape[1]!, memory?.keys ?? key.shape[1]!]
  const maps = { dtype: query.dtype, shape: [batch, heads, sequence, keys] }
  const { recent } = memory ?? {}
  const kept = recent ? sum([recent.key.shape[2]!, sequence]) : keys
  const present = (channels: number) => ({
    dtype: query.dtype,
    shape: [batch, keyValueHeads, kept, channels],
  })
  const node = new Node(
    'attention',
    [
      query,
      added ? key : undefined,
      added ? value : undefined,
      bias,
      headMask,
      dropoutFactors(maps.shape, probability),
      memory?.key,
      memory?.value,
      recent?.key,
      recent?.value,
    ],
    [
      { dtype: query.dtype, shape: [batch, sequence, heads * valueSize] },
      maps,
      maps,
      ...(memory?.keep ? [present(size), present(valueSize)] : []),
    ],
    {
      num_heads: heads,
      kv_num_heads: keyValueHeads,
      scale: new Float(scale),
      ...(softcap !== undefined && { softcap: new Float(softcap) }),
    },
  )
  memory?.keep?.({ key: node.outputs[3]!, value: node.outputs[4]! })
  return { context: node.outputs[0]!, attentions: node.outputs[1]! }
}

export const attentionComposite: Composite = {
  plain(node) {
    const [query, key, value] = node.inputs
    const heads = Number(node.attributes.num_heads)
    if (hasMemory(node)) return grouped(node)
    const [q, k, v] = [query!, repeatHeads(key!, node), repeatHeads(value!, node)].map((t) => split(t, heads))
    const { softmax, weights } = weigh(node, q!.mul(float(node, 'scale')).matmul(k!.T))
    const context = weights.matmul(v!).transpose(0, 2, 1, 3)
    return [context.reshape(...node.outputs[0]!.shape), weights, softmax]
  },
  // The kernel keeps its weights to itself, bends no scores and drops nothing.
  fused(node, lowering, used) {
    const { num_heads, scale, softcap } = node.attributes
    const [query, key, value, bias, headMask, factors] = node.inputs
    const [, attentions, softmax] = node.outputs
    const mapsUsed = used.slice(1)
    if (hasMemory(node)) return (!used[1] && !used[2] && groupQuery(node, lowering)) || grouped(node)
    if (mapsUsed.includes(true) || softcap || factors) return grouped(node)
    const [keys, values] = [repeatHeads(key!, node), repeatHeads(value!, node)]
    const inputs = [query, keys, values, undefined, undefined, bias && stretched(bias, attentions!.shape)]
    const kernel = new Node(
      'MultiHeadAttention',
      inputs,
      [node.outputs[0]!],
      { num_heads: num_heads!, scale: scale! },
      'com.microsoft',
    )
    const context = kernel.outputs[0]!
    return [headMask ? masked(context, headMask) : context, attentions!, softmax!]
  },
  gradient: attentionGradient,
}

/** The plain lowering without a copy of keys and values for each head that shares them. */
function grouped(node: Node): readonly Tensor[] {
  const { q, parts } = groups(node)
  const { shape: maps } = node.outputs[1]!
  const rows = [...q.shape.slice(0, 3), maps[3]!]
  const [, , , bias, headMask, factors] = node.inputs
  const products = concat(
    parts.map(({ key }) => q.matmul(key.T)),
    3,
    maps[3],
  )
  // Rows stay where they are, one head's below another's, unless something else than the bias is for each head.
  const { softmax, weights } =
    headMask || factors
      ? weigh(node, reshaped(products, maps))
      : weigh(node, products, bias && belowEachOther(bias, maps, rows))
  const context = weighted(reshaped(weights, rows), parts)
  const given = [joined(context, node.outputs[0]!), reshaped(weights, maps), reshaped(softmax, maps)]
  const { key, value } = parts.at(-1)!
  return node.outputs.length > 3 ? [...given, key, value] : given
}

/** The values of all parts, weighted: [batch, key heads, rows, size]. */
function weighted(weights: Tensor, parts: readonly KeyValues[]): Tensor {
  const [first, second] = parts
  if (!second) return weights.matmul(first!.value)
  const [border, end] = [first!.key.shape[2]!, weights.shape[3]!]
  const before = weights.slice(3, 0, border)
  const after = weights.slice(3, border, end, second.key.shape[2])
  return before.matmul(first!.value).add(after.matmul(second.value))
}

/** What is added to the scores of all heads, as rows of the heads that share a key head: [batch, key heads, rows, keys]. */
function belowEachOther(bias: Tensor, maps: Shape, rows: Shape): Tensor {
  if (String(rows) === String(maps)) return bias
  const full = stretched(bias, maps)
  const [batch, heads, sequence, keys] = full.shape
  const [, shared, together] = rows
  if (heads !== 1) return full.reshape(batch!, shared!, together!, keys!)
  const each = Number(maps[1]) / Number(shared)
  return full.unsqueeze(1).expand(batch!, 1, each, sequence!, keys!).reshape(batch!, 1, together!, keys!)
}

/** Whether there are keys and values from before. */
const hasMemory = ({ inputs }: Node) => inputs[6] !== undefined

/** Keys or values with each head as often as heads of the query share it, [batch, keys, heads × size]. */
function repeatHeads(t: Tensor, { attributes: { num_heads, kv_num_heads } }: Node): Tensor {
  const [heads, shared] = [Number(num_heads), Number(kv_num_heads)]
  if (heads === shared) return t
  const [batch, keys, width] = t.shape
  const size = Number(width) / shared
  const repeated = t
    .reshape(batch!, keys!, shared, 1, size)
    .expand(batch!, keys!, shared, heads / shared, size)
  return repeated.reshape(batch!, keys!, heads * size)
}

/** The softmax of the products of queries and keys, and what is left of it to multiply values with. */
function weigh(node: Node, products: Tensor, bias = node.inputs[3]) {
  const [, , , , headMask, factors] = node.inputs
  const scores = node.attributes.softcap ? bent(products, node).mul(float(node, 'softcap')) : products
  const softmax = (bias ? scores.add(bias) : scores).softmax()
  const left = factors ? softmax.mul(factors) : softmax
  return { softmax, weights: headMask ? left.mul(ofHeads(headMask)) : left }
}
