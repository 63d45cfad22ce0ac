/** @file Matrices whose numbers lie in blocks that share a scale, as in GGUF files, and the kernels of GPUs that take them so. */
import { product } from '../shape'
import { Node, type Tensor } from '../tensor'
import type { TensorType } from '../types'
import type { BlockedMatrix, Lowering, Target } from './composite'

/** So many numbers share a scale. */
export const BLOCK = 32

/** Whether blocks of a type say where their numbers begin. */
const minimums = { Q8_0: false, Q4_0: false, Q4_1: true } as const
const bits = { Q8_0: 8, Q4_0: 4, Q4_1: 4 } as const

/** The parameters that are matrices of linear layers, or tables of embeddings, and are held in blocks along their inputs. */
export function matricesInBlocks(
  order: readonly Node[],
  names: ReadonlyMap<Tensor, readonly string[]>,
  { blocks }: Target,
): ReadonlyMap<Tensor, BlockedMatrix> {
  const matrices = new Map<Tensor, { table: boolean; transposed: boolean }>()
  for (const { op, inputs, attributes } of blocks ? order : []) {
    const transposed = (attributes.transposed === 1) !== (attributes.backward === 1)
    if (op === 'linear') matrices.set(inputs[1]!, { table: false, transposed })
    if (op === 'embedding' && !matrices.has(inputs[0]!))
      matrices.set(inputs[0]!, { table: true, transposed: false })
  }
  const found = new Map<Tensor, BlockedMatrix>()
  for (const [weight, { table, transposed }] of matrices) {
    const sources = names.get(weight)
    const [outputs, inputs] = (transposed ? weight.shape.toReversed() : weight.shape) as [number, number]
    if (!sources || weight.rank !== 2 || inputs % BLOCK !== 0) continue
    const type = blocks!({ names: sources, shape: [outputs, inputs], table })
    if (type) found.set(weight, { type, transposed })
  }
  return found
}

interface InBlocks {
  /** [rows, blocks, bytes] */
  readonly quants: Tensor
  /** [rows, blocks] */
  readonly scales: Tensor
  /** What is added to the numbers of a block, where that is anything. */
  readonly offsets: Tensor | undefined
  readonly attributes: { readonly bits: number; readonly block_size: number }
}

/** A weight as a GPU's kernels take it; nothing where it is not held in blocks, or there is no such kernel. */
function heldInBlocks(weight: Tensor, { target, stored, blocked }: Lowering): InBlocks | undefined {
  const matrix = target.device === 'webgpu' ? blocked(weight) : undefined
  if (!matrix) return undefined
  const { type, transposed } = matrix
  const [rows, inputs] = (transposed ? weight.shape.toReversed() : weight.shape) as [number, number]
  const count = inputs / BLOCK
  const part = (name: 'quants' | 'scales' | 'offsets', shape: readonly number[]) =>
    stored(weight, name === 'quants' ? 'uint8' : target.compute, shape, {
      kind: 'blocks',
      part: name,
      ...matrix,
    })!
  return {
    quants: part('quants', [rows, count, (BLOCK / 8) * bits[type]]),
    scales: part('scales', [rows, count]),
    offsets: minimums[type] ? part('offsets', [rows, count]) : undefined,
    attributes: { bits: bits[type], block_size: BLOCK },
  }
}

/** x · weightᵀ + bias of a weight in blocks. */
export function blockProduct(
  x: Tensor,
  weight: Tensor,
  y: TensorType,
  bias: Tensor | undefined,
  lowering: Lowering,
): Tensor | undefined {
  const held = heldInBlocks(weight, lowering)
  if (!held) return undefined
  const { quants, scales, offsets } = held
  const [rows, blocks] = scales.shape as [number, number]
  const attributes = { K: blocks * BLOCK, N: rows, ...held.attributes }
  const multiply = (by: Tensor, shape: TensorType['shape']) =>
    kernel(
      'MatMulNBits',
      [by, quants, scales, ...(bias ? [undefined, undefined, bias] : [])],
      { dtype: y.dtype, shape },
      attributes,
    )
  if (!offsets) return multiply(x, y.shape)
  // What is added to all numbers of a block is multiplied with the sum of those that they meet.
  const count = product(x.shape.slice(0, -1))
  const flat = x.rank === 2 ? x : x.reshape(count, x.shape.at(-1)!)
  const added = new Node(
    'Gemm',
    [sumsOf(x, flat, blocks), offsets, multiply(flat, [count, rows])],
    [{ dtype: y.dtype, shape: [count, rows] }],
    { transB: 1 },
  ).outputs[0]!
  return x.rank === 2 ? added : added.reshape(...y.shape)
}

/** Layers that read the same rows share their sums. */
const sums = new WeakMap<Tensor, Tensor>()

function sumsOf(x: Tensor, rows: Tensor, blocks: number): Tensor {
  const made = sums.get(x) ?? rows.reshape(rows.shape[0]!, blocks, BLOCK).sum([-1])
  sums.set(x, made)
  return made
}

/** The rows of a table in blocks that `ids` name. */
export function blockRows(
  weight: Tensor,
  ids: Tensor,
  y: TensorType,
  lowering: Lowering,
): Tensor | undefined {
  const held = heldInBlocks(weight, lowering)
  if (!held) return undefined
  const { quants, scales, offsets, attributes } = held
  const shape = [...ids.shape, scales.shape[1]!, BLOCK]
  const blocks = kernel(
    'GatherBlockQuantized',
    [quants, ids, scales.unsqueeze(-1)],
    { dtype: y.dtype, shape },
    { ...attributes, gather_axis: 0, quantize_axis: 2 },
  )
  const whole = offsets ? blocks.add(offsets.gather(ids).unsqueeze(-1)) : blocks
  return whole.reshape(...y.shape)
}

const kernel = (
  op: 'MatMulNBits' | 'GatherBlockQuantized',
  inputs: readonly (Tensor | undefined)[],
  type: TensorType,
  attributes: Node['attributes'],
) => new Node(op, inputs, [type], attributes, 'com.microsoft').outputs[0]!
