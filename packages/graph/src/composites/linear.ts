/** @file Products with weights laid out as PyTorch lays them: linear layers and embeddings. */
import { GraphError } from '../errors'
import { scatter } from '../scatter'
import { product } from '../shape'
import { apply, Node, type Tensor } from '../tensor'
import type { TensorType } from '../types'
import { again } from './again'
import { blockProduct, blockRows } from './blocks'
import type { Composite, Lowering } from './composite'

/** x · weightᵀ + bias, with `weight` [out, in] as it lies in the checkpoint; `transposed` where it lies there as [in, out]. */
export function applyLinear(x: Tensor, weight: Tensor, bias?: Tensor, transposed = false): Tensor {
  const [inputs, outputs] = sizesOf(weight, transposed)
  if (weight.rank !== 2 || x.shape.at(-1) !== inputs) {
    throw new GraphError(
      `linear needs x [.., in] and a weight ${transposed ? '[in, out]' : '[out, in]'}, ` +
        `got [${x.shape}] and [${weight.shape}].`,
    )
  }
  const type = { dtype: x.dtype, shape: [...x.shape.slice(0, -1), outputs] }
  return apply('linear', [x, weight, bias], type, { transposed: Number(transposed) })
}

const sizesOf = ({ shape: [a, b] }: Tensor, transposed: boolean) =>
  (transposed ? [a, b] : [b, a]) as [inputs: number, outputs: number]

export const linearComposite: Composite = {
  plain({ inputs: [x, weight, bias], attributes: { transposed } }) {
    const y = x!.matmul(transposed ? weight! : weight!.T)
    return [bias ? y.add(bias) : y]
  },
  // Gemm takes the weight as it lies, at the speed of MatMul, but wants matrices; the reshapes around it cost nothing.
  fused({ inputs: [x, weight, bias], outputs: [y], attributes }, lowering) {
    const { target, stored } = lowering
    const transposed = attributes.transposed === 1
    const backward = attributes.backward === 1
    const [, outputs] = sizesOf(weight!, transposed)
    const inBlocks = backward ? undefined : blockProduct(x!, weight!, y!, bias, lowering)
    if (inBlocks) return [inBlocks]
    if (target.weights === 'int8' && target.device === 'wasm') {
      const quantized = quantizedWeight(weight!, transposed !== backward, stored)
      if (quantized) return [(backward ? backwardProduct : quantizedProduct)(x!, quantized, y!, bias)]
    }
    const form = { transB: transposed ? 0 : 1 }
    // This kernel takes rows along any axes, so that nothing is reshaped around it: decoding is a quarter faster. It adds no bias,
    // and GPUs have none.
    if (target.device === 'wasm' && !bias && x!.rank > 2)
      return new Node('FusedMatMul', [x, weight], [y!], form, 'com.microsoft').outputs
    const rows = flatRows(x!)
    const out = apply(
      'Gemm',
      [rows, weight, bias],
      { dtype: x!.dtype, shape: [rows.shape[0]!, outputs] },
      form,
    )
    return [x!.rank === 2 ? out : out.reshape(...y!.shape)]
  },
  // One product over all rows, however many axes these lie along.
  gradient({ inputs: [x, weight], attributes }, [dy]) {
    const transposed = attributes.transposed === 1
    const [rows, drows] = [flatRows(again(x!, dy!)), flatRows(dy!)]
    const dx = throughLinear(drows, weight!, !transposed)
    const dweight = apply('Gemm', transposed ? [rows, drows] : [drows, rows], weight!, { transA: 1 })
    return [x!.rank === 2 ? dx : dx.reshape(...x!.shape), dweight, drows.sum([0])]
  },
}

/** What flows back through a product: with the weight as the product had it, where that was quantized. */
const throughLinear = (dy: Tensor, weight: Tensor, transposed: boolean) =>
  apply(
    'linear',
    [dy, weight, undefined],
    { dtype: dy.dtype, shape: [dy.shape[0]!, sizesOf(weight, transposed)[1]] },
    { transposed: Number(transposed), backward: 1 },
  )

