/** @file What a kernel of attention reads: as little as possible is done to queries, keys and values before it. */
import { apply, type Tensor } from '../tensor'
import { float, type Lowering } from './composite'
import { joinedProduct, projectionsOf, wholeOf } from './projections'

export interface AttentionInputs {
  /** Queries, keys and values, or all of them as one. */
  readonly values: readonly Tensor[]
  /** Tables of all places, where the kernel turns queries and keys. */
  readonly turned?: { readonly cos: Tensor; readonly sin: Tensor }
  /** What the kernel norms each head of queries, and of keys, with before it turns them. */
  readonly norms?: { readonly weights: readonly Tensor[]; readonly epsilon: number }
}

/** Of a head, no more pairs of channels turn inside the kernel than are a multiple of this. */
const PAIRS = 8

/** What GroupQueryAttention reads for attention of these queries, keys and values, whose heads have so many channels, over `total`
 * keys. */
export function attentionInputs(
  values: readonly Tensor[],
  { size, total }: { readonly size: number; readonly total: string },
  lowering: Lowering,
): AttentionInputs {
  const rotation = rotationOf(values, size, total, lowering)
  if (!rotation) return { values: asOne(values, lowering) ?? values }
  const { before, turned } = rotation
  const one = asOne(before, lowering)
  return one ? { values: one, turned } : { values, ...normed(before, turned, lowering) }
}

/** Queries, keys and values as one, where they are all of a value, or linear layers of one; a list of it. */
function asOne(values: readonly Tensor[], lowering: Lowering): readonly Tensor[] | undefined {
  const projections = projectionsOf(values, lowering)
  const one = wholeOf(values) ?? (projections && joinedProduct(projections, lowering))
  return one && [one]
}

/** What queries and keys are before their places turn them, with the values; nothing where the kernel can't turn them. */
function rotationOf([query, key, value]: readonly Tensor[], size: number, total: string, lowering: Lowering) {
  const [ofQuery, ofKey] = [query, key].map((x) => lowering.madeBy(x!))
  if (ofQuery?.op !== 'rotary' || ofKey?.op !== 'rotary' || ofQuery.inputs[3] || ofKey.inputs[3])
    return undefined
  const [cos, sin] = [1, 2].map((i) =>
    ofQuery.inputs[i] === ofKey.inputs[i] ? ofAllPlaces(ofQuery.inputs[i]!, total) : undefined,
  )
  const turns = PAIRS * Math.trunc(size / 2 / PAIRS)
  if (!cos || !sin || Number(cos.shape[1]) > turns) return undefined
  return { before: [ofQuery.inputs[0]!, ofKey.inputs[0]!, value!], turned: { cos, sin } }
}

/** The same for a kernel that norms queries and keys before it turns them; nothing where they are no norms of each head by itself. */
function normed(
  [query, key, value]: readonly Tensor[],
  turned: AttentionInputs['turned'],
  lowering: Lowering,
): AttentionInputs | undefined {
  const [ofQuery, ofKey] = [query, key].map((x) => headNormOf(x!, lowering))
  if (!ofQuery || !ofKey || ofQuery.epsilon !== ofKey.epsilon) return undefined
  return {
    values: [ofQuery.x, ofKey.x, value!],
    turned,
    norms: { weights: [ofQuery.weight, ofKey.weight], epsilon: ofQuery.epsilon },
  }
}

/** What `x` [batch, sequence, heads × size] is a norm of, head by head. */
function headNormOf({ node }: Tensor, lowering: Lowering) {
  const norm = node.op === 'Reshape' ? lowering.madeBy(node.inputs[0]!) : undefined
  const [heads, weight, residual] = norm?.inputs ?? []
  const { op, inputs } = heads?.node ?? {}
  if (norm?.op !== 'rmsNorm' || residual || op !== 'Reshape' || heads!.rank !== 4) return undefined
  return { x: inputs![0]!, weight: weight!, epsilon: float(norm, 'epsilon') }
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
