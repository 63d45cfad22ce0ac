/**
 * @file Scores as the Rust library reads and writes them. It takes the digits of a number for a whole one, rounds that,
 * and divides: of scores with more than 15 digits the last one comes out wrong, which decides between paths alike.
 */

/** What the library makes of the shortest digits of a score. */
export function readScore(score: number): number {
  if (Number.isInteger(score)) return score
  const [, whole = '', fraction = '', exponent = '0'] =
    /^-?(\d+)\.?(\d*)(?:e(.+))?$/.exec(String(score)) ?? []
  const power = Number(exponent) - fraction.length
  const digits = Number(whole + fraction) / Number(`1e${-power}`)
  return score < 0 ? -digits : digits
}

/** Digits that the library reads as `score`; where there are none, the shortest. */
export function writtenScore(score: number): string {
  if (Number.isInteger(score)) return `${score}.0`
  const step = [0n, 1n, -1n, 2n, -2n].find((step) => readScore(neighbour(score, step)) === score)
  return String(neighbour(score, step ?? 0n))
}

const float = new Float64Array(1)
const bits = new BigInt64Array(float.buffer)

/** So many numbers further away from zero. */
function neighbour(value: number, step: bigint): number {
  float[0] = value
  bits[0]! += step
  return float[0]!
}