/** The last axis of `x`, and all others as one. */
const flatRows = (x: Tensor) => (x.rank === 2 ? x : x.reshape(product(x.shape.slice(0, -1)), x.shape.at(-1)!))

/** A matrix [inputs, outputs] in 8 bits, with a scale for each output. */
interface Quantized {
  readonly matrix: Tensor
  readonly scales: Tensor
}

function quantizedWeight(
  weight: Tensor,
  transposed: boolean,
  stored: Lowering['stored'],
): Quantized | undefined {
  const [inputs, outputs] = sizesOf(weight, transposed)
  const axis = transposed ? 1 : 0
  const matrix = stored(weight, 'int8', [inputs, outputs], { kind: 'quantize', axis, transpose: !transposed })
  const scales = stored(weight, 'float32', [outputs], { kind: 'scales', axis })
  return matrix && scales && { matrix, scales }
}

/** Training over a quantized weight never has it as a whole in single precision: onnxruntime does not fold this operation, and what
 * it gives lives no longer than the product. */
function backwardProduct(dy: Tensor, { matrix, scales }: Quantized, type: TensorType): Tensor {
  const weight = apply(
    'DequantizeLinear',
    [matrix, scales],
    { dtype: 'float32', shape: matrix.shape },
    { axis: 1 },
  )
  return apply('Gemm', [dy, weight], { dtype: type.dtype, shape: type.shape }, { transB: 1 })
}

/** The kernel quantizes all of its input with one scale. What comes back from a wider space, after an activation, has rows of
 * very different size: brought to one size first, each has a scale of its own, and one token's values don't blur the others.
 * On MiniLM that lifts the cosine to full precision from 0.988 to 0.994; rows of the other layers are alike. */
function quantizedProduct(x: Tensor, { matrix, scales }: Quantized, type: TensorType, bias?: Tensor): Tensor {
  const multiply = (rows: Tensor, added?: Tensor) =>
    new Node('DynamicQuantizeMatMul', [rows, matrix, scales, undefined, added], [type], {}, 'com.microsoft')
      .outputs[0]!
  const [inputs, outputs] = matrix.shape as [number, number]
  if (inputs <= outputs) return multiply(x, bias)
  const size = x.mul(x).max([-1], { keepdims: true }).add(1e-24).sqrt()
  const product = multiply(x.div(size)).mul(size)
  return bias ? product.add(bias) : product
}

/** The rows of `weight` [count, size] that `ids` name: [.., size]. Training leaves the row of `padding` as it is. */
export function applyEmbedding(weight: Tensor, ids: Tensor, padding: number | null = null): Tensor {
  const type = { dtype: weight.dtype, shape: [...ids.shape, ...weight.shape.slice(1)] }
  return apply('embedding', [weight, ids], type, padding === null ? {} : { padding })
}

export const embeddingComposite: Composite = {
  plain: ({ inputs: [weight, ids] }) => [weight!.gather(ids!)],
  gradient({ inputs: [weight, ids], attributes: { padding } }, [dy]) {
    if (padding === undefined) return undefined
    const counts = ids!.equal(Number(padding)).not().cast(dy!.dtype)
    return [scatter(dy!.mul(counts.unsqueeze(-1)), weight!, ids!, 0)]
  },
  fused({ inputs: [weight, ids], outputs: [y] }, lowering) {
    const { target, stored } = lowering
    const inBlocks = blockRows(weight!, ids!, y!, lowering)
    if (inBlocks) return [inBlocks]
    if (target.weights !== 'int8') return undefined
    const [count, size] = weight!.shape as [number, number]
    const rows = stored(weight!, 'int8', [count, size], { kind: 'quantize', axis: 0, transpose: false })
    const scales = stored(weight!, 'float32', [count], { kind: 'scales', axis: 0 })
    return rows && scales && [rows.gather(ids!).cast('float32').mul(scales.gather(ids!).unsqueeze(-1))]
  },
}
