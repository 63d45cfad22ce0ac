/** @file Rounding as Python rounds, so that logs are the same to the last digit. */

/** To so many digits after the point, of two that are as near to the even one. Like `round` in Python. */
export function round(value: number, digits: number): number {
  if (!Number.isFinite(value)) return value
  // Only a number with digits + 1 binary places can lie in the middle of two.
  const middle = Math.abs(value) * 2 ** (digits + 1)
  const rounded = Number(value.toFixed(digits))
  if (!Number.isSafeInteger(middle) || middle % 2 === 0) return rounded
  const unit = 10 ** -digits
  const last = Math.round(Math.abs(rounded) / unit) % 2
  return last === 0 ? rounded : Number((rounded - Math.sign(rounded) * unit).toFixed(digits))
}

/** How long something took and how much that was a second, by Python's names. Like `speed_metrics`. */
export function speedMetrics(
  split: string,
  start: number,
  { samples, steps, tokens }: { samples?: number; steps?: number; tokens?: number },
): Record<string, number> {
  const runtime = (performance.now() - start) / 1000
  const metrics: Record<string, number> = { [`${split}_runtime`]: round(runtime, 4) }
  if (runtime === 0) return metrics
  const perSecond = { samples, steps, tokens }
  for (const [what, count] of Object.entries(perSecond))
    if (count !== undefined) metrics[`${split}_${what}_per_second`] = round(count / runtime, 3)
  return metrics
}
