/**
 * @file What a pickle of tensors holds once it is read. Python's None, numbers and texts are `null`, numbers (`bigint` beyond
 * 2⁵³) and strings; a list is an array, a tuple a frozen one, a dictionary a `Map`. The rest are the classes below.
 */
import type { CheckpointDType } from '../../tensor-entry'

/** A type of numbers as PyTorch calls it; without `dtype` where no tensor of a checkpoint can have it here. */
export interface NumberType {
  readonly name: string
  readonly size: number
  readonly dtype?: CheckpointDType
}

/** Numbers that lie together in the file; any number of tensors are views of them. */
export class Storage {
  constructor(
    readonly key: string,
    readonly type: NumberType,
    /** How many numbers there are. */
    readonly count: number,
    /** The part that is meant, in numbers. */
    readonly part: readonly [begin: number, count: number] = [0, count],
  ) {}
}

/** What `torch._utils._rebuild_tensor` was given; checked once the tensor's name is known, to name it. */
export class StoredTensor {
  constructor(
    readonly storage: Storage,
    readonly type: NumberType,
    readonly offset: unknown,
    readonly shape: unknown,
    readonly strides: unknown,
  ) {}
}

/** A tensor that is more than numbers in a storage. */
export class UnreadableTensor {
  /** @param kind as `a sparse tensor` */
  constructor(readonly kind: string) {}
}

/** A name of Python's that pickles of tensors use. */
export class Global {
  constructor(
    readonly path: string,
    /** What a call of it describes; `undefined` where the arguments don't fit. */
    readonly call?: (parameters: readonly unknown[]) => unknown,
    /** The numbers that a class of storages, or a dtype, stands for. */
    readonly type?: NumberType,
  ) {}
}

/** A value that no tensor depends on: bytes, a set, a device. */
export const opaque = Object.freeze({ opaque: true })

export const isTuple = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && Object.isFrozen(value)

export const isList = (value: unknown): value is unknown[] => Array.isArray(value) && !Object.isFrozen(value)

export const isTensor = (value: unknown): value is StoredTensor | UnreadableTensor =>
  value instanceof StoredTensor || value instanceof UnreadableTensor

/** A size, an offset or a count. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
