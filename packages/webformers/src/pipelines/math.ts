/** @file What several tasks compute from logits. Plain numbers in, plain numbers out. */

export type Numbers = ArrayLike<number>

/** Numbers that sum to 1, in the proportions of the exponentials. */
export function softmax(logits: Numbers): number[] {
  const values = Array.from(logits)
  const largest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const exponentials = values.map((x) => Math.exp(x - largest))
  const sum = exponentials.reduce((a, b) => a + b, 0)
  return exponentials.map((x) => x / sum)
}

export const sigmoid = (logits: Numbers): number[] => Array.from(logits, (x) => 1 / (1 + Math.exp(-x)))

/** Where the largest number stands; the first of equals. */
export function argmax(values: Numbers): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i
  return best
}

/** Where the `count` largest numbers stand, largest first; of equals the first come first. */
export function largest(values: Numbers, count: number): number[] {
  const best: number[] = []
  for (let i = 0; i < values.length; i++) {
    // A vocabulary is long and `count` small: nearly every value ends here.
    if (best.length >= count && !(values[i]! > values[best.at(-1)!]!)) continue
    let place = best.length
    while (place > 0 && values[best[place - 1]!]! < values[i]!) place--
    best.splice(place, 0, i)
    best.length = Math.min(best.length, count)
  }
  return best
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
