/** @file Arithmetic over scores, rounded to single precision where torch rounds, so that borders fall where they fall there. */

/** One row of [rows × width]. */
export const rowOf = (values: Float32Array, row: number, width: number): Float32Array =>
  values.subarray(row * width, (row + 1) * width)

/** The rows of [rows × width]. */
export const rowsOf = (values: Float32Array, rows: number): Float32Array[] =>
  Array.from({ length: rows }, (_, row) => rowOf(values, row, values.length / rows))

/** The place of the largest value, the first of equal ones; NaN counts as the largest, as in torch. */
export function argmax(values: Float32Array): number {
  let [best, at] = [Number.NEGATIVE_INFINITY, 0]
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value > best) [best, at] = [value, i]
    else if (Number.isNaN(value)) return i
  }
  return at
}

export function max(values: Float32Array): number {
  let best = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) if (values[i]! > best) best = values[i]!
  return best
}

/** What the exponentials of the values sum to, relative to the largest. */
function sumOfExponentials(values: Float32Array, largest: number): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value !== Number.NEGATIVE_INFINITY) sum += Math.exp(value - largest)
  }
  return sum
}

/** Probabilities of scores, written to `out`. */
export function softmax(
  scores: Float32Array,
  out: Float32Array = new Float32Array(scores.length),
): Float32Array {
  const largest = max(scores)
  let sum = 0
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!
    const power = score === Number.NEGATIVE_INFINITY ? 0 : Math.exp(score - largest)
    out[i] = power
    sum += power
  }
  for (let i = 0; i < scores.length; i++) out[i] = out[i]! / sum
  return out
}

/** Scores become logarithms of probabilities, in place. */
export function logSoftmax(scores: Float32Array): Float32Array {
  const largest = max(scores)
  const log = Math.fround(Math.log(sumOfExponentials(scores, largest)))
  for (let i = 0; i < scores.length; i++) scores[i] = Math.fround(scores[i]! - largest) - log
  return scores
}

/** The places of the `count` largest values, the largest first; of equal ones the first. */
export function largest(values: Float32Array, count: number): Int32Array {
  const size = Math.min(count, values.length)
  const places = new Int32Array(size)
  const kept = new Float32Array(size)
  let filled = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (filled === size && !(value > kept[size - 1]!)) continue
    let at = filled < size ? filled++ : size - 1
    for (; at > 0 && kept[at - 1]! < value; at--) {
      kept[at] = kept[at - 1]!
      places[at] = places[at - 1]!
    }
    kept[at] = value
    places[at] = i
  }
  return places
}
