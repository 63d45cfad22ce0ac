/** @file Adafactor: of the squares of a matrix's gradients it remembers the means of rows and of columns. */
import { keptSquares, relativeRate } from '../adafactor-rates'
import { matricesOf } from '../moments'
import type { Adafactor } from '../program'
import { sumOfSquares, wholeOf } from './gradient'
import type { Trained, UpdateWeight } from './optimizer'

export function adafactor(options: Adafactor): UpdateWeight {
  const { eps, clipThreshold, beta1, scaleParameter } = options
  return (weight, given, { learningRate, weightDecay, factor, step }) => {
    const { values, moments } = weight
    const gradient = wholeOf(given)
    const scale = scaleParameter ? Math.max(eps[1], rms(values)) : 1
    const rate = scale * relativeRate(options, step, learningRate)
    const kept = keptSquares(options, step)
    const factors = factored(weight, gradient, factor, eps[0], kept)
    const { columns } = factors

    let squares = 0
    eachRow(factors, (row, first, columnFactors) => {
      for (let column = 0, i = first; column < columns; column++, i++) {
        const update = gradient[i]! * row * columnFactors[column]!
        squares += update * update
      }
    })
    const clip = (factor * rate) / Math.max(1, (factor * Math.sqrt(squares / values.length)) / clipThreshold)
    const decay = 1 - weightDecay * rate
    const means = moments.exp_avg
    eachRow(factors, (row, first, columnFactors) => {
      for (let column = 0, i = first; column < columns; column++, i++) {
        let update = gradient[i]! * row * columnFactors[column]! * clip
        if (means) {
          update = means[i]! * beta1! + update * (1 - beta1!)
          means[i] = update
        }
        values[i] = values[i]! * decay - update
      }
    })
  }
}

const rms = (values: Float32Array) => Math.sqrt(sumOfSquares(values) / values.length)

/** What a gradient is multiplied by: a factor of its row and one of its column. */
interface Factors {
  readonly rowFactors: Float64Array
  /** Those of each matrix, one after another. */
  readonly columnFactors: Float64Array
  /** The size of a matrix. */
  readonly rows: number
  readonly columns: number
}

function eachRow(
  { rowFactors, columnFactors, columns, rows }: Factors,
  visit: (row: number, first: number, columnFactors: Float64Array) => void,
) {
  for (let row = 0; row < rowFactors.length; row++) {
    const matrix = Math.trunc(row / rows)
    visit(rowFactors[row]!, row * columns, columnFactors.subarray(matrix * columns, (matrix + 1) * columns))
  }
}

function factored(
  { shape, moments }: Trained,
  gradient: Float32Array,
  factor: number,
  epsilon: number,
  kept: number,
): Factors {
  const { matrices, rows, columns } = matricesOf(shape)
  // Of a vector each square is remembered: it is a row whose columns have one entry each, and its own factor is one.
  const rowMeans = moments.exp_avg_sq_row ?? new Float32Array(1)
  const columnMeans = (moments.exp_avg_sq_col ?? moments.exp_avg_sq)!
  const rowFactors = new Float64Array(rowMeans.length)
  const columnFactors = new Float64Array(columnMeans.length)
  for (let matrix = 0; matrix < matrices; matrix++) {
    const sums = columnFactors.subarray(matrix * columns, (matrix + 1) * columns)
    let mean = 0
    for (let row = matrix * rows; row < (matrix + 1) * rows; row++) {
      let sum = 0
      for (let column = 0, i = row * columns; column < columns; column++, i++) {
        const slope = gradient[i]! * factor
        const square = slope * slope + epsilon
        sum += square
        sums[column]! += square
      }
      rowMeans[row] = rowMeans[row]! * kept + (sum / columns) * (1 - kept)
      mean += rowMeans[row]! / rows
    }
    for (let row = matrix * rows; row < (matrix + 1) * rows; row++)
      rowFactors[row] = Math.sqrt(mean / rowMeans[row]!)
    for (let column = 0, i = matrix * columns; column < columns; column++, i++) {
      columnMeans[i] = columnMeans[i]! * kept + (sums[column]! / rows) * (1 - kept)
      sums[column] = 1 / Math.sqrt(columnMeans[i]!)
    }
  }
  return { rowFactors, columnFactors, rows, columns }
}
