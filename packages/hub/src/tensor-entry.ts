/** @file One tensor of a checkpoint: its type, its shape, and where and how its bytes lie. */

/** The bytes one number of each type takes. */
export const itemSize = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const

/** Types of numbers, as safetensors calls them. */
export type CheckpointDType = keyof typeof itemSize

/** A tensor, made of `length` bytes at byte `offset` of `blob`, which is the file called `file`. */
export interface TensorEntry {
  readonly name: string
  readonly dtype: CheckpointDType
  readonly shape: readonly number[]
  readonly blob: Blob
  readonly file: string
  readonly offset: number
  readonly length: number
  /** Makes the tensor's numbers, row by row and little endian, of the bytes in the file; absent where those are them. */
  readonly decode?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>
  /** The blocks that its numbers lie in, for whoever can take these as they are. */
  readonly blocks?: StoredBlocks
  /** What the file calls it, where that is not `name`. */
  readonly originalName?: string
}

/** Blocks of 32 numbers along a row that share a scale, as GGUF lays them out. */
export interface StoredBlocks {
  readonly type: 'Q8_0' | 'Q4_0' | 'Q4_1'
  /** Whether their rows are the tensor's columns. */
  readonly transposed: boolean
  /** Puts the rows in the tensor's order; absent where they lie in it. */
  readonly ordered?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>
}

/** What one file holds. */
export interface TensorFile {
  readonly entries: readonly TensorEntry[]
  readonly metadata: Readonly<Record<string, string>>
}

/** How many numbers a tensor of this shape has. */
export const countOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1)

/** A tensor's numbers, row by row and little endian, from its part of the file. */
export const decodeEntry = ({ decode }: TensorEntry, bytes: Uint8Array<ArrayBuffer>) =>
  decode?.(bytes) ?? bytes
