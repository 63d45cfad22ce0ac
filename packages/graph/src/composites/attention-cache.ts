/** @file Attention that goes on from keys and values of before, as one kernel that joins the new ones to them. */
import { type Dim, product } from '../shape'
import { apply, Node, type Tensor } from '../tensor'
import type { Lowering } from './composite'
import { applyLinear } from './linear'

/** Heads whose size is no multiple of this have no kernel. */
const CHANNELS = 8
/** Of a head, no more pairs of channels turn inside the kernel than are a multiple of this. */
const PAIRS = 8

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
  const turns = PAIRS * Math.trunc(Number(size) / 2 / PAIRS)
  const packed = projected(query!, key, value, { total: String(total), turns }, lowering)
  const kernel = new Node(
    'GroupQueryAttention',
    [
      ...(packed ? [packed.projection, undefined, undefined] : [query, key, value]),
      pastKey,
      pastValue,
      lastPlaces(batch!, total!),
      count(total!),
      packed?.cos,
      packed?.sin,
      undefined,
      stretched(bias, attentions!.shape),
    ],
    [context!, presentKey!, presentValue!],
    {
      num_heads: num_heads!,
      kv_num_heads: kv_num_heads!,
      scale: scale!,
      do_rotary: Number(packed !== undefined),
    },
    'com.microsoft',
  )
  const [out, keys, values] = kernel.outputs
  return [headMask ? masked(out!, headMask) : out!, attentions!, softmax!, keys!, values!]
}

/** Query, key and value as one projection of what all three are projections of, two of them turned by their places; nothing where
 * they are something else. The kernel turns them itself then, by tables of all places. */
function projected(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  { total, turns }: { readonly total: string; readonly turns: number },
  lowering: Lowering,
) {
  const turned = [query, key].map((x) => lowering.madeBy(x))
  const [ofQuery, ofKey] = turned
  if (ofQuery?.op !== 'rotary' || ofKey?.op !== 'rotary') return undefined
  const [cos, sin] = [1, 2].map((i) =>
    ofQuery.inputs[i] === ofKey.inputs[i] ? ofAllPlaces(ofQuery.inputs[i]!, total) : undefined,
  )
  const linears = [ofQuery.inputs[0]!, ofKey.inputs[0]!, value].map((x) => lowering.madeBy(x))
  const [x] = linears[0]?.inputs ?? []
  const alike = linears.every(
    (each) => each?.op === 'linear' && each.inputs[0] === x && each.attributes.transposed === 0,
  )
  if (!alike || !x || ofQuery.inputs[3] || ofKey.inputs[3]) return undefined
  if (!cos || !sin || Number(cos.shape[1]) > turns) return undefined
  const weight = lowering.joined(linears.map((each) => each!.inputs[1]!))
  const biases = linears.flatMap((each) => each!.inputs[2] ?? [])
  const bias = biases.length === linears.length ? lowering.joined(biases) : undefined
  if (!weight || (biases.length > 0 && !bias)) return undefined
  return { projection: applyLinear(x, weight, bias), cos, sin }
}

/** The tables of rotary positions that `table` is the end of; nothing where all of them depend on how many there are. */
function ofAllPlaces(table: Tensor, total: string): Tensor | undefined {
  const { node } = table.node.op === 'Cast' ? table.node.inputs[0]! : table
  const { endOf, longFrequencies, ...rest } = node.attributes
  if (node.op !== 'Derived' || endOf !== total || longFrequencies) return undefined
  const type = { dtype: node.outputs[0]!.dtype, shape: [PLACES, table.shape[1]!] }
  return apply('Derived', [], type, { ...rest, dims: [total] })
}

/** The dimension of such tables, which may have more rows than a text has tokens. */
const PLACES = 'places'

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
