/** @file Numbers that lie in another order than row by row: transposed matrices, and views of a larger storage. */
import { countOf } from './tensor-entry'

type Cells =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>

const cellsOf = {
  1: Uint8Array,
  2: Uint16Array,
  4: Uint32Array,
  8: BigUint64Array,
} as const

/**
 * The numbers at `strides` (in numbers, from the first on) put row by row. Like `torch.as_strided(…).contiguous()`.
 * @example
 * gather(new Uint8Array([1, 2, 3, 4, 5, 6]), 1, [3, 2], [1, 3]) // 1, 4, 2, 5, 3, 6: the transpose of [2, 3]
 */
export function gather(
  bytes: Uint8Array<ArrayBuffer>,
  size: keyof typeof cellsOf,
  shape: readonly number[],
  strides: readonly number[],
): Uint8Array<ArrayBuffer> {
  const Numbers = cellsOf[size]
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : bytes.slice()
  const from: Cells = new Numbers(buffer, byteOffset, Math.floor(bytes.byteLength / size))
  const to: Cells = new Numbers(countOf(shape))
  let next = 0
  const copy = (axis: number, begin: number): void => {
    const [length, stride] = [shape[axis]!, strides[axis]!]
    if (axis < shape.length - 1) {
      for (let i = 0; i < length; i++) copy(axis + 1, begin + i * stride)
      return
    }
    for (let i = 0, place = begin; i < length; i++, place += stride) to[next++] = from[place]!
  }
  if (shape.length === 0) to[0] = from[0]!
  else if (to.length > 0) copy(0, 0)
  return new Uint8Array(to.buffer)
}

/** The strides of a tensor whose numbers lie row by row. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1)
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!
  return strides
}

/**
 * Shape and strides of a tensor with its axes in another order, as it lies row by row in the old one.
 * @example
 * transposed([2, 3], [1, 0]) // { shape: [3, 2], strides: [1, 3] }
 */
export function transposed(shape: readonly number[], axes: readonly number[]) {
  const strides = rowMajor(shape)
  return { shape: axes.map((axis) => shape[axis]!), strides: axes.map((axis) => strides[axis]!) }
}
