/** @file The containers checkpoints come in, told by the ends of their names; a reader is fetched when it is needed. */
import { FileNotFoundError } from '../errors'
import { containerOf } from '../shard-index'
import type { TensorFile } from '../tensor-entry'
import { readSafetensors } from './safetensors'

/** Reads where the tensors of a file lie; they themselves stay there. */
export type Reader = (file: string, blob: Blob) => Promise<TensorFile>

const pytorch = async () => (await import('./pytorch')).readPytorch

const readers: Readonly<Record<string, () => Promise<Reader>>> = {
  gguf: async () => (await import('./gguf/read')).readGguf,
  safetensors: async () => readSafetensors,
  bin: pytorch,
  pt: pytorch,
  pth: pytorch,
  ckpt: pytorch,
  h5: async () => (await import('./tensorflow')).readTensorflow,
  msgpack: async () => (await import('./flax')).readFlax,
}

/** @throws {FileNotFoundError} when no container has this name */
export function readerOf(file: string): Promise<Reader> {
  const container = containerOf(file)
  const reader = Object.hasOwn(readers, container) ? readers[container] : undefined
  if (reader) return reader()
  throw new FileNotFoundError(
    `"${file}" is no checkpoint that is read here. Expected a name that ends with ${Object.keys(readers)
      .map((name) => `.${name}`)
      .join(', ')}.`,
  )
}
