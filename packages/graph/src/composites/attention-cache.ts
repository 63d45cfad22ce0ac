/** @file Attention that goes on from keys and values of before, as one kernel that joins the new ones to them. */
import { type Dim, product } from '../shape'
import { apply, Node, type Tensor } from '../tensor'
import { Float } from '../types'
import { attentionInputs } from './attention-inputs'
import type { Lowering } from './composite'

/** Heads whose size is no multiple of this have no kernel. */
const CHANNELS = 8

/** The outputs of a node with a memory that grows, from GroupQueryAttention; nothing where it can't serve. On WASM it takes twice
 * as long over a prompt as plain operations do. Where a token sees nothing, because it is padding itself, its output is not
 * Python's. */
export function groupQuery(node: Node, lowering: Lowering): readonly Tensor[] | undefined {
  const [query, key, value, bias, headMask, factors, pastKey, pastValue] = node.inputs
  const [context, attentions, softmax, presentKey, presentValue] = node.outputs
  const { num_heads, kv_num_heads, scale, softcap } = node.attributes
  if (lowering.target.device === 'wasm' || !key || !value || factors || !bias) return undefined
  const [size, valueSize] = [pastKey!.shape[3], pastValue!.shape[3]]
  if (size !== valueSize || Number(size) % CHANNELS !== 0) return undefined
  if (softcap) return undefined // WebGPU's ignores it
  const [batch, , , total] = attentions!.shape
  const { values, turned, norms } = attentionInputs(
    [query!, key, value],
    { size: Number(size), total: String(total) },
    lowering,
  )
  const kernel = new Node(
    'GroupQueryAttention',
    [
      ...values,
      ...Array(3 - values.length).fill(undefined),
      pastKey,
      pastValue,
      lastPlaces(batch!, total!),
      count(total!),
      turned?.cos,
      turned?.sin,
      undefined,
      stretched(bias, attentions!.shape),
      ...(norms ? [undefined, undefined, undefined, ...norms.weights] : []),
    ],
    [context!, presentKey!, presentValue!],
    {
      num_heads: num_heads!,
      kv_num_heads: kv_num_heads!,
      scale: scale!,
      do_rotary: Number(turned !== undefined),
      ...(norms && { qk_norm_epsilon: new Float(norms.epsilon) }),
    },
    'com.microsoft',
  )
  const [out, ...present] = kernel.outputs
  return [headMask ? masked(out!, headMask) : out!, attentions!, softmax!, ...present]
}

/** What was before keys or values that this kernel gives; it may be the buffer that they are written to. */
export function addedTo(x: Tensor): Tensor | undefined {
  const { op, inputs, outputs } = x.node
  const at = outputs.indexOf(x)
  return op === 'GroupQueryAttention' && at > 0 ? inputs[at + 2] : undefined
}

/** The last place of each row: int32 [batch]. */
const lastPlaces = (batch: Dim, total: Dim) =>
  apply(
    'Derived',
    [],
    { dtype: 'int32', shape: [batch] },
    { kind: 'last', dims: [String(batch)], of: String(total) },
  )

/** How many elements a dimension counts: int32 [1]. */
const count = (dim: Dim) =>
  apply('Derived', [], { dtype: 'int32', shape: [1] }, { kind: 'count', dims: [String(dim)] })

/** `context` [batch, sequence, heads × size], each head times its entry of the mask. */
export function masked(context: Tensor, headMask: Tensor): Tensor {
  const [batch, sequence, width] = context.shape
  const heads = Number(headMask.shape[0])
  const split = context.reshape(batch!, sequence!, heads, Number(width) / heads)
  return split.mul(headMask.reshape(heads, 1)).reshape(...context.shape)
}

/** Kernels broadcast their bias over batch and heads only. */
export function stretched(bias: Tensor, [, , sequence, keys]: readonly Dim[]): Tensor {
  const full = bias.rank === 4 ? bias : bias.unsqueeze(...Array.from({ length: 4 - bias.rank }, (_, i) => i))
  const [batch, heads] = full.shape
  return product(full.shape.slice(2)) === product([sequence!, keys!])
    ? full
    : full.expand(batch!, heads!, sequence!, keys!)
}
