/** @file Predictions of several batches as one array. */
import type { PlainTensor } from '@webformers/runtime'

/** What stands where one batch's texts are shorter than another's. */
const PADDING = -100

/** Tensors one after the other along the first axis, where they differ in the second padded with -100. Like `nested_concat`. */
export function concatenate(tensors: readonly PlainTensor[]): PlainTensor {
  const [first, ...others] = tensors
  if (!first) throw new RangeError('Nothing to concatenate.')
  if (others.length === 0) return first
  const width = Math.max(...tensors.map(({ shape }) => shape[1] ?? 1))
  const rest = first.shape.slice(2)
  const inner = rest.reduce((product, size) => product * size, 1)
  const rows = tensors.reduce((sum, { shape }) => sum + (shape[0] ?? 1), 0)
  const shape = first.shape.length < 2 ? [rows] : [rows, width, ...rest]
  const Values = first.data.constructor as new (length: number) => PlainTensor['data']
  const data = new Values(rows * width * inner)
  const padding = data instanceof BigInt64Array ? BigInt(PADDING) : PADDING
  data.fill(padding as never)
  let row = 0
  for (const tensor of tensors) {
    const size = (tensor.shape[1] ?? 1) * inner
    for (let i = 0; i < (tensor.shape[0] ?? 1); i++) {
      data.set(tensor.data.subarray(i * size, (i + 1) * size) as never, row * width * inner)
      row++
    }
  }
  return { dtype: first.dtype, shape, data }
}
