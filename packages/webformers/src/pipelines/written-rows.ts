/** @file What a model writes about images, with a text that it goes on from or answers. */
import type { ImageInput } from '@webformers/processors'
import type { ModelInputs } from '../inputs'
import type { Tensor } from '../tensor'
import type { Settled } from './generation-options'
import { type ImageRow, imageRow } from './image-rows'
import type { Context } from './task'

/** An image as its model reads it, and ids by the names under which the model takes them. */
export interface WrittenRow {
  readonly image: ImageRow
  readonly ids: Readonly<Record<string, readonly number[]>>
}

/** The row of one image. */
export async function writtenRow(
  image: ImageInput,
  ids: WrittenRow['ids'],
  context: Pick<Context, 'imageProcessor' | 'signal'>,
): Promise<WrittenRow[]> {
  const [row] = await imageRow(image, context)
  return [{ image: row, ids }]
}

/** The sequences that a model writes to each row: one row after another, as texts of other lengths would be padded. */
export async function writeRows(
  rows: readonly WrittenRow[],
  { options }: Settled<unknown>,
  { model, tokenizer, signal }: Context,
): Promise<number[][][]> {
  const written: number[][][] = []
  for (const { image, ids } of rows) {
    const texts = Object.entries(ids).map(([name, row]) => [name, rowOf(row)] as const)
    const { pixel_values } = image.features
    const inputs = { pixel_values, ...Object.fromEntries(texts) } as ModelInputs
    const { shape, data } = await model.generate(inputs, { ...options, tokenizer, signal })
    const [count = 0, length = 0] = shape
    written.push(
      Array.from({ length: count }, (_, i) => Array.from(data.subarray(i * length, (i + 1) * length))),
    )
  }
  return written
}

const rowOf = (ids: readonly number[]): Tensor<'int32'> => ({
  dtype: 'int32',
  shape: [1, ids.length],
  data: Int32Array.from(ids),
})

/** How texts about images are written where neither the call nor the model says otherwise. */
export const WRITTEN = { max_new_tokens: 256 }
