/** @file Dates as Python's `strftime` writes them in the C locale, whatever the browser's language. */

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** A number and how many digits it has at least. */
type Field = (date: Date) => string | [value: number, width: number]

const dayOfYear = (date: Date): number =>
  (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0, 0)) /
  86_400_000

const FIELDS: Record<string, Field> = {
  Y: (date) => String(date.getFullYear()),
  y: (date) => [date.getFullYear() % 100, 2],
  m: (date) => [date.getMonth() + 1, 2],
  d: (date) => [date.getDate(), 2],
  H: (date) => [date.getHours(), 2],
  I: (date) => [date.getHours() % 12 || 12, 2],
  M: (date) => [date.getMinutes(), 2],
  S: (date) => [date.getSeconds(), 2],
  f: (date) => [date.getMilliseconds() * 1000, 6],
  j: (date) => [dayOfYear(date), 3],
  w: (date) => [date.getDay(), 1],
  A: (date) => DAYS[date.getDay()]!,
  a: (date) => DAYS[date.getDay()]!.slice(0, 3),
  B: (date) => MONTHS[date.getMonth()]!,
  b: (date) => MONTHS[date.getMonth()]!.slice(0, 3),
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  F: (date) => strftime(date, '%Y-%m-%d'),
  T: (date) => strftime(date, '%H:%M:%S'),
  R: (date) => strftime(date, '%H:%M'),
  '%': () => '%',
}

/** `%-d` leaves the leading zero out; what is no field stays as it is. */
export const strftime = (date: Date, format: string): string =>
  format.replace(/%(-?)([A-Za-z%])/g, (match, bare: string, name: string) => {
    const value = Object.hasOwn(FIELDS, name) ? FIELDS[name]!(date) : match
    return typeof value === 'string' ? value : String(value[0]).padStart(bare === '' ? value[1] : 1, '0')
  })
