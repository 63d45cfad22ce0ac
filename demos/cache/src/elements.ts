/** @file How this page writes numbers. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** Bytes with the unit that suits them: 91570432 → '91.6 MB'. */
export function bytes(count: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3))
  const value = count / 1000 ** power
  return `${value.toFixed(power > 0 && value < 100 ? 1 : 0)} ${UNITS[power]}`
}

/** 0.0004 → 'under 0.1 %' */
export const percent = (share: number) =>
  share > 0 && share < 0.001 ? 'under 0.1\u00a0%' : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}\u00a0%`

const STEPS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/** '3 minutes ago' */
export function ago(date: Date): string {
  const seconds = (Date.now() - date.getTime()) / 1000
  const [unit, length] = STEPS.find(([, length]) => seconds >= length) ?? []
  if (!unit || !length) return 'just now'
  return new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(-Math.floor(seconds / length), unit)
}
