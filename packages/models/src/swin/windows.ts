/** @file Windows of a grid of patches: each is a text of its own, whose tokens look at each other only. */
import { constant, type Dim, product, scalar, type Tensor } from '@webformers/graph'
import type { Tables } from '../architecture'

/** Rows and columns of a grid. */
export type Grid = readonly [rows: number, columns: number]

/** How windows lie on a grid: so many places wide, moved by so many. */
export interface WindowPlan {
  readonly size: number
  readonly shift: number
  /** The grid with what is added at the right and below, so that windows fill it. */
  readonly filled: Grid
}

/** @param always whether a grid as small as a window is cut as any other, which it is for backbones */
export function windowPlan(
  [rows, columns]: Grid,
  window: number,
  shift: number,
  always: boolean,
): WindowPlan {
  const whole = !always && Math.min(rows, columns) <= window
  const size = whole ? Math.min(rows, columns) : window
  const fill = (count: number) => Math.ceil(count / size) * size
  return { size, shift: whole ? 0 : shift, filled: [fill(rows), fill(columns)] }
}

const counts = ({ size, filled: [rows, columns] }: WindowPlan) => [rows / size, columns / size] as const

/** [batch, rows × columns, channels] as [batch × windows, places, channels]. */
export function cut(x: Tensor, [rows, columns]: Grid, plan: WindowPlan): Tensor {
  const { size, shift, filled } = plan
  const [batch, , channels] = x.shape as [Dim, number, number]
  const grid = x
    .reshape(batch, rows, columns, channels)
    .pad([0, 0, 0, filled[1] - columns, 0, filled[0] - rows])
    .roll([-shift, -shift], [1, 2])
  const [down, across] = counts(plan)
  return grid
    .reshape(batch, down, size, across, size, channels)
    .transpose(0, 1, 3, 2, 4, 5)
    .reshape(product([batch, down * across]), size * size, channels)
}

/** What `cut` takes apart. */
export function joined(windows: Tensor, batch: Dim, [rows, columns]: Grid, plan: WindowPlan): Tensor {
  const { size, shift, filled } = plan
  const channels = windows.shape[2]!
  const [down, across] = counts(plan)
  return windows
    .reshape(batch, down, across, size, size, channels)
    .transpose(0, 1, 3, 2, 4, 5)
    .reshape(batch, ...filled, channels)
    .roll([shift, shift], [1, 2])
    .slice(1, 0, rows)
    .slice(2, 0, columns)
    .reshape(batch, rows * columns, channels)
}

/** What Python adds to scores of places that are neighbours only because the grid was moved. */
const APART = -100

/** That for each window, [windows, 1, places, places]; nothing where windows were not moved. */
export function shiftMask(plan: WindowPlan): Tensor | undefined {
  const { size, shift, filled } = plan
  if (shift === 0) return undefined
  const region = (place: number, count: number) =>
    Number(place >= count - size) + Number(place >= count - shift)
  const [down, across] = counts(plan)
  const regions = Array.from({ length: down * across * size * size }, (_, i) => {
    const [window, place] = [Math.floor(i / (size * size)), i % (size * size)]
    const row = Math.floor(window / across) * size + Math.floor(place / size)
    const column = (window % across) * size + (place % size)
    return 3 * region(row, filled[0]) + region(column, filled[1])
  })
  const ids = constant(regions, [down * across, size * size], 'int32')
  return ids.unsqueeze(1).equal(ids.unsqueeze(2)).where(scalar(0), APART).unsqueeze(1)
}

/** Which row of a table of biases is for each pair of places of a window, [places, places]: they are told by how far the places lie
 * apart. */
export function relativePositions(window: number): Tensor {
  const places = window * window
  return constant(relativePositionIndex(window), [places, places], 'int32')
}

/** The same in the rows of [places, places]. */
function relativePositionIndex(window: number): number[] {
  const places = window * window
  const reach = 2 * window - 1
  return Array.from({ length: places * places }, (_, i) => {
    const [from, to] = [Math.floor(i / places), i % places]
    const down = Math.floor(from / window) - Math.floor(to / window) + window - 1
    const across = (from % window) - (to % window) + window - 1
    return down * reach + across
  })
}

/** Beside the table of biases, [(2·window − 1)², heads], Python saves which of them each pair of places has. */
export const windowTables: Tables = {
  relative_position_bias_table: ([biases]) => {
    const window = (Math.sqrt(biases!) + 1) / 2
    const shape = [window ** 2, window ** 2]
    return { relative_position_index: { shape, values: relativePositionIndex(window) } }
  },
}
