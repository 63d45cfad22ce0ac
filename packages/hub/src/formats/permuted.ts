/** @file A tensor whose axes have another order in the file than in PyTorch. */
import { gather, transposed } from '../strided'
import { itemSize, type TensorEntry } from '../tensor-entry'

/** What PyTorch calls a tensor, its shape there, and the order of its axes where that is another one than in the file. */
export interface PytorchVariable {
  readonly name: string
  readonly shape: readonly number[]
  readonly axes?: readonly number[]
}

/** The last axis first. */
export const reversed = (rank: number): number[] => Array.from({ length: rank }, (_, axis) => rank - 1 - axis)

type Numbers = Pick<TensorEntry, 'dtype' | 'shape' | 'decode'>

/**
 * The same numbers with their axes in another order: axis `i` is the file's `axes[i]`.
 * @example
 * permuted({ dtype: 'F32', shape: [2, 3] }, [1, 0]).shape // [3, 2]
 */
export function permuted<N extends Numbers>(numbers: N, axes: readonly number[]): N {
  const { shape, strides } = transposed(numbers.shape, axes)
  const size = itemSize[numbers.dtype]
  const { decode } = numbers
  return { ...numbers, shape, decode: (bytes) => gather(decode?.(bytes) ?? bytes, size, shape, strides) }
}
