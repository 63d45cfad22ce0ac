/** @file What the fields of a component may be. */
import type { Behavior } from './text/cutter'

export interface Check {
  /** For a message, behind "must be". */
  expected: string
  accepts(value: unknown): boolean
}

/** A check for every field of a configuration; a field without one does not compile. */
export type Checks<Config> = { readonly [Field in keyof Omit<Config, 'type'>]-?: Check }

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const text: Check = { expected: 'a string', accepts: (value) => typeof value === 'string' }

export const flag: Check = { expected: 'true or false', accepts: (value) => typeof value === 'boolean' }

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
export const count: Check = { expected: 'a whole number, 0 or more', accepts: isCount }

export const character: Check = {
  expected: 'one character',
  accepts: (value) => typeof value === 'string' && /^[\s\S]$/u.test(value),
}

export const list: Check = { expected: 'a list', accepts: Array.isArray }

export const oneOf = (...values: string[]): Check => ({
  expected: values.map((value) => `"${value}"`).join(' or '),
  accepts: (value) => typeof value === 'string' && values.includes(value),
})

const BEHAVIORS: { [B in Behavior]: B } = {
  Removed: 'Removed',
  Isolated: 'Isolated',
  MergedWithPrevious: 'MergedWithPrevious',
  MergedWithNext: 'MergedWithNext',
  Contiguous: 'Contiguous',
}
export const behavior = oneOf(...Object.keys(BEHAVIORS))

export const pattern: Check = {
  expected: '{"String": …} or {"Regex": …}',
  accepts: (value) =>
    isObject(value) &&
    Object.keys(value).length === 1 &&
    (typeof value.String === 'string' || typeof value.Regex === 'string'),
}

/** A special token and its id. */
export const tokenAndId: Check = {
  expected: 'a list of a token and its id',
  accepts: (value) =>
    Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && isCount(value[1]),
}

/** May be left out. */
export const optional = ({ expected, accepts }: Check): Check => ({
  expected,
  accepts: (value) => value === undefined || accepts(value),
})

/** May be left out or null. */
export const nullable = ({ expected, accepts }: Check): Check => ({
  expected: `${expected}, or null`,
  accepts: (value) => value === undefined || value === null || accepts(value),
})
