/** @file The batch that every side trains on: random ids, some rows shorter than others, two classes. */

export const BATCH = 8
export const TOKENS = 64

/** Settings of the optimizer, the defaults of Python's Trainer. */
export const adamw = { learningRate: 5e-5, betas: [0.9, 0.999], eps: 1e-8, maxGradNorm: 1 }

/** @returns {{ input_ids: number[][], attention_mask: number[][], labels: number[] }} the same each time */
export function batch(rows = BATCH, tokens = TOKENS) {
  let state = 12345
  const random = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0 // Numerical Recipes' generator
    return Math.floor((state / 2 ** 32) * below)
  }
  const lengths = Array.from({ length: rows }, (_, row) => tokens - 4 * row)
  return {
    input_ids: lengths.map((length) =>
      Array.from({ length: tokens }, (_, i) => (i < length ? 1000 + random(29000) : 0)),
    ),
    attention_mask: lengths.map((length) => Array.from({ length: tokens }, (_, i) => Number(i < length))),
    labels: lengths.map((_, row) => row % 2),
  }
}
