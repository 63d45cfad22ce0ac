/** @file Tensors at the public surface: plain objects `{ dtype, shape, data }` that `structuredClone` and `postMessage` take as they are. */
import { fromFloat16 } from '@webformers/graph'
import type { PlainTensor, TensorDType } from '@webformers/runtime'
import { TensorError } from './errors'

/** The type of a tensor's values. */
export type DType = TensorDType
/** Values in row-major order, their shape and their type. */
export type Tensor<D extends DType = DType> = PlainTensor<D>

/** A value, a list of values, a list of lists, … */
export type Nested<T> = T | readonly Nested<T>[]
type Scalar = number | bigint | boolean
type TypedArray = Tensor['data'] | Float64Array

const arrays = {
  float32: Float32Array,
  float16: Uint16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const

/** A tensor of the given values. Like `torch.tensor`, except that whole numbers become int32.
 * @param values a typed array, or a list nested as deep as the tensor has dimensions
 * @param shape default: that of the list
 * @param dtype default: int32 for whole numbers, float32 for others, int64 for bigints, bool for booleans
 * @example
 * tensor([[1, 2], [3, 4]]) // { dtype: 'int32', shape: [2, 2], data: Int32Array [1, 2, 3, 4] }
 * tensor(new Float32Array(6), [2, 3]).dtype // 'float32'
 * @throws {TensorError} when the list's parts differ in length, or the values do not fill the shape
 */
export function tensor<D extends DType = DType>(
  values: Nested<Scalar> | TypedArray,
  shape?: readonly number[],
  dtype?: D,
): Tensor<D> {
  const flat: ArrayLike<Scalar> = ArrayBuffer.isView(values) ? values : flatten(values)
  const dims = shape ?? (ArrayBuffer.isView(values) ? [values.length] : shapeOf(values))
  const size = dims.reduce((product, dim) => product * dim, 1)
  if (size !== flat.length) {
    throw new TensorError(`A tensor of shape [${dims}] holds ${size} values, but ${flat.length} were given.`)
  }
  const type = dtype ?? (typeOf(values, flat) as D)
  return { dtype: type, shape: [...dims], data: fill(type, flat) as Tensor<D>['data'] }
}

/** The values as a list nested as deep as the tensor has dimensions; a bare value for a shape of []. Like `Tensor.tolist()`.
 * No type tells how deep that is, so say it: `toList<number[][]>(logits)`. An int64 tensor gives bigints, a bool one booleans.
 * @example
 * toList(tensor([[1, 2], [3, 4]])) // [[1, 2], [3, 4]]
 */
export function toList<L extends Nested<Scalar> = Nested<number>>({ dtype, shape, data }: Tensor): L {
  const value = (i: number): Scalar => {
    if (dtype === 'float16') return fromFloat16(Number(data[i]))
    return dtype === 'bool' ? data[i] !== 0 : data[i]!
  }
  const nest = (axis: number, start: number, size: number): Nested<Scalar> => {
    if (axis === shape.length) return value(start)
    const step = size / shape[axis]!
    return Array.from({ length: shape[axis]! }, (_, i) => nest(axis + 1, start + i * step, step))
  }
  return nest(0, 0, data.length) as L
}

const isList = (values: Nested<Scalar>): values is readonly Nested<Scalar>[] => Array.isArray(values)

/** The shape of a nested list. @throws {TensorError} when parts of one depth differ in length */
export function shapeOf(values: Nested<Scalar>): number[] {
  if (!isList(values)) return []
  const [first, ...others] = values.map(shapeOf)
  const odd = others.find((shape) => String(shape) !== String(first))
  if (odd) {
    throw new TensorError(
      `A tensor needs rows of one length, but this list has parts of shape [${first}] and of shape [${odd}]. ` +
        'Tokenizers make rows equal with { padding: true }.',
    )
  }
  return [values.length, ...(first ?? [])]
}

const flatten = (values: Nested<Scalar>): Scalar[] => (isList(values) ? values.flatMap(flatten) : [values])

function typeOf(values: Nested<Scalar> | TypedArray, flat: ArrayLike<Scalar>): DType {
  if (values instanceof Float64Array) return 'float32'
  if (ArrayBuffer.isView(values)) {
    const type = Object.entries(arrays).find(([, kind]) => values instanceof kind)
    return type![0] as DType
  }
  if (typeof flat[0] === 'bigint') return 'int64'
  if (typeof flat[0] === 'boolean') return 'bool'
  return Array.from(flat).every(Number.isInteger) ? 'int32' : 'float32'
}

function fill(dtype: DType, values: ArrayLike<Scalar>): Tensor['data'] {
  if (dtype === 'float16' && !(values instanceof Uint16Array)) {
    throw new TensorError('A float16 tensor takes the bits of its values, as a Uint16Array.')
  }
  if (dtype === 'int64') return BigInt64Array.from(Array.from(values, (x) => BigInt(x)))
  const data = new arrays[dtype](values.length)
  const number = dtype === 'bool' ? (x: Scalar) => Number(Boolean(x)) : Number
  for (let i = 0; i < values.length; i++) data[i] = number(values[i]!)
  return data
}
