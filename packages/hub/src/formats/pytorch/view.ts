/** @file From a tensor's description, which may say anything, to its bytes in the file. */
import { gather } from '../../strided'
import { itemSize, type TensorEntry } from '../../tensor-entry'
import { type Problems, quoted } from './problems'
import { isCount, isTuple, type StoredTensor } from './values'

/** Where the numbers of a storage lie. */
export interface Place {
  readonly blob: Blob
  /** What the blob is called: its file, or a part of the file that had to be inflated. */
  readonly file: string
  /** The byte at which the storage begins. */
  readonly begin: number
  /** Whether the numbers are big endian. */
  readonly bigEndian: boolean
}

const MOST_DIMENSIONS = 64 // as PyTorch

/** Bytes that numbers used several times may grow to, unless the file is larger anyway. */
const MOST_REPEATED = 2 ** 24

/**
 * The entry of a tensor that is a view of a storage which begins at `place`.
 * @throws {CorruptCheckpointError} @throws {UnsupportedCheckpointError}
 */
export function entryOf(name: string, tensor: StoredTensor, place: Place, problems: Problems): TensorEntry {
  const { dtype, size: item, name: type } = tensor.type
  if (!dtype) throw problems.unsupported(`holds ${quoted(name)}, a tensor of torch.${type}`)
  const { blob, file, begin, bigEndian } = place
  const { offset, shape, strides, count, span } = extent(name, tensor, problems)
  const [first, available] = tensor.storage.part
  const unit = tensor.storage.type.size
  // A storage of bytes serves tensors of any type.
  if ((offset + span) * item > available * unit)
    throw problems.corrupt(
      `tensor ${quoted(name)} ends at byte ${(offset + span) * item} of its storage, which has ${available * unit}`,
    )
  const decode = decoder(itemSize[dtype], shape, count > 0 ? strides : undefined, bigEndian)
  if (decode && count * item > Math.max(MOST_REPEATED, blob.size))
    throw problems.corrupt(
      `tensor ${quoted(name)} takes ${count * item} bytes by using ${span} numbers several times`,
    )
  return {
    name,
    dtype,
    shape,
    blob,
    file,
    offset: begin + first * unit + (count > 0 ? offset * item : 0),
    length: span * item,
    ...(decode && { decode }),
  }
}

/** Offset, shape and strides once they are known to be what they should; `span` numbers from the first one to the last. */
function extent(name: string, { offset, shape, strides }: StoredTensor, problems: Problems) {
  const areCounts = (value: unknown): value is readonly number[] =>
    isTuple(value) && value.length <= MOST_DIMENSIONS && value.every(isCount)
  const known = isCount(offset) && areCounts(shape) && areCounts(strides) && shape.length === strides.length
  if (!known)
    throw problems.corrupt(
      `tensor ${quoted(name)} has offset ${shown(offset)}, shape ${shown(shape)} and strides ${shown(strides)}, ` +
        'expected whole numbers from 0, as many strides as sizes',
    )
  const empty = shape.includes(0)
  const count = empty ? 0 : shape.reduce((product, size) => product * size, 1)
  const span = empty ? 0 : shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, 1)
  if (!Number.isSafeInteger(8 * count) || !Number.isSafeInteger(8 * (offset + span)))
    throw problems.corrupt(
      `tensor ${quoted(name)} of shape ${shown(shape)} with strides ${shown(strides)} is larger than any file`,
    )
  return { offset: empty ? 0 : offset, shape, strides, count, span }
}

/** What makes little-endian numbers row by row of the bytes; `undefined` where they are that. */
function decoder(
  size: 1 | 2 | 4 | 8,
  shape: readonly number[],
  strides: readonly number[] | undefined,
  bigEndian: boolean,
): TensorEntry['decode'] {
  const scattered = strides !== undefined && !liesRowByRow(shape, strides)
  const swaps = bigEndian && size > 1
  if (!scattered && !swaps) return undefined
  return (bytes) => {
    const little = swaps ? swapped(bytes, size) : bytes
    return scattered ? gather(little, size, shape, strides) : little
  }
}

/** The stride of an axis of one number means nothing. */
function liesRowByRow(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false
    expected *= shape[axis]!
  }
  return true
}

function swapped(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice()
  for (let at = 0; at < copy.length; at += size)
    for (let low = at, high = at + size - 1; low < high; low++, high--) {
      const byte = copy[low]!
      copy[low] = copy[high]!
      copy[high] = byte
    }
  return copy
}

/** One level of it, since a list may hold itself. */
function shown(value: unknown): string {
  const one = (item: unknown) => (typeof item === 'number' ? `${item}` : `a ${typeof item}`)
  if (!Array.isArray(value)) return one(value)
  return value.length > MOST_DIMENSIONS ? `[${value.length} sizes]` : `[${value.map(one).join(', ')}]`
}
