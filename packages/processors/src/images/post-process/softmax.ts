/** @file Probabilities out of logits. */

/** Each row of `size` numbers made to sum to 1, in the proportions of their exponentials. */
export function softmaxRows(logits: Float32Array, size: number): Float32Array {
  const result = new Float32Array(logits.length)
  for (let start = 0; start < logits.length; start += size) {
    let most = Number.NEGATIVE_INFINITY
    for (let i = start; i < start + size; i++) most = Math.max(most, logits[i]!)
    let sum = 0
    for (let i = start; i < start + size; i++) sum += Math.exp(logits[i]! - most)
    for (let i = start; i < start + size; i++) result[i] = Math.exp(logits[i]! - most) / sum
  }
  return result
}

export const sigmoids = (logits: Float32Array): Float32Array => logits.map((x) => 1 / (1 + Math.exp(-x)))
