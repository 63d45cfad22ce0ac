/** @file A checkpoint: tensors by name, whichever files hold them. */
import type { ReadOptions, Repository } from './repository'

export type CheckpointDType =
  | 'BOOL'
  | 'U8'
  | 'I8'
  | 'U16'
  | 'I16'
  | 'F16'
  | 'BF16'
  | 'U32'
  | 'I32'
  | 'F32'
  | 'U64'
  | 'I64'
  | 'F64'
  | 'F8_E4M3'
  | 'F8_E5M2'

/** Where one tensor lies: `length` bytes at byte `offset` of `blob`, which is the file called `file`. */
export interface TensorEntry {
  name: string
  dtype: CheckpointDType
  shape: number[]
  blob: Blob
  file: string
  offset: number
  length: number
}

export interface Checkpoint {
  readonly entries: ReadonlyMap<string, TensorEntry>
  readonly metadata: Record<string, string>
  /** @throws {MissingTensorError} */
  bytes(name: string): Promise<Uint8Array>
}

export async function openCheckpoint(_files: Record<string, Blob>): Promise<Checkpoint> {
  throw new Error('Being written.')
}

export async function checkpointFiles(
  _repository: Repository,
  _options: ReadOptions = {},
): Promise<Record<string, Blob>> {
  throw new Error('Being written.')
}
