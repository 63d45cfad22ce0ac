/** @file The plain tensor: what crosses the worker's boundary and what users hold. */

/** The array that holds a type's values; a bool is a byte of 0 or 1, a float16 its 16 bits. */
export interface TensorArrays {
  float32: Float32Array
  float16: Uint16Array
  int32: Int32Array
  int64: BigInt64Array
  int8: Int8Array
  uint8: Uint8Array
  bool: Uint8Array
}
export type TensorDType = keyof TensorArrays

/** Values in row-major order with their type and shape: a plain object that structured cloning keeps as it is. */
export interface PlainTensor<D extends TensorDType = TensorDType> {
  readonly dtype: D
  readonly shape: readonly number[]
  readonly data: TensorArrays[D]
}
export type PlainTensors = Record<string, PlainTensor>

const arrays: { [D in TensorDType]: new (data: ArrayBuffer | number) => TensorArrays[D] } = {
  float32: Float32Array,
  float16: Uint16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
}

export const isDType = (name: string): name is TensorDType => Object.hasOwn(arrays, name)

/** An array for values of a type: of a length, or over the bytes of a buffer. */
export const arrayOf = <D extends TensorDType>(dtype: D, data: ArrayBuffer | number): TensorArrays[D] =>
  new arrays[dtype](data)

/** How many values a shape holds. */
export const sizeOf = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1)

/** Whether an array can hold values of a type. */
export const holds = (dtype: TensorDType, data: unknown) => data instanceof arrays[dtype]

/**
 * The same tensors, each over a buffer of its own size: cloning a view into a larger buffer would send all of it.
 */
export function compact(tensors: PlainTensors): PlainTensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const { data } = tensor
      const whole = data.byteLength === data.buffer.byteLength
      return [name, whole ? tensor : { ...tensor, data: data.slice() }]
    }),
  )
}

/** Runs of bytes as one. */
export function concatenate(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
