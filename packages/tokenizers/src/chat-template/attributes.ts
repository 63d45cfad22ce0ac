/** @file `value.name`, `value[key]` and `value[start:stop:step]`: only what Python's sandbox lets a template see. */
import { stringMethod } from './string-methods'
import { repr } from './text'
import {
  type Arguments,
  bind,
  type Callable,
  type Dict,
  equal,
  fail,
  type Key,
  Namespace,
  numberOf,
  plain,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values'

/** `value.name`: methods come before the keys of a dict, as `data.items` is a method in Python. */
export function attribute(object: Value, name: string): Value {
  if (object instanceof Undefined) fail(object.message)
  const method = methodOf(object, name)
  return method === undefined ? orAbsent(entry(object, name), object, name) : method
}

/** `value[key]`: the keys of a dict come before its methods. */
export function item(object: Value, key: Value): Value {
  if (object instanceof Undefined) fail(object.message)
  const found = entry(object, key)
  if (found !== undefined || typeof key !== 'string') return orAbsent(found, object, key)
  return orAbsent(methodOf(object, key), object, key)
}

const orAbsent = (found: Value | undefined, object: Value, key: Value): Value =>
  found === undefined ? absent(object, key) : found

function entry(object: Value, key: Value): Value | undefined {
  if (object instanceof Map) return isKey(key) ? object.get(key) : undefined
  if (object instanceof Namespace) return typeof key === 'string' ? object.attributes.get(key) : undefined
  if (typeof key !== 'number') return undefined
  if (typeof object === 'string') return Array.from(object).at(key)
  if (object instanceof Tuple) return object.items.at(key)
  return Array.isArray(object) ? object.at(key) : undefined
}

const isKey = (key: Value): key is Key =>
  key === null || typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean'

/** @throws {TokenizerError} when a dict can't have such a key. */
export function keyOf(value: Value): Key {
  const key = plain(value)
  return isKey(key) ? key : fail(`unhashable type: '${typeName(value)}'`)
}

function absent(object: Value, key: Value): Undefined {
  const owner = object === null ? "'None'" : `'${typeName(object)} object'`
  return new Undefined(
    typeof key === 'string'
      ? `${owner} has no attribute ${repr(key)}`
      : `${typeName(object)} object has no element ${repr(key)}`,
  )
}

/** Items from `start` to before `stop`; what can't be cut is undefined, as any key it does not have. */
export function slice(object: Value, start: Value, stop: Value, step: Value): Value {
  if (object instanceof Undefined) fail(object.message)
  const bounds = [start, stop, step].map((bound) => (bound === null ? undefined : numberOf(bound)))
  if (typeof object === 'string') return cut(Array.from(object), bounds).join('')
  if (object instanceof Tuple) return new Tuple(cut(object.items, bounds))
  return Array.isArray(object) ? cut(object, bounds) : absent(object, 'slice')
}

function cut<T>(items: readonly T[], [start, stop, step = 1]: (number | undefined)[]): T[] {
  if (step === 0) fail('slice step cannot be zero')
  const { length } = items
  const [lowest, highest] = step > 0 ? [0, length] : [-1, length - 1]
  const clamp = (bound: number) => Math.min(Math.max(bound < 0 ? bound + length : bound, lowest), highest)
  const first = start === undefined ? (step > 0 ? lowest : highest) : clamp(start)
  const end = stop === undefined ? (step > 0 ? highest : lowest) : clamp(stop)
  const result: T[] = []
  for (let i = first; step > 0 ? i < end : i > end; i += step) result.push(items[i]!)
  return result
}

function methodOf(object: Value, name: string): Callable | undefined {
  if (typeof object === 'string') return stringMethod(object, name)
  if (object instanceof Map) return bound(DICT_METHODS.get(name), object)
  if (Array.isArray(object)) return bound(LIST_METHODS.get(name), object)
  return object instanceof Tuple ? bound(LIST_METHODS.get(name), object.items) : undefined
}

const bound = <T>(
  method: ((object: T, args: Arguments) => Value) | undefined,
  object: T,
): Callable | undefined => method && ((args) => method(object, args))

const pairs = (dict: Dict): Tuple[] => Array.from(dict, (pair) => new Tuple(pair))

/** Those that change the dict are none a sandbox lets through. */
const DICT_METHODS = new Map<string, (dict: Dict, args: Arguments) => Value>([
  ['items', pairs],
  ['keys', (dict) => [...dict.keys()]],
  ['values', (dict) => [...dict.values()]],
  ['copy', (dict) => new Map(dict)],
  [
    'get',
    (dict, args) => {
      const [key = null, other = null] = bind('get', args, ['key', 'default'])
      const value = dict.get(keyOf(key))
      return value === undefined ? other : value
    },
  ],
  ...['clear', 'pop', 'popitem', 'setdefault', 'update'].map(unsafe<Dict>('dict')),
])

const LIST_METHODS = new Map<string, (list: readonly Value[], args: Arguments) => Value>([
  [
    'index',
    (list, args) => {
      const [wanted = null] = bind('index', args, ['value'])
      const at = list.findIndex((one) => equal(one, wanted))
      return at < 0 ? fail(`${repr(wanted)} is not in list`) : at
    },
  ],
  [
    'count',
    (list, args) => {
      const [wanted = null] = bind('count', args, ['value'])
      return list.filter((one) => equal(one, wanted)).length
    },
  ],
  ['copy', (list) => [...list]],
  ...['append', 'clear', 'extend', 'insert', 'pop', 'remove', 'reverse', 'sort'].map(
    unsafe<readonly Value[]>('list'),
  ),
])

function unsafe<T>(type: string): (name: string) => [string, (object: T) => never] {
  return (name) => [name, () => fail(`access to attribute '${name}' of '${type}' object is unsafe`)]
}
