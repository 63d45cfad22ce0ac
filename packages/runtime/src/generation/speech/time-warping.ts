/** @file Which frame each token belongs to: dynamic time warping over smoothed attention weights. */

/** A matrix, rows one behind the other. */
export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly values: Float32Array
}

/**
 * Each value becomes the median of those around it in its row, which is mirrored at its ends; rows too short for that stay as they are.
 * @param width of the window, an odd number
 * @example medianFilter({ rows: 1, columns: 4, values: Float32Array.of(1, 9, 2, 3) }, 3).values // 9, 2, 3, 2
 */
export function medianFilter({ rows, columns, values }: Matrix, width: number): Matrix {
  const half = (width - 1) / 2
  if (columns <= half) return { rows, columns, values }
  const filtered = new Float32Array(values.length)
  const window = new Float32Array(width)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let i = 0; i < width; i++) {
        const place = Math.abs(column + i - half)
        insert(window, i, values[row * columns + (place < columns ? place : 2 * (columns - 1) - place)]!)
      }
      filtered[row * columns + column] = window[half]!
    }
  }
  return { rows, columns, values: filtered }
}

/** Put a value among the first `count`, which are in order; NaN comes last, as in torch. */
function insert(window: Float32Array, count: number, value: number) {
  let at = count
  for (; at > 0 && !(window[at - 1]! <= value || Number.isNaN(value)); at--) window[at] = window[at - 1]!
  window[at] = value
}

const STAY = 0
const UP = 1
const LEFT = 2

/**
 * The cheapest path through a matrix of costs from one corner to the other, as the column at which each row begins.
 * Like `_dynamic_time_warping` in Python, sums in single precision.
 * @example warp({ rows: 2, columns: 3, values: Float32Array.of(0, 1, 1, 1, 1, 0) }) // Int32Array [0, 2]
 */
export function warp({ rows, columns, values }: Matrix): Int32Array {
  const wide = columns + 1
  const cost = new Float32Array((rows + 1) * wide).fill(Number.POSITIVE_INFINITY)
  const trace = new Uint8Array(cost.length)
  cost[0] = 0
  for (let j = 1; j <= columns; j++) {
    for (let i = 1; i <= rows; i++) {
      const [diagonal, above, before] = [
        cost[(i - 1) * wide + j - 1]!,
        cost[(i - 1) * wide + j]!,
        cost[i * wide + j - 1]!,
      ]
      const step =
        diagonal < above && diagonal < before ? STAY : above < diagonal && above < before ? UP : LEFT
      const least = step === STAY ? diagonal : step === UP ? above : before
      cost[i * wide + j] = values[(i - 1) * columns + j - 1]! + least
      trace[i * wide + j] = step
    }
  }
  trace.fill(LEFT, 0, wide)
  for (let i = 0; i <= rows; i++) trace[i * wide] = UP
  const begins = new Int32Array(rows)
  for (let [i, j] = [rows, columns]; i > 0 || j > 0; ) {
    if (i > 0) begins[i - 1] = j - 1
    const step = trace[i * wide + j]
    if (step !== LEFT) i--
    if (step !== UP) j--
  }
  return begins
}
