/** @file What an option of TrainingArguments may be, and what it is when it is left out. */
import { OptionError } from '../errors'

/** One option: its default, and the check of what came. */
export interface OptionSpec<T> {
  readonly default: T
  /** @throws {OptionError} naming the option, what came and what was expected */
  readonly check: (name: string, value: unknown) => T
}

function spec<T>(fallback: T, expected: string, fits: (value: unknown) => boolean): OptionSpec<T> {
  return {
    default: fallback,
    check(name, value) {
      if (fits(value)) return value as T
      throw new OptionError(`${name} is ${shown(value)}, expected ${expected}.`)
    },
  }
}

const shown = (value: unknown) => (typeof value === 'string' ? `"${value}"` : String(value))

const isNumber = (value: unknown): value is number => Number.isFinite(value)
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value)

export const flag = (fallback: boolean) =>
  spec<boolean>(fallback, 'true or false', (value) => typeof value === 'boolean')

export const text = (fallback: string) =>
  spec<string>(fallback, 'a string', (value) => typeof value === 'string')

export const choice = <const T>(fallback: NoInfer<T>, known: readonly T[]) =>
  spec<T>(fallback, `one of ${known.map(shown).join(', ')}`, (value) => known.includes(value as T))

/** A number from `least` on. */
export const number = (fallback: number, least = 0) =>
  spec<number>(fallback, `a number from ${least} on`, (value) => isNumber(value) && value >= least)

/** A part of a whole, from 0 to 1. */
export const share = (fallback: number) =>
  spec<number>(fallback, 'a number from 0 to 1', (value) => isNumber(value) && value >= 0 && value <= 1)

/** A whole number from `least` on. */
export const count = (fallback: number, least = 0) =>
  spec<number>(fallback, `a whole number from ${least} on`, (value) => isWhole(value) && value >= least)

/** Steps, or below 1 the part of all steps. */
export const interval = (fallback: number) =>
  spec<number>(fallback, 'a whole number of steps, or a number below 1 for a part of them', isInterval)

const isInterval = (value: unknown) => isNumber(value) && value >= 0 && (value < 1 || isWhole(value))

/** What may be left out, with no default in its place. */
export const optional = <T>({ check }: OptionSpec<T>): OptionSpec<T | undefined> => ({
  default: undefined,
  check: (name, value) => (value === undefined ? undefined : check(name, value)),
})

/** Names in a list. */
export const names = (fallback: readonly string[]) =>
  spec<readonly string[]>(fallback, 'a list of strings', isNames)

const isNames = (value: unknown) => Array.isArray(value) && value.every((name) => typeof name === 'string')

/** Some of the known names. */
export const some = <const T extends string>(known: readonly T[]) =>
  spec<readonly T[]>(
    [],
    `a list of some of ${known.map(shown).join(', ')}`,
    (value) => Array.isArray(value) && value.every((name) => known.includes(name)),
  )

/** Options of something else, which checks them itself. */
export const options = <T extends object>() =>
  spec<T>({} as T, 'an object', (value) => typeof value === 'object' && value !== null)
