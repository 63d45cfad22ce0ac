/** @file English numbers in digits: "twenty one dollars" → "$21". Like `EnglishNumberNormalizer` in Python. */

const ZEROS = ['o', 'oh', 'zero']
const NAMES =
  'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  )
const ONES = new Map(NAMES.map((name, i) => [name, i + 1]))
const TENS = new Map(
  'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ').map((name, i) => [name, (i + 2) * 10]),
)
/** Larger than numbers of JavaScript are exact for. */
const MULTIPLIERS = new Map<string, bigint>([
  ['hundred', 100n],
  ...'thousand million billion trillion quadrillion quintillion sextillion septillion octillion nonillion decillion'
    .split(' ')
    .map((name, i): [string, bigint] => [name, 1000n ** BigInt(i + 1)]),
])

type Suffixed<V> = Map<string, readonly [value: V, suffix: string]>

const OTHER_ORDINALS: Readonly<Record<string, string>> = {
  one: 'first 1st',
  two: 'second 2nd',
  three: 'third 3rd',
  five: 'fifth 5th',
  twelve: 'twelfth 12th',
}
const ONES_SUFFIXED: Suffixed<number> = new Map([
  ['zeroth', [0, 'th']],
  ...[...ONES].flatMap(([name, value]): [string, readonly [number, string]][] => {
    const [ordinal, digits] = OTHER_ORDINALS[name]?.split(' ') ?? [
      `${name}${name.endsWith('t') ? 'h' : 'th'}`,
      `${value}th`,
    ]
    return [
      [name === 'six' ? 'sixes' : `${name}s`, [value, 's']],
      [ordinal!, [value, digits!.slice(-2)]],
    ]
  }),
])
const TENS_SUFFIXED: Suffixed<number> = new Map(
  [...TENS].flatMap(([name, value]): [string, readonly [number, string]][] => [
    [name.replace('y', 'ies'), [value, 's']],
    [name.replace('y', 'ieth'), [value, 'th']],
  ]),
)
const MULTIPLIERS_SUFFIXED: Suffixed<bigint> = new Map(
  [...MULTIPLIERS].flatMap(([name, value]): [string, readonly [bigint, string]][] => [
    [`${name}s`, [value, 's']],
    [`${name}th`, [value, 'th']],
  ]),
)

const SIGNS = new Map([
  ['minus', '-'],
  ['negative', '-'],
  ['plus', '+'],
  ['positive', '+'],
])
const CURRENCIES = new Map([
  ['pound', '£'],
  ['pounds', '£'],
  ['euro', '€'],
  ['euros', '€'],
  ['dollar', '$'],
  ['dollars', '$'],
  ['cent', '¢'],
  ['cents', '¢'],
])
const PREFIXES = new Set([...SIGNS.values(), ...CURRENCIES.values()])
const SPECIALS = ['and', 'double', 'triple', 'point']

const NUMBER_WORDS = new Set([
  ...ZEROS,
  ...ONES.keys(),
  ...ONES_SUFFIXED.keys(),
  ...TENS.keys(),
  ...TENS_SUFFIXED.keys(),
  ...MULTIPLIERS.keys(),
  ...MULTIPLIERS_SUFFIXED.keys(),
  ...SIGNS.keys(),
  ...CURRENCIES.keys(),
  'per',
  'percent',
  ...SPECIALS,
])
/** What can stand behind a point. */
const DECIMALS = new Set([...ONES.keys(), ...TENS.keys(), ...ZEROS])

const isNumeric = (word: string | undefined): boolean => word !== undefined && /^\d+(\.\d+)?$/.test(word)
const isNumberWord = (word: string | undefined): boolean => word !== undefined && NUMBER_WORDS.has(word)

/** Numbers are written in digits, currencies before them. */
export function numbersInDigits(text: string): string {
  const reader = new NumberReader(
    withHalves(text)
      .split(/\s+/)
      .filter((word) => word !== ''),
  )
  return withCents(reader.read().join(' '))
}

/** Words that make up a number, one after the other. */
class NumberReader {
  readonly #output: string[] = []
  #prefix = ''
  /** A bigint is a value that can grow; a string are digits that others are put behind. */
  #value: bigint | string | undefined

  constructor(readonly words: readonly string[]) {}

  read(): string[] {
    for (let i = 0; i < this.words.length; i++) i += this.#take(i)
    this.#give()
    return this.#output
  }

  /** Take the word at a place; how many behind it were taken, too. */
  #take(i: number): number {
    const { words } = this
    const word = words[i]!
    const [previous, next] = [words[i - 1], words[i + 1]]
    const digits = PREFIXES.has(word[0]!) ? word.slice(1) : word
    if (isNumeric(digits)) this.#takeDigits(word, digits)
    else if (!NUMBER_WORDS.has(word)) this.#takeOther(word)
    else if (ZEROS.includes(word)) this.#value = `${this.#value || ''}0`
    else if (ONES.has(word)) this.#value = this.#withOnes(ONES.get(word)!, previous)
    else if (ONES_SUFFIXED.has(word)) {
      const [value, suffix] = ONES_SUFFIXED.get(word)!
      this.#finish(this.#withOnes(value, previous), suffix)
    } else if (TENS.has(word)) this.#value = this.#withTens(TENS.get(word)!)
    else if (TENS_SUFFIXED.has(word)) {
      const [value, suffix] = TENS_SUFFIXED.get(word)!
      this.#finish(this.#withTens(value), suffix)
    } else if (MULTIPLIERS.has(word)) this.#value = this.#times(MULTIPLIERS.get(word)!)
    else if (MULTIPLIERS_SUFFIXED.has(word)) {
      const [value, suffix] = MULTIPLIERS_SUFFIXED.get(word)!
      this.#finish(this.#times(value), suffix)
    } else if (SIGNS.has(word)) {
      this.#give()
      if (isNumberWord(next) || isNumeric(next)) this.#prefix = SIGNS.get(word)!
      else this.#put(word)
    } else if (CURRENCIES.has(word)) {
      if (this.#value === undefined) this.#put(word)
      else {
        this.#prefix = CURRENCIES.get(word)!
        this.#give()
      }
    } else if (word === 'percent' || word === 'per') return this.#takePercent(word, next)
    else return this.#takeSpecial(word, previous, next)
    return 0
  }

