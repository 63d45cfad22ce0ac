/** @file The gradient of attention, from the weights of the forward pass. */

import type { KeyValues } from '../scope'
import { alike, type Dim, product, type Shape } from '../shape'
import { concat, type Node, type Tensor } from '../tensor'
import { again } from './again'
import { type Composite, float, plus } from './composite'

/** [batch, sequence, heads × size] as [batch, heads, sequence, size]. */
export const split = (t: Tensor, heads: number) =>
  t.reshape(t.shape[0]!, t.shape[1]!, heads, Number(t.shape[2]) / heads).transpose(0, 2, 1, 3)

export const reshaped = (t: Tensor, shape: Shape) => (alike(t.shape, shape) ? t : t.reshape(...shape))

/** A number for each head, [heads], to be broadcast over [batch, heads, sequence, keys]. */
export const ofHeads = (t: Tensor) => t.reshape(t.shape[0]!, 1, 1)

/** The scaled products between −1 and 1, where a softcap bends them. */
export const bent = (products: Tensor, node: Node) => products.div(float(node, 'softcap')).tanh()

/** Queries times their scale with the rows of all heads that share a key head one below the other,
 * [batch, key heads, rows, size], and keys and values of each of these heads, in one part or two. */
export function groups(node: Node): { readonly q: Tensor; readonly parts: readonly KeyValues[] } {
  const [query, key, value, , , , pastKey, pastValue, recentKey, recentValue] = node.inputs
  const shared = Number(node.attributes.kv_num_heads)
  const q = stacked(split(query!, Number(node.attributes.num_heads)), shared).mul(float(node, 'scale'))
  const all = (added: Tensor | undefined, before: Tensor | undefined, present: Tensor | undefined) => {
    if (!added || !before) return before ?? split(added!, shared)
    return concat([before, split(added, shared)], 2, present!.shape[2])
  }
  const { 3: presentKey, 4: presentValue } = node.outputs
  const last = {
    key: all(key, recentKey ?? pastKey, presentKey),
    value: all(value, recentValue ?? pastValue, presentValue),
  }
  return { q, parts: recentKey ? [{ key: pastKey!, value: pastValue! }, last] : [last] }
}

/** The heads of `t` [batch, heads, sequence, size] that share a key head, one below the other. */
function stacked(t: Tensor, shared: number): Tensor {
  const [batch, heads, sequence, size] = t.shape
  return reshaped(t, [batch!, shared, product([Number(heads) / shared, sequence!]), size!])
}

/** [batch, key heads, rows, size] as [batch, sequence, width], shaped like `like`. */
export function joined(t: Tensor, like: Tensor): Tensor {
  const [batch, sequence, width] = like.shape
  const size = t.shape[3]!
  const heads = reshaped(t, [batch!, Number(width) / Number(size), sequence!, size])
  return heads.transpose(0, 2, 1, 3).reshape(batch!, sequence!, width!)
}

export const attentionGradient: NonNullable<Composite['gradient']> = (node, [dcontext, dmaps], wanted) => {
  const [query, key, value, , headMask, factors, memory] = node.inputs
  if (memory) return undefined // nobody trains through a cache; the plain lowering would
  const [context, { shape: maps }, softmax] = node.outputs as [Tensor, Tensor, Tensor]
  const heads = Number(node.attributes.num_heads)
  const shared = Number(node.attributes.kv_num_heads)
  const { q, parts } = groups(node)
  const { key: k, value: v } = parts[0]!
  const kept = factors && again(factors, (dcontext ?? dmaps)!)
  const left = kept ? softmax.mul(kept) : softmax
  const weights = headMask ? left.mul(ofHeads(headMask)) : left
  const rows = [...q.shape.slice(0, 3), maps[3]!]

  const dout = dcontext && stacked(split(dcontext, heads), shared)
  const dweights = plus(dout && reshaped(dout.matmul(v.T), maps), dmaps)!
  // What softmax takes off each row, Σ dweights · weights, is Σ dcontext · context: fewer numbers than the maps have.
  const off = plus(
    dcontext && perHead(dcontext.mul(context), heads),
    dmaps?.mul(weights).sum([-1], { keepdims: true }),
  )!
  const dleft = headMask ? dweights.mul(ofHeads(headMask)) : dweights
  const dscores = (kept ? dleft.mul(kept) : dleft).sub(off).mul(softmax)
  const products = reshaped(q.matmul(k.T), maps)
  const dproducts = reshaped(
    node.attributes.softcap ? dscores.mul(slope(bent(products, node))) : dscores,
    rows,
  )
  return [
    joined(dproducts.matmul(k).mul(float(node, 'scale')), query!),
    joined(dproducts.T.matmul(q), key!),
    dout && joined(reshaped(weights, rows).T.matmul(dout), value!),
    dscores,
    wanted[4] ? dweights.mul(left).sum([0, 2, 3]) : undefined,
  ]
}

/** That of tanh, whose values are `t`. */
const slope = (t: Tensor) => t.mul(t).neg().add(1)

/** The sums over the channels of each head of `t` [batch, sequence, heads × size]: [batch, heads, sequence, 1]. */
function perHead(t: Tensor, heads: number): Tensor {
  const [batch, sequence, width] = t.shape as [Dim, Dim, number]
  return t
    .reshape(batch, sequence, heads, width / heads)
    .sum([-1])
    .transpose(0, 2, 1)
    .unsqueeze(-1)
}
