/** @file What Python's operators do with the values of a template. */

import { keyOf } from './attributes'
import { percentFormat } from './string-methods'
import { escapeHtml, str } from './text'
import {
  compare,
  equal,
  Float,
  fail,
  Markup,
  maybeItems,
  numberOf,
  plain,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values'

/** A string or a list that a template multiplies may get this long. */
const LONGEST = 10_000_000

/** Every operator but `and` and `or`, which may leave their right side alone. */
export function binary(operator: string, left: Value, right: Value): Value {
  switch (operator) {
    case '==':
      return equal(plain(left), plain(right))
    case '!=':
      return !equal(plain(left), plain(right))
    case 'in':
      return contains(right, left)
    case 'not in':
      return !contains(right, left)
    case '~':
      return str(left) + str(right)
    case '<':
      return compare(left, right, operator) < 0
    case '<=':
      return compare(left, right, operator) <= 0
    case '>':
      return compare(left, right, operator) > 0
    case '>=':
      return compare(left, right, operator) >= 0
    case '+':
      if (left instanceof Markup || right instanceof Markup) return joinedMarkup(left, right)
      return arithmetic(operator, left, right)
    default:
      return arithmetic(operator, plain(left), plain(right))
  }
}

export function contains(container: Value, value: Value): boolean {
  if (container instanceof Markup) return contains(container.text, value)
  if (typeof container === 'string') {
    const part = plain(value)
    if (typeof part === 'string') return container.includes(part)
    fail(`'in <string>' requires string as left operand, not ${typeName(value)}`)
  }
  if (container instanceof Map) return container.has(keyOf(value))
  const items = maybeItems(container) ?? fail(`argument of type '${typeName(container)}' is not iterable`)
  return items.some((item) => equal(plain(item), plain(value)))
}

function arithmetic(operator: string, left: Value, right: Value): Value {
  for (const value of [left, right]) if (value instanceof Undefined) fail(value.message)
  if (operator === '%' && typeof left === 'string')
    return percentFormat(left, right instanceof Tuple ? right.items : [right])
  const [a, b] = [numberOf(left), numberOf(right)]
  if (a !== undefined && b !== undefined) {
    const result = calculate(operator, a, b)
    const isFloat = left instanceof Float || right instanceof Float || operator === '/'
    return isFloat || (operator === '**' && b < 0) ? new Float(result) : result
  }
  if (operator === '+') return joined(left, right)
  if (operator === '*' && b !== undefined && !(right instanceof Float)) return repeated(left, b)
  if (operator === '*' && a !== undefined && !(left instanceof Float)) return repeated(right, a)
  return unsupported(operator, left, right)
}

function calculate(operator: string, a: number, b: number): number {
  if (b === 0 && (operator === '/' || operator === '//' || operator === '%')) fail('division by zero')
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    case '//':
      return Math.floor(a / b)
    case '%':
      return a - b * Math.floor(a / b)
    case '**':
      return a ** b
    default:
      return fail(`there is no operator ${operator}`)
  }
}

function joinedMarkup(left: Value, right: Value): Value {
  const parts = [left, right].map((value) =>
    value instanceof Markup ? value.text : typeof value === 'string' ? escapeHtml(value) : undefined,
  )
  return parts.includes(undefined) ? unsupported('+', left, right) : new Markup(parts.join(''))
}

function joined(left: Value, right: Value): Value {
  if (typeof left === 'string' && typeof right === 'string') return left + right
  const [first, second] = [listOf(left), listOf(right)]
  if (first !== undefined && second !== undefined && Array.isArray(left) === Array.isArray(right)) {
    if (first.length + second.length > LONGEST) fail('added to another a list gets too long')
    const items = first.concat(second)
    return Array.isArray(left) ? items : new Tuple(items)
  }
  const name = typeName(left)
  if (typeof left === 'string' || first !== undefined) {
    fail(`can only concatenate ${name} (not "${typeName(right)}") to ${name}`)
  }
  return unsupported('+', left, right)
}

const listOf = (value: Value): readonly Value[] | undefined =>
  Array.isArray(value) ? value : value instanceof Tuple ? value.items : undefined

function repeated(value: Value, times: number): Value {
  const list = typeof value === 'string' ? value : listOf(value)
  if (list === undefined) return unsupported('*', value, times)
  if (list.length * times > LONGEST) fail(`multiplied by ${times} a ${typeName(value)} gets too long`)
  if (typeof list === 'string') return list.repeat(Math.max(times, 0))
  const items = Array.from({ length: Math.max(times, 0) }, () => list).flat()
  return value instanceof Tuple ? new Tuple(items) : items
}

const unsupported = (operator: string, left: Value, right: Value): never =>
  fail(`unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`)
