/** @file Medians, their spread, and how near two embeddings are. */

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The least value that so large a share of values does not exceed. */
export const quantile = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)]

/** @returns {{ median: number, low: number, high: number } | undefined} of the values that are there */
export function summary(values) {
  const known = values.filter((value) => Number.isFinite(value))
  if (known.length === 0) return undefined
  return { median: median(known), low: Math.min(...known), high: Math.max(...known) }
}

/** Cosines of rows, `[texts, size]` both; mean and worst. */
export function cosines(rows, truth) {
  const each = rows.map((row, i) => cosine(row, truth[i]))
  return { mean: each.reduce((sum, one) => sum + one, 0) / each.length, worst: Math.min(...each) }
}

function cosine(a, b) {
  let dot = 0
  let aa = 0
  let bb = 0
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i]
    aa += a[i] ** 2
    bb += b[i] ** 2
  }
  return dot / Math.sqrt(aa * bb)
}
