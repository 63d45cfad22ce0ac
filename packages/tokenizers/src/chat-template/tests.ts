/** @file What follows `is` in a template. */
import { contains } from './operators'
import {
  compare,
  equal,
  Float,
  fail,
  integer,
  isTrue,
  Lazy,
  maybeItems,
  numberOf,
  plain,
  Undefined,
  type Value,
} from './values'

type Test = (value: Value, argument: Value) => boolean

const isEqual: Test = (value, other) => equal(value, other)
const isLess: Test = (value, other) => compare(value, other) < 0
const isAtMost: Test = (value, other) => compare(value, other, '<=') <= 0
const isGreater: Test = (value, other) => compare(value, other, '>') > 0
const isAtLeast: Test = (value, other) => compare(value, other, '>=') >= 0
const isUnequal: Test = (value, other) => !equal(value, other)

const TESTS = new Map<string, Test>([
  ['defined', (value) => !(value instanceof Undefined)],
  ['undefined', (value) => value instanceof Undefined],
  ['none', (value) => value === null],
  ['true', (value) => value === true],
  ['false', (value) => value === false],
  ['boolean', (value) => typeof value === 'boolean'],
  ['string', (value) => typeof value === 'string'],
  ['integer', (value) => typeof value === 'number'],
  ['float', (value) => value instanceof Float],
  ['number', (value) => numberOf(value) !== undefined],
  ['mapping', (value) => value instanceof Map],
  ['iterable', (value) => value instanceof Lazy || maybeItems(value) !== undefined],
  ['sequence', (value) => !(value instanceof Lazy) && maybeItems(value) !== undefined],
  ['callable', (value) => typeof value === 'function'],
  ['odd', (value) => integer(value) % 2 !== 0],
  ['even', (value) => integer(value) % 2 === 0],
  ['divisibleby', (value, other) => integer(value) % integer(other) === 0],
  [
    'lower',
    (value) => typeof value === 'string' && value === value.toLowerCase() && value !== value.toUpperCase(),
  ],
  [
    'upper',
    (value) => typeof value === 'string' && value === value.toUpperCase() && value !== value.toLowerCase(),
  ],
  ['in', (value, container) => contains(container, value)],
  ['sameas', (value, other) => value === other],
  ['eq', isEqual],
  ['equalto', isEqual],
  ['==', isEqual],
  ['ne', isUnequal],
  ['!=', isUnequal],
  ['lt', isLess],
  ['lessthan', isLess],
  ['<', isLess],
  ['le', isAtMost],
  ['<=', isAtMost],
  ['gt', isGreater],
  ['greaterthan', isGreater],
  ['>', isGreater],
  ['ge', isAtLeast],
  ['>=', isAtLeast],
])

/** @throws {TokenizerError} when there is no such test. */
export function passes(name: string, value: Value, args: readonly Value[]): boolean {
  const test = TESTS.get(name) ?? fail(`there is no test '${name}'`)
  return test(plain(value), plain(args[0] ?? null))
}

/** Whether a value passes a named test, or holds where none is named. */
export function check(value: Value, [name, ...args]: readonly Value[]): boolean {
  if (name === undefined) return isTrue(value)
  return typeof name === 'string' ? passes(name, value, args) : fail('a test is given by its name')
}
