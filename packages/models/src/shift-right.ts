/** @file Ids one place to the right: what a decoder reads to give them back. */
import { arange, scalar, type Tensor } from '@webformers/graph'

/** `ids` [batch, sequence] behind what starts a decoder's text, one token or one for each text [batch, 1], and without the last
 * of them. */
export function shiftRight(ids: Tensor, start: number | Tensor): Tensor {
  const positions = arange(String(ids.shape[1]))
  const first = positions.equal(0)
  const before = first.where(scalar(0, 'int32'), positions.sub(1))
  const starts = typeof start === 'number' ? scalar(start, 'int32') : start
  return first.where(starts, ids.gather(before, 1))
}

/** The token at the end of each text, [batch, 1], as mBART finds it: at the place that the number of tokens tells, so that padding
 * before a text moves it. */
export function lastId(ids: Tensor, padding: number): Tensor {
  const counts = ids.equal(padding).not().cast('int32').cumsum(1).max([1], { keepdims: true })
  const last = arange(String(ids.shape[1])).equal(counts.sub(1)) // [batch, sequence]
  return last.where(ids, 0).max([1], { keepdims: true })
}

/** Ids as they are fed. */
interface PlainIds {
  readonly shape: readonly number[]
  readonly data: ArrayLike<number | bigint>
}

/** The same outside of a graph, of labels too, among which `ignored` means padding. */
export function shiftedRight(
  { shape, data }: PlainIds,
  { start, padding, ignored }: { start: number | 'last'; padding: number; ignored: number },
): Int32Array<ArrayBuffer> {
  const length = shape.at(-1)!
  const ids = Int32Array.from(data, (id) => (Number(id) === ignored ? padding : Number(id)))
  const shifted = new Int32Array(ids.length)
  for (let from = 0; from < ids.length; from += length) {
    const row = ids.subarray(from, from + length)
    shifted.set(row.subarray(0, -1), from + 1)
    shifted[from] = start === 'last' ? row[row.filter((id) => id !== padding).length - 1]! : start
  }
  return shifted
}
