/** @file Rows of a batch as one tensor. */
import type { FeatureTensor } from '../tensor'
import { AudioError } from './errors'

/** Rows of one length as one tensor.
 * @param shape of a row
 * @throws {AudioError} when they differ in length */
export function stacked(
  rows: readonly Float32Array[],
  shape: readonly number[] = [rows[0]!.length],
): FeatureTensor<'float32'> {
  const data = new Float32Array(rows.length * same(rows))
  for (const [i, row] of rows.entries()) data.set(row, i * row.length)
  return { dtype: 'float32', shape: [rows.length, ...shape], data }
}

/** The same of whole numbers. */
export function stackedMasks(rows: readonly Int32Array[]): FeatureTensor<'int32'> {
  const data = new Int32Array(rows.length * same(rows))
  for (const [i, row] of rows.entries()) data.set(row, i * row.length)
  return { dtype: 'int32', shape: [rows.length, rows[0]!.length], data }
}

function same(rows: readonly ArrayLike<number>[]): number {
  const { length } = rows[0]!
  const other = rows.find((row) => row.length !== length)
  if (other) {
    throw new AudioError(
      `The sounds of the batch have ${length} and ${other.length} samples, and a tensor needs as many in each. Use padding: true.`,
    )
  }
  return length
}
