/** @file Numbers as texts of JSON, by their size and by what they are multiples of. */
import { ResponseFormatError } from '../../../errors'
import { matching } from '../automata/determine'
import { and, construct, type Dfa, oneOf, without } from '../automata/dfa'

const DIGIT = '0123456789'
const starts = [0, ...Array.from('-.0123456789', (letter) => letter.charCodeAt(0)), 0x3a].sort(
  (a, b) => a - b,
)

/** Digits before the point. */
const MOST_WHOLE = 16
/** Zeros that a fraction may begin with. */
const MOST_ZEROS = 7

/** Any number: as long and as large as a double can tell apart and hold. */
export const NUMBERS = matching('-?(0|[1-9]\\d{0,20})(\\.\\d{1,23})?([eE][+-]?1?\\d{1,2})?')

/** Numbers as they are written shortest, without exponents: of equal ones there is one. @param digits at most */
const shortest = (digits: number): Dfa => compared(0, () => true, digits)

/** Wherever two numbers are compared, as many digits as surely make different doubles. */
const FEW = 15
const MANY = 17

/** No fraction, written without one. */
export const INTEGERS = matching('0|-?[1-9]\\d{0,15}')
const DECIMALS = shortest(MANY)
const EXACT = shortest(FEW)

/** Each of these once: so that what is written differently differs. */
export const distinct = (numbers: Dfa): Dfa => and(numbers, DECIMALS)

/** All others, as far as they can be told apart. */
export const others = (numbers: Dfa): Dfa => without(EXACT, numbers)

export const atLeast = (limit: number): Dfa => compared(limit, (order) => order >= 0, MANY)
export const atMost = (limit: number): Dfa => compared(limit, (order) => order <= 0, MANY)
export const above = (limit: number): Dfa => atLeast(neighbour(limit, 1))
export const below = (limit: number): Dfa => atMost(neighbour(limit, -1))

/** One number. */
export const exactly = (value: number): Dfa => oneOf([JSON.stringify(value)])

/** The next double: between it and the limit a text can't be told from either. */
function neighbour(limit: number, direction: 1 | -1): number {
  if (limit === 0) return direction * Number.MIN_VALUE
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, limit)
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(limit > 0 ? direction : -direction))
  return view.getFloat64(0)
}

/** How far a number is read, compared with a limit's absolute value. */
interface Reading {
  readonly at: 'start' | 'sign' | 'zero' | 'whole' | 'point' | 'fraction'
  readonly negative: boolean
  /** Digits before the point while they come, and after it while they matter; significant digits of both. */
  readonly whole: number
  readonly places: number
  readonly significant: number
  readonly endsInZero: boolean
  /** How the digits so far compare with as many of the limit's. */
  readonly order: number
}

/** The numbers that compare with a limit as they should: `fits` is asked with -1, 0 or 1. */
function compared(limit: number, fits: (order: number) => boolean, digits: number): Dfa {
  const [whole, fraction] = decimal(Math.abs(limit))
  const sign = Math.sign(limit)
  const wholeOrder = ({ whole: count, order }: Reading) => Math.sign(count - whole.length) || order
  const orderOf = (reading: Reading): number => {
    const { at, negative, places, order } = reading
    const mine = at === 'zero' ? 0 : negative ? -1 : 1
    if (mine !== sign) return Math.sign(mine - sign)
    if (mine === 0) return 0
    const before = at === 'fraction' ? order : wholeOrder(reading)
    const absolute = before || -Number(/[1-9]/.test(fraction.slice(at === 'fraction' ? places : 0)))
    return negative ? -absolute : absolute
  }

  function fractionDigit(reading: Reading, letter: string, significant: number): Reading | undefined {
    const { places, order } = reading
    if (significant === 0 && places === MOST_ZEROS) return undefined
    const found = order || compareDigits(letter, fraction[places] ?? '0')
    // Where it is told already which is larger, it does not matter how many digits have come.
    const next = found !== 0 && significant > 0 ? 0 : places + 1
    return { ...reading, at: 'fraction', significant, places: next, endsInZero: letter === '0', order: found }
  }

  return construct<Reading>(
    starts,
    { at: 'start', negative: false, whole: 0, places: 0, significant: 0, endsInZero: false, order: 0 },
    (reading) => Object.values(reading).join(),
    (reading, code) => {
      const letter = String.fromCharCode(code)
      const { at, significant, order } = reading
      if (letter === '-') return at === 'start' ? { ...reading, at: 'sign', negative: true } : undefined
      if (letter === '.')
        return at === 'zero' || at === 'whole'
          ? { ...reading, at: 'point', whole: 0, order: wholeOrder(reading) }
          : undefined
      if (!DIGIT.includes(letter) || code > 0x39 || at === 'zero') return undefined
      const counts = significant > 0 || letter !== '0' ? significant + 1 : 0
      if (counts > digits) return undefined
      if (at === 'point' || at === 'fraction') return fractionDigit(reading, letter, counts)
      if (reading.whole === MOST_WHOLE) return undefined
      const next = order || compareDigits(letter, whole[reading.whole] ?? '0')
      const zero = letter === '0' && at !== 'whole'
      return {
        ...reading,
        at: zero ? 'zero' : 'whole',
        whole: reading.whole + 1,
        significant: counts,
        order: next,
      }
    },
    (reading) => {
      const { at, negative, endsInZero } = reading
      if (at === 'start' || at === 'sign' || at === 'point' || endsInZero) return false
      return !(at === 'zero' && negative) && fits(orderOf(reading))
    },
  )
}

function compareDigits(a: string, b: string): number {
  return Math.sign(a.charCodeAt(0) - b.charCodeAt(0))
}

/** The digits of a number before and after its point. */
function decimal(value: number): readonly [whole: string, fraction: string] {
  const [digits, exponent = '0'] = value.toString().split('e')
  const [whole, fraction = ''] = digits!.split('.')
  const shift = Number(exponent)
  if (shift >= 0) return [whole! + fraction.padEnd(shift, '0').slice(0, shift), fraction.slice(shift)]
  const padded = whole!.padStart(1 - shift, '0')
  return [padded.slice(0, shift), padded.slice(shift) + fraction]
}

/** Remainders that are kept apart. */
const MOST_REMAINDERS = 1000

/** The multiples of a number, which is taken for the decimal that it is written as.
 * @throws {ResponseFormatError} when it has too many digits */
export function multiplesOf(step: number): Dfa {
  const [whole, fraction] = decimal(step)
  const digits = fraction.replace(/0+$/, '')
  const modulus = Number(whole + digits)
  if (modulus > MOST_REMAINDERS)
    throw new ResponseFormatError(
      `multipleOf is ${step}, but no more than ${MOST_REMAINDERS} remainders are told apart. Check it afterwards instead.`,
    )
  const pattern = construct<{ readonly rest: number; readonly places: number }>(
    starts,
    { rest: 0, places: -1 },
    ({ rest, places }) => `${rest} ${places}`,
    (state, code) => {
      const letter = String.fromCharCode(code)
      if (letter === '-') return state
      if (letter === '.') return state.places < 0 ? { ...state, places: 0 } : undefined
      if (!DIGIT.includes(letter) || code > 0x39 || state.places === digits.length) return undefined
      return {
        rest: (state.rest * 10 + Number(letter)) % modulus,
        places: state.places < 0 ? -1 : state.places + 1,
      }
    },
    ({ rest, places }) => (rest * 10 ** (digits.length - Math.max(places, 0))) % modulus === 0,
  )
  return and(pattern, EXACT)
}
