/** @file Gradients on their way from the session to the optimizer. */
import { free } from '../../staging'

/** The gradient of a weight: whole, or of some rows of a table whose other rows have none. */
export type Gradient = Float32Array<ArrayBuffer> | RowGradients

/** The sums of a table's gradients, by the row. */
export class RowGradients {
  readonly #places = new Map<number, number>() // row → its place in #sums
  #sums: Float32Array<ArrayBuffer>

  constructor(
    readonly rows: number,
    readonly width: number,
  ) {
    this.#sums = new Float32Array(0)
  }

  /** Add what was computed of the rows that `ids` name; `padding` gets nothing. */
  add(ids: ArrayLike<number | bigint>, gradients: Float32Array, padding: number | undefined) {
    const { width } = this
    this.#reserve(this.#places.size + ids.length)
    const sums = this.#sums
    for (let i = 0; i < ids.length; i++) {
      const row = Number(ids[i])
      if (row === padding) continue
      let place = this.#places.get(row)
      if (place === undefined) {
        place = this.#places.size
        this.#places.set(row, place)
      }
      for (let column = 0, to = place * width, from = i * width; column < width; column++, to++, from++)
        sums[to]! += gradients[from]!
    }
  }

  /** The gradient of a row; nothing where there is none. */
  row(row: number): Float32Array | undefined {
    const place = this.#places.get(row)
    return place === undefined ? undefined : this.#sums.subarray(place * this.width, (place + 1) * this.width)
  }

  /** All numbers that need not be zero. */
  get values(): Float32Array {
    return this.#sums.subarray(0, this.#places.size * this.width)
  }

  /** With zeros for the other rows. */
  whole(): Float32Array<ArrayBuffer> {
    const whole = new Float32Array(this.rows * this.width)
    for (const row of this.#places.keys()) whole.set(this.row(row)!, row * this.width)
    return whole
  }

  #reserve(places: number) {
    if (places * this.width <= this.#sums.length) return
    const larger = new Float32Array(places * this.width)
    larger.set(this.values)
    this.#sums = larger
  }
}

export const wholeOf = (gradient: Gradient) =>
  gradient instanceof RowGradients ? gradient.whole() : gradient

/** Add to a gradient what another batch gave; that is freed. */
export function accumulate(sum: Float32Array, more: Float32Array<ArrayBuffer>) {
  for (let i = 0; i < sum.length; i++) sum[i]! += more[i]!
  free(more.buffer)
}

/** With four sums, none of which waits for another. */
export function sumOfSquares(values: Float32Array): number {
  const even = values.length - (values.length % 4)
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let i = 0; i < even; i += 4) {
    a += values[i]! * values[i]!
    b += values[i + 1]! * values[i + 1]!
    c += values[i + 2]! * values[i + 2]!
    d += values[i + 3]! * values[i + 3]!
  }
  for (let i = even; i < values.length; i++) a += values[i]! * values[i]!
  return a + b + c + d
}