  #takeDigits(word: string, digits: string): void {
    if (typeof this.#value === 'string' && this.#value.endsWith('.')) {
      this.#value += word
      return
    }
    this.#give()
    if (digits !== word) this.#prefix = word[0]!
    const [whole, fraction = ''] = digits.split('.')
    this.#value = /^0*$/.test(fraction) ? BigInt(whole!) : digits
  }

  #takeOther(word: string): void {
    this.#give()
    this.#put(word)
  }

  #withOnes(ones: number, previous = ''): bigint | string {
    const value = this.#value
    if (value === undefined) return BigInt(ones)
    if (typeof value === 'string' || ONES.has(previous)) {
      const shown = String(value)
      return TENS.has(previous) && ones < 10 ? `${shown.slice(0, -1)}${ones}` : `${shown}${ones}`
    }
    return value % (ones < 10 ? 10n : 100n) === 0n ? value + BigInt(ones) : `${value}${ones}`
  }

  #withTens(tens: number): bigint | string {
    const value = this.#value
    if (value === undefined) return BigInt(tens)
    return typeof value === 'bigint' && value % 100n === 0n ? value + BigInt(tens) : `${value}${tens}`
  }

  #times(multiplier: bigint): bigint {
    const value = this.#value
    if (value === undefined) return multiplier
    if (typeof value === 'bigint' && value !== 0n)
      return (value / 1000n) * 1000n + (value % 1000n) * multiplier
    const product = timesDecimal(String(value), multiplier)
    if (product !== undefined) return product
    this.#give()
    return multiplier
  }

  #takePercent(word: string, next: string | undefined): number {
    const whole = word === 'percent' || next === 'cent'
    if (this.#value === undefined) this.#put(word)
    else if (whole) {
      this.#finish(this.#value, '%')
      return word === 'per' ? 1 : 0
    } else this.#takeOther(word)
    return 0
  }

  #takeSpecial(word: string, previous = '', next: string | undefined): number {
    if (!isNumberWord(next) && !isNumeric(next)) this.#takeOther(word)
    else if (word === 'and') {
      if (!MULTIPLIERS.has(previous)) this.#takeOther(word)
    } else if (word === 'point') {
      if (DECIMALS.has(next!) || isNumeric(next)) this.#value = `${this.#value || ''}.`
    } else if (ONES.has(next!) || ZEROS.includes(next!)) {
      this.#value = `${this.#value || ''}${String(ONES.get(next!) ?? 0).repeat(word === 'double' ? 2 : 3)}`
      return 1
    } else this.#takeOther(word)
    return 0
  }

  #finish(value: bigint | string, suffix: string): void {
    this.#value = undefined
    this.#put(`${value}${suffix}`)
  }

  /** The number there is ends here. */
  #give(): void {
    if (this.#value === undefined) return
    const value = String(this.#value)
    this.#value = undefined
    this.#put(value)
  }

  #put(word: string): void {
    this.#output.push(this.#prefix + word)
    this.#prefix = ''
  }
}

/** A decimal number times a whole one, where that is whole. */
function timesDecimal(decimal: string, multiplier: bigint): bigint | undefined {
  if (!/^\d*\.?\d*$/.test(decimal) || !/\d/.test(decimal)) return undefined
  const [whole = '', fraction = ''] = decimal.split('.')
  const product = BigInt(whole + fraction) * multiplier
  const scale = 10n ** BigInt(fraction.length)
  return product % scale === 0n ? product / scale : undefined
}

/** "Two and a half" is two point five; letters and digits are apart, but for endings of ordinals. */
function withHalves(text: string): string {
  const parts = text.split(/\band\s+a\s+half\b/)
  const results: string[] = []
  for (const [i, part] of parts.entries()) {
    if (part.trim() === '') continue
    results.push(part)
    if (i === parts.length - 1) continue
    const last = part.trimEnd().split(/\s+/).at(-1)!
    results.push(DECIMALS.has(last) || MULTIPLIERS.has(last) ? 'point five' : 'and a half')
  }
  return results
    .join(' ')
    .replace(/([a-z])([0-9])/g, '$1 $2')
    .replace(/([0-9])([a-z])/g, '$1 $2')
    .replace(/([0-9])\s+(st|nd|rd|th|s)\b/g, '$1$2')
}

/** "$2 and ¢7" is $2.07; a lonely 1 is a word. */
const withCents = (text: string): string =>
  text
    .replace(
      /([€£$])([0-9]+) (?:and )?¢([0-9]{1,2})\b/g,
      (_, currency: string, whole: string, cents: string) => `${currency}${whole}.${cents.padStart(2, '0')}`,
    )
    .replace(/[€£$]0.([0-9]{1,2})\b/g, (_, cents: string) => `¢${Number(cents)}`)
    .replace(/\b1(s?)\b/g, 'one$1')
