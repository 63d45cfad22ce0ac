/** @file Planes of numbers at another size, row by row, as torch's `interpolate(…, align_corners=False)` has them. */
import type { Size } from '../sizes'

interface Axis {
  readonly low: Int32Array
  readonly high: Int32Array
  /** How much of `high`. */
  readonly weight: Float32Array
}

function bilinearAxis(from: number, to: number): Axis {
  const axis = { low: new Int32Array(to), high: new Int32Array(to), weight: new Float32Array(to) }
  const scale = Math.fround(from / to)
  for (let i = 0; i < to; i++) {
    const at = Math.max(0, Math.fround(Math.fround(scale * (i + 0.5)) - 0.5))
    axis.low[i] = Math.min(Math.floor(at), from - 1)
    axis.high[i] = Math.min(axis.low[i]! + 1, from - 1)
    axis.weight[i] = at - axis.low[i]!
  }
  return axis
}

/** Planes of one size, enlarged or shrunk linearly: the rows of all of them, asked for from top to bottom. */
export class BilinearRows {
  readonly #across: Axis
  readonly #down: Axis
  readonly #row: Float32Array
  /** Rows of the planes at the new width, by their number: the two that the last row lay between. */
  #wide = new Map<number, Float32Array>()

  constructor(
    /** [count, from.height, from.width] */
    private readonly planes: Float32Array,
    private readonly count: number,
    private readonly from: Size,
    private readonly to: Size,
  ) {
    this.#across = bilinearAxis(from.width, to.width)
    this.#down = bilinearAxis(from.height, to.height)
    this.#row = new Float32Array(count * to.width)
  }

  /** [count, to.width]: row `y` of each plane; used again for the next. */
  row(y: number): Float32Array {
    const [low, high, weight] = [this.#down.low[y]!, this.#down.high[y]!, this.#down.weight[y]!]
    const [above, below] = [this.#widened(low), this.#widened(high)]
    for (const number of this.#wide.keys()) if (number < low) this.#wide.delete(number)
    const row = this.#row
    for (let i = 0; i < row.length; i++) row[i] = above[i]! * (1 - weight) + below[i]! * weight
    return row
  }

  #widened(y: number): Float32Array {
    const known = this.#wide.get(y)
    if (known) return known
    const { low, high, weight } = this.#across
    const [{ height, width }, size] = [this.from, this.to.width]
    const wide = new Float32Array(this.count * size)
    for (let c = 0; c < this.count; c++) {
      const start = (c * height + y) * width
      for (let x = 0; x < size; x++) {
        const part = weight[x]!
        wide[c * size + x] =
          this.planes[start + low[x]!]! * (1 - part) + this.planes[start + high[x]!]! * part
      }
    }
    this.#wide.set(y, wide)
    return wide
  }
}

const A = -0.75

/** The four neighbours of each position and what each counts, edges repeated. */
function bicubicAxis(from: number, to: number) {
  const scale = from / to
  return Array.from({ length: to }, (_, i) => {
    const at = scale * (i + 0.5) - 0.5
    const first = Math.floor(at)
    const t = at - first
    const near = (x: number) => ((A + 2) * x - (A + 3)) * x * x + 1
    const far = (x: number) => ((A * x - 5 * A) * x + 8 * A) * x - 4 * A
    const weights = [far(t + 1), near(t), near(1 - t), far(2 - t)] as const
    const places = [-1, 0, 1, 2].map((step) => Math.min(Math.max(first + step, 0), from - 1))
    return { weights, places }
  })
}

/** A plane at another size, along cubic curves; a row at a time, so that the page can breathe between them. */
export function* bicubic(plane: Float32Array, from: Size, to: Size): Generator<void, Float32Array> {
  const across = bicubicAxis(from.width, to.width)
  const wide = new Float32Array(from.height * to.width)
  for (let y = 0; y < from.height; y++) {
    for (const [x, { weights, places }] of across.entries()) {
      let sum = 0
      for (let t = 0; t < 4; t++) sum += weights[t]! * plane[y * from.width + places[t]!]!
      wide[y * to.width + x] = sum
    }
    yield
  }
  const result = new Float32Array(to.height * to.width)
  for (const [y, { weights, places }] of bicubicAxis(from.height, to.height).entries()) {
    for (let x = 0; x < to.width; x++) {
      let sum = 0
      for (let t = 0; t < 4; t++) sum += weights[t]! * wide[places[t]! * to.width + x]!
      result[y * to.width + x] = sum
    }
    yield
  }
  return result
}
