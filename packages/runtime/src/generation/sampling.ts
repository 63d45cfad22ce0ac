/** @file Tokens drawn at random by their scores, the same for the same seed. */
import { ExecutionError } from '../errors'
import { hash, randomOf } from '../random'
import { largest, max } from './numeric'

/** Numbers from 0 to below 1. */
export type Random = () => number

/** A stream of its own for each row, so that what one draws does not depend on the others. */
export const streams = (seed: number, rows: number): Random[] =>
  Array.from({ length: rows }, (_, row) => fine(randomOf(hash(`${seed} ${row}`))))

/** Two draws in one: 32 bits are too coarse for the rare tokens of a large vocabulary. */
const fine =
  (random: Random): Random =>
  () =>
    random() + random() / 2 ** 32

/** A place, with the probability that its score has after a softmax. Like `torch.multinomial` of it.
 * @throws {ExecutionError} when no token is possible, or a score is no number */
export function draw(scores: Float32Array, random: Random): number {
  const { powers, sum } = exponentials(scores)
  let rest = random() * sum
  let last = 0
  for (let i = 0; i < powers.length; i++) {
    const power = powers[i]!
    if (power === 0) continue
    last = i
    rest -= power
    if (rest < 0) break
  }
  return last
}

/** Several places, drawn one after the other, none twice. Like `torch.multinomial` without replacement.
 * @throws {ExecutionError} when no token is possible, or a score is no number */
export function drawSeveral(scores: Float32Array, count: number, random: Random): Int32Array {
  const { powers } = exponentials(scores)
  // Of times until each happens, exponentially distributed by their rates, the first ones are such a draw.
  const rates = new Float32Array(scores.length)
  for (let i = 0; i < powers.length; i++)
    rates[i] = powers[i] === 0 ? 0 : powers[i]! / -Math.log(1 - random())
  return largest(rates, count)
}

/** Taken again by each draw, which is over before the next begins. */
let memory = new Float64Array()

function exponentials(scores: Float32Array): { powers: Float64Array; sum: number } {
  const top = max(scores)
  if (memory.length < scores.length) memory = new Float64Array(scores.length)
  const powers = memory.subarray(0, scores.length)
  let sum = 0
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!
    const power = score === Number.NEGATIVE_INFINITY ? 0 : Math.exp(score - top)
    powers[i] = power
    sum += power
  }
  if (!(sum > 0) || sum === Number.POSITIVE_INFINITY) {
    throw new ExecutionError(
      top === Number.NEGATIVE_INFINITY
        ? 'No token is left to draw: every score is -Infinity. Loosen what forbids tokens, or the custom logitsProcessor.'
        : 'The scores hold NaN or Infinity, so no token can be drawn. removeInvalidValues: true makes finite numbers of them.',
    )
  }
  return { powers, sum }
}
