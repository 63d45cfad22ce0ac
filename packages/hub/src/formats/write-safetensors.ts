/** @file Writing safetensors: the bytes that Python's `save_file` writes, put together of parts that nobody has to read. */
import { byCodePoints } from '../python-json'
import { type CheckpointDType, countOf, itemSize } from '../tensor-entry'

/** A tensor to write: its numbers row by row and little endian, in a Blob where they need not be in memory. */
export interface SavedTensor {
  readonly name: string
  readonly dtype: CheckpointDType
  readonly shape: readonly number[]
  readonly bytes: Blob | Uint8Array<ArrayBuffer>
  /** Whether it is none of the parameters that an index counts. Default: it is one. */
  readonly buffer?: boolean
}

/** What `save_pretrained` says of the tensors: that they lie as PyTorch's do. */
const METADATA = { format: 'pt' }

/** The library's order of types; the last ones come first in a file, so that large numbers lie aligned. */
const ORDER: readonly CheckpointDType[] = [
  'BOOL',
  'U8',
  'I8',
  'F8_E5M2',
  'F8_E4M3',
  'I16',
  'U16',
  'F16',
  'BF16',
  'I32',
  'U32',
  'F32',
  'F64',
  'I64',
  'U64',
]
const rank = new Map(ORDER.map((dtype, i) => [dtype, i]))

/** The bytes of a tensor in a file. */
export const byteLength = ({ dtype, shape }: Pick<SavedTensor, 'dtype' | 'shape'>): number =>
  countOf(shape) * itemSize[dtype]

/**
 * A safetensors file of tensors. Like `safetensors.torch.save_file(tensors, file, metadata={"format": "pt"})` in Python.
 * @throws {RangeError} when a tensor has more or fewer bytes than its shape and type tell.
 */
export function writeSafetensors(tensors: readonly SavedTensor[]): Blob {
  const sorted = tensors.toSorted(
    (a, b) => rank.get(b.dtype)! - rank.get(a.dtype)! || byCodePoints(a.name, b.name),
  )
  let end = 0
  const lines = sorted.map((tensor) => {
    const { name, dtype, shape, bytes } = tensor
    const [given, expected] = [bytes instanceof Blob ? bytes.size : bytes.length, byteLength(tensor)]
    if (given !== expected)
      throw new RangeError(
        `Tensor "${name}" has ${given} bytes, expected ${expected} for ${dtype} [${shape.join(', ')}].`,
      )
    const begin = end
    end += expected
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`
  })
  const header = new TextEncoder().encode(
    `{${[`"__metadata__":${JSON.stringify(METADATA)}`, ...lines].join()}}`,
  )
  const padding = ' '.repeat((8 - (header.length % 8)) % 8)
  const length = new DataView(new ArrayBuffer(8))
  length.setBigUint64(0, BigInt(header.length + padding.length), true)
  return new Blob([length, header, padding, ...sorted.map(({ bytes }) => bytes)])
}
