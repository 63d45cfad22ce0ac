/** @file What has to be done to a tensor of a GGUF file so that it is the one of PyTorch. */
import { CorruptCheckpointError, UnsupportedCheckpointError } from '../../errors'
import { gather, transposed } from '../../strided'
import { type CheckpointDType, countOf, itemSize, type TensorEntry } from '../../tensor-entry'
import type { Change } from './families'
import { halves } from './half'
import type { GgufTensor } from './metadata'
import type { GgufType } from './types'

type Bytes = Uint8Array<ArrayBuffer>
type Layout = Pick<TensorEntry, 'dtype' | 'shape' | 'decode' | 'blocks'>

/** @throws {CorruptCheckpointError} @throws {UnsupportedCheckpointError} when the change can't be made to such a tensor. */
export function layoutOf(
  file: string,
  { name, sizes }: GgufTensor,
  type: GgufType,
  change: Change | undefined,
  heads: number,
): Layout {
  const shape = sizes.toReversed()
  const { kept } = type
  const asItLies: Layout = {
    dtype: type.dtype,
    shape,
    decode: dequantized(type, countOf(shape)),
    ...(kept && shape.length === 2 && { blocks: { type: kept, transposed: false } }),
  }
  const expectRows = (multiple: number) => {
    const [rows = 1] = shape
    if (rows % (multiple * heads) !== 0)
      throw new CorruptCheckpointError(
        `"${file}" is no valid GGUF file: tensor "${name}" has ${rows} rows, expected a multiple of ${multiple} for each of ${heads} heads. Download it again.`,
      )
  }
  /** The rows in another order, `places` of rows that are so long: a shape, and how far apart its items lie. */
  const withRows = (places: (length: number) => readonly [shape: number[], strides: number[]]): Layout => {
    const row = countOf(shape.slice(1))
    const ordered = (bytes: Bytes) => gather(bytes, 1, ...places((row / type.weights) * type.bytes))
    return {
      ...asItLies,
      decode: gathered(asItLies, ...places(row)),
      ...(asItLies.blocks && { blocks: { ...asItLies.blocks, ordered } }),
    }
  }
  switch (change) {
    case undefined:
      return asItLies
    case 'transpose': {
      const turned = transposed(shape, [...shape.keys()].reverse())
      return {
        ...asItLies,
        shape: turned.shape,
        decode: gathered(asItLies, turned.shape, turned.strides),
        ...(asItLies.blocks && { blocks: { ...asItLies.blocks, transposed: true } }),
      }
    }
    case 'heads': {
      const [rows = 1] = shape
      expectRows(2)
      // A head's rows come in pairs, the first with the one that is half a head further on in PyTorch.
      const half = rows / heads / 2
      return withRows((length) => [
        [heads, 2, half, length],
        [2 * half * length, length, 2 * length, 1],
      ])
    }
    case 'joined heads': {
      const [rows = 1] = shape
      expectRows(3)
      // All queries, all keys and all values, which in PyTorch are head by head.
      const size = rows / heads / 3
      return withRows((length) => [
        [heads, 3, size, length],
        [size * length, heads * size * length, length, 1],
      ])
    }
    case 'minus one': {
      const toSingle = singles[type.dtype]
      if (!toSingle)
        throw new UnsupportedCheckpointError(
          `Tensor "${name}" of "${file}" is of type ${type.dtype}, expected one of ${Object.keys(singles).join(', ')} or a quantized one for the weight of a norm.`,
        )
      const decode = (bytes: Bytes) => {
        const weights = toSingle(asItLies.decode?.(bytes) ?? bytes)
        return new Uint8Array(weights.map((weight) => weight - 1).buffer)
      }
      return { dtype: 'F32', shape, decode }
    }
  }
}

function dequantized({ dequantize }: GgufType, count: number): TensorEntry['decode'] {
  if (!dequantize) return undefined
  return (blocks) => {
    const weights = new Float32Array(count)
    dequantize(blocks, weights)
    return new Uint8Array(weights.buffer)
  }
}

const gathered =
  ({ dtype, decode }: Layout, shape: readonly number[], strides: readonly number[]) =>
  (bytes: Bytes): Bytes =>
    gather(decode?.(bytes) ?? bytes, itemSize[dtype], shape, strides)

/** Numbers of less precision → single precision. */
const singles: { readonly [Type in CheckpointDType]?: (bytes: Bytes) => Float32Array<ArrayBuffer> } = {
  F32: (bytes) => new Float32Array(bytes.slice().buffer),
  F16: (bytes) => Float32Array.from(new Uint16Array(bytes.slice().buffer), (bits) => halves[bits]!),
  BF16: (bytes) =>
    new Float32Array(Uint32Array.from(new Uint16Array(bytes.slice().buffer), (bits) => bits << 16).buffer),
}
