/** @file Ids as a user or a model gives them: lists, typed arrays, tensors. */
import { TokenizerError } from '../errors'
import type { IntegerTensor } from './batch-encoding'

/** Ids as lists or as what a model gave. */
export type IdList = Iterable<number> | IntegerTensor

/** @throws {TokenizerError} when the id is none that a vocabulary could have; Python raises an OverflowError then. */
export function checkedId(id: number): number {
  if (id >>> 0 === id) return id
  throw new TokenizerError(
    `An id is ${String(id)}, but must be a whole number from 0 to 4294967295. ` +
      'Labels of -100 are no ids: leave them out, or give tokenizer.padTokenId instead.',
  )
}

/** @throws {TokenizerError} when it is a tensor of rows. */
export function listOf(ids: IdList): Iterable<number> {
  if (!isTensor(ids)) return ids
  if (ids.shape.length <= 1) return ids.data
  throw new TokenizerError(
    `The tensor has the shape [${ids.shape.join(', ')}], but one text's ids have one dimension: use batchDecode.`,
  )
}

/** The rows of a tensor, or of a list of them; a flat one has one id in each. */
export function rowsOf(batch: Iterable<number | IdList> | IntegerTensor): Iterable<number | IdList> {
  if (!isTensor(batch)) return batch
  const { shape, data } = batch
  if (shape.length < 2) return data
  const [rows = 0, length = 0] = shape
  return Array.from({ length: rows }, (_, row) => data.subarray(row * length, (row + 1) * length))
}

const isTensor = (ids: object): ids is IntegerTensor => 'data' in ids && 'shape' in ids
