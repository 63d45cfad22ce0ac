/** @file Where an axis has its marks. */

/**
 * Round numbers over a range, about as many as asked for.
 * @example
 * ticks(0, 0.7, 4) // [0, 0.2, 0.4, 0.6]
 */
export function ticks(from: number, to: number, count: number): number[] {
  const rough = (to - from) / count
  if (!(rough > 0)) return [from]
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((multiple) => multiple * power >= rough) ?? 10)
  const first = Math.ceil(from / step - 1e-9)
  const last = Math.floor(to / step + 1e-9)
  // Of multiples, so that nothing adds up: 3 × 0.1 is 0.30000000000000004 and is written 0.3.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}
