/** @file Where each place of a feature map lies, told from the mask of the pixels that are no padding. */
import { concat, constant, module, parameter, product, type Tensor } from '@webformers/graph'
import { numbersAlong, sineOfTurns } from '../spatial'

const TEMPERATURE = 10_000

/** Sines and cosines of how far down and how far right each place of `mask` [batch, height, width] lies among those that count,
 * with `size` numbers for either: [batch, height × width, 2 × size]. */
export function sinePositions(mask: Tensor, size: number): Tensor {
  const [batch, height, width] = mask.shape
  const channels = Array.from({ length: size }, (_, i) => i)
  const frequencies = channels.map((i) => TEMPERATURE ** ((-2 * Math.floor(i / 2)) / size))
  const phases = channels.map((i) => (i % 2) / 4) // a cosine is a sine that is ahead
  const turning = (axis: number) => {
    const share = mask
      .cumsum(axis)
      .div(mask.sum([axis], { keepdims: true }).add(1e-6))
      .unsqueeze(3)
    return sineOfTurns(share.mul(constant(frequencies, [size])).add(constant(phases, [size])))
  }
  const [rows, columns] = [turning(1), turning(2)]
  return concat([rows, columns], 3).reshape(batch!, product([height!, width!]), 2 * size)
}

const POSITIONS = 50

/** Rows and columns that are learnt, whatever is padding: as `sinePositions`, the column's numbers first. */
export const LearnedPositions = (size: number) =>
  module({
    row_embeddings: { weight: parameter(POSITIONS, size) },
    column_embeddings: { weight: parameter(POSITIONS, size) },
  }).forward(({ row_embeddings, column_embeddings }, mask: Tensor) => {
    const [batch, height, width] = mask.shape
    const columns = column_embeddings.weight.gather(numbersAlong(width!)).expand(height!, width!, size)
    const rows = row_embeddings.weight
      .gather(numbersAlong(height!))
      .unsqueeze(1)
      .expand(height!, width!, size)
    const both = concat([columns, rows], 2).reshape(product([height!, width!]), 2 * size)
    return both.unsqueeze(0).expand(batch!, product([height!, width!]), 2 * size)
  })
