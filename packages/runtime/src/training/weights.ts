/** @file The weights of a training on their way in and out: those that are frozen, and those that are not. */
import { initializersOnnx, type Program } from '@webformers/graph'
import { decodeEntry, type SavedTensor, type TensorEntry } from '@webformers/hub'
import { toFloat32 } from '../convert'
import { InputError } from '../errors'
import type { Session } from '../session'
import { concatenate, type PlainTensors, sizeOf } from '../tensor'
import { placeWeights } from '../weights'
import type { Setting, Vectors } from './backend'

/** A session over the weights that stay as the checkpoint has them. */
export function frozenSession({ runtime, entries }: Setting, program: Program): Promise<Session> {
  const { initializers, files } = placeWeights(program.parameters, entries)
  return runtime.createSession(concatenate(program.onnx, initializersOnnx(initializers)), files)
}

/** A program as if it did not take these inputs: they come from elsewhere. */
export const modelInputs = (program: Program, except: readonly string[]): Program => ({
  ...program,
  inputs: Object.fromEntries(Object.entries(program.inputs).filter(([name]) => !except.includes(name))),
})

export const scaleInput = (scale: number): PlainTensors => ({
  loss_scale: { dtype: 'float32', shape: [], data: Float32Array.of(scale) },
})

/** The numbers of a checkpoint's tensor. */
export async function valuesOf(entry: TensorEntry): Promise<Float32Array<ArrayBuffer>> {
  const stored = await entry.blob.slice(entry.offset, entry.offset + entry.length).arrayBuffer()
  return toFloat32(decodeEntry(entry, new Uint8Array(stored)), entry.dtype)!
}

interface Named {
  readonly name: string
  readonly shape: readonly number[]
}

/** Numbers as tensors of a file; Blobs have copies of them. */
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
    if (tensor?.dtype !== 'F32' || String(tensor.shape) !== String(shape)) {
      const came = tensor ? `${tensor.dtype} [${tensor.shape.join(', ')}]` : 'nothing'
      throw new InputError(
        `The state holds ${came} for ${name}, expected F32 [${shape.join(', ')}]. ` +
          'It belongs to a training of another model or with another optimizer.',
      )
    }
    const bytes = await new Blob([tensor.bytes]).arrayBuffer()
    vectors.set(name, new Float32Array(bytes, 0, sizeOf(shape)))
  }
  return vectors
}
