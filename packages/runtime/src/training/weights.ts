/** @file The weights of a training on their way in and out. */
import { decodeEntry, type SavedTensor, type TensorEntry } from '@webformers/hub'
import { toFloat32 } from '../convert'
import { InputError } from '../errors'
import { sizeOf } from '../tensor'
import type { Vectors } from './backend'

/** The numbers of a checkpoint's tensor. */
export async function valuesOf(entry: TensorEntry): Promise<Float32Array<ArrayBuffer>> {
  const stored = await entry.blob.slice(entry.offset, entry.offset + entry.length).arrayBuffer()
  return toFloat32(decodeEntry(entry, new Uint8Array(stored)), entry.dtype)!
}

interface Named {
  readonly name: string
  readonly shape: readonly number[]
}

/** Numbers as tensors of a file; they are copied out of this worker's memory. */
export const saved = (tensors: readonly Named[], vectors: Vectors): SavedTensor[] =>
  tensors.map(({ name, shape }) => ({ name, dtype: 'F32', shape, bytes: new Blob([vectors.get(name)!]) }))

/**
 * The numbers of saved tensors.
 * @throws {InputError} when they are not those that are wanted.
 */
export async function opened(wanted: readonly Named[], tensors: readonly SavedTensor[]): Promise<Vectors> {
  const given = new Map(tensors.map((tensor) => [tensor.name, tensor]))
  const vectors: Vectors = new Map()
  for (const { name, shape } of wanted) {
    const tensor = given.get(name)
    if (!tensor || tensor.dtype !== 'F32' || String(tensor.shape) !== String(shape)) {
      const came = tensor ? `${tensor.dtype} [${tensor.shape.join(', ')}]` : 'nothing'
      throw new InputError(
        `The state holds ${came} for ${name}, expected F32 [${shape.join(', ')}]. ` +
          'It belongs to a training of another model or with another optimizer.',
      )
    }
    const bytes = tensor.bytes instanceof Blob ? await tensor.bytes.arrayBuffer() : tensor.bytes.slice().buffer
    vectors.set(name, new Float32Array(bytes, 0, sizeOf(shape)))
  }
  return vectors
}
