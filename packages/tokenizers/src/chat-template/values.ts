/** @file The values a template works on, as Python has them: what they are called, whether they hold, how they compare. */
import { TokenizerError } from '../errors'

/** A number with a point: JavaScript's 2.0 would print as 2. */
export class Float {
  constructor(readonly value: number) {}
}

/** What a name stands for that nobody gave; most uses of it end in `message`. */
export class Undefined {
  constructor(readonly message: string) {}
}

export class Tuple {
  constructor(readonly items: readonly Value[]) {}
}

/** A generator: it goes through its items once, when asked, and nobody knows how many there are. */
export class Lazy {
  private isSpent = false
  constructor(private readonly items: () => readonly Value[]) {}

  take(): readonly Value[] {
    if (this.isSpent) return []
    this.isSpent = true
    return this.items()
  }
}

/** What `safe` and `escape` give: what is added to it gets escaped, as if the text were for HTML. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What has attributes only: `namespace()` and a loop's `loop`. */
export class Namespace {
  constructor(readonly attributes: Map<string, Value>) {}
}

export interface Arguments {
  positional: Value[]
  named: Map<string, Value>
}

export type Callable = (args: Arguments) => Value
export type Key = string | number | boolean | null
export type Dict = Map<Key, Value>
export type Value =
  | string
  | number
  | boolean
  | null
  | Float
  | Undefined
  | Tuple
  | Lazy
  | Markup
  | Value[]
  | Dict
  | Namespace
  | Callable

/** Ends the rendering as an exception of Python would. */
export function fail(message: string): never {
  throw new TokenizerError(`The chat template can't be rendered: ${message}.`)
}

/** JSON as a template sees it; keys without a value are left out. */
export function toValue(input: unknown, name: string): Value {
  if (input === null || typeof input === 'string' || typeof input === 'boolean') return input
  if (typeof input === 'number') return Number.isInteger(input) ? input : new Float(input)
  if (Array.isArray(input)) return input.map((item) => toValue(item, name))
  if (typeof input === 'object') {
    const entries = Object.entries(input).filter(([, value]) => value !== undefined)
    return new Map(entries.map(([key, value]) => [key, toValue(value, name)]))
  }
  throw new TokenizerError(
    `${name} has a ${typeof input} in it, but a chat template takes what JSON can say: ` +
      'strings, numbers, booleans, null, arrays and objects.',
  )
}

export function typeName(value: Value): string {
  if (value === null) return 'NoneType'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'number') return 'int'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'function') return 'function'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Map) return 'dict'
  if (value instanceof Float) return 'float'
  if (value instanceof Tuple) return 'tuple'
  if (value instanceof Lazy) return 'generator'
  if (value instanceof Markup) return 'Markup'
  return value instanceof Undefined ? 'Undefined' : 'Namespace'
}

export function isTrue(value: Value): boolean {
  if (value instanceof Float) return value.value !== 0
  if (value instanceof Tuple) return value.items.length > 0
  if (value instanceof Map) return value.size > 0
  if (Array.isArray(value)) return value.length > 0
  if (value instanceof Markup) return value.text !== ''
  return value instanceof Undefined ? false : Boolean(value)
}

/** Markup is a string to all but `+`. */
export const plain = (value: Value): Value => (value instanceof Markup ? value.text : value)

/** The number a value is to arithmetic, if it is one. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return Number(value)
  return value instanceof Float ? value.value : undefined
}

/** The items that a loop over the value goes through: keys of dicts, characters of strings. */
export function itemsOf(value: Value): readonly Value[] {
  const items = maybeItems(value)
  return items ?? fail(`'${typeName(value)}' object is not iterable`)
}

export function maybeItems(value: Value): readonly Value[] | undefined {
  if (Array.isArray(value)) return value
  if (value instanceof Tuple) return value.items
  if (value instanceof Lazy) return value.take()
  if (value instanceof Map) return [...value.keys()]
  if (typeof value === 'string') return Array.from(value)
  if (value instanceof Markup) return Array.from(value.text)
  return value instanceof Undefined ? [] : undefined
}

export function lengthOf(value: Value): number {
  const items = value instanceof Lazy ? undefined : maybeItems(value)
  return items?.length ?? fail(`object of type '${typeName(value)}' has no len()`)
}

export function equal(a: Value, b: Value): boolean {
  const [x, y] = [numberOf(a), numberOf(b)]
  if (x !== undefined && y !== undefined) return x === y
  if (Array.isArray(a)) return Array.isArray(b) && allEqual(a, b)
  if (a instanceof Tuple) return b instanceof Tuple && allEqual(a.items, b.items)
  if (a instanceof Undefined) return b instanceof Undefined
  if (!(a instanceof Map)) return a === b
  if (!(b instanceof Map) || a.size !== b.size) return false
  return [...a].every(([key, value]) => {
    const other = b.get(key)
    return other !== undefined && equal(value, other)
  })
}

const allEqual = (a: readonly Value[], b: readonly Value[]): boolean =>
  a.length === b.length && a.every((item, i) => equal(item, b[i]!))

/** Below zero where `a` comes first. `operator` is what the template wrote, for the message. */
export function compare(a: Value, b: Value, operator = '<'): number {
  const [x, y] = [numberOf(a), numberOf(b)]
  if (x !== undefined && y !== undefined) return x - y
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b)
  for (const value of [a, b]) if (value instanceof Undefined) fail(value.message)
  const lists = (Array.isArray(a) && Array.isArray(b)) || (a instanceof Tuple && b instanceof Tuple)
  if (!lists) fail(`'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`)
  const [first, second] = [itemsOf(a), itemsOf(b)]
  const at = first.findIndex((item, i) => i >= second.length || !equal(item, second[i]!))
  if (at < 0) return first.length - second.length
  return at < second.length ? compare(first[at]!, second[at]!, operator) : 1
}

/** By code points, where JavaScript's `<` goes by UTF-16 units. */
export function compareStrings(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; ) {
    const [x, y] = [a.codePointAt(i)!, b.codePointAt(i)!]
    if (x !== y) return x - y
    i += x > 0xffff ? 2 : 1
  }
  return a.length - b.length
}

/**
 * Arguments by name, as a Python function with these parameters takes them.
 * @throws {TokenizerError} when there are more, or others.
 */
export function bind(
  name: string,
  { positional, named }: Arguments,
  parameters: readonly string[],
): (Value | undefined)[] {
  if (positional.length > parameters.length)
    fail(`${name}() takes at most ${parameters.length} arguments, but ${positional.length} were given`)
  for (const key of named.keys())
    if (!parameters.includes(key)) fail(`${name}() got an unexpected keyword argument '${key}'`)
  return parameters.map((parameter, i) => (i < positional.length ? positional[i] : named.get(parameter)))
}

/** @throws {TokenizerError} when the value is no whole number. */
export function integer(value: Value): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value)
  return fail(`'${typeName(value)}' object cannot be interpreted as an integer`)
}

/** @throws {TokenizerError} when the value is no string. */
export function string(value: Value): string {
  const text = plain(value)
  return typeof text === 'string' ? text : fail(`expected str, but got ${typeName(value)}`)
}
