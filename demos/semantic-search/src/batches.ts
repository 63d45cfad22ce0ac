/** @file Which sentences are embedded together, and in what order. */

/**
 * Indices of texts in batches of like lengths, since a batch is padded to its longest text. Neighbours in time are far
 * apart in length: any first part of the work is a fair sample, for the time left as for a search through it.
 * @example
 * planBatches(['three', 'a', 'four', 'at'], 2) // [[1, 3], [2, 0]]
 */
export function planBatches(texts: readonly string[], size: number): number[][] {
  const byLength = texts.map((_, i) => i).sort((a, b) => texts[a]!.length - texts[b]!.length)
  const batches = Array.from({ length: Math.ceil(texts.length / size) }, (_, i) =>
    byLength.slice(i * size, (i + 1) * size),
  )
  const stride = coprime(Math.round(batches.length * 0.618), batches.length)
  return batches.map((_, i) => batches[(i * stride) % batches.length]!)
}

/** The first number from `start` on that shares no factor with `n`: multiples of it visit all residues. */
function coprime(start: number, n: number): number {
  const factor = (a: number, b: number): number => (b === 0 ? a : factor(b, a % b))
  let candidate = Math.max(1, start)
  while (factor(candidate, n) > 1) candidate += 1
  return candidate
}
