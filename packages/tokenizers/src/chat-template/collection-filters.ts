/** @file The filters of Jinja that go through lists and dicts. */
import { item, keyOf } from './attributes'
import { binary } from './operators'
import { check } from './tests'
import { str } from './text'
import {
  type Arguments,
  bind,
  compare,
  fail,
  isTrue,
  itemsOf,
  type Key,
  Lazy,
  string,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values'

/** `apply` is any filter by its name, for those that are given one. */
export type Filter = (
  value: Value,
  args: Arguments,
  apply: (name: string, value: Value, args: Arguments) => Value,
) => Value

/** The value at a path such as `'function.name'` or `0`. */
function getter(path: Value): (value: Value) => Value {
  const parts = (typeof path === 'string' ? path.split('.') : [path]).map((part) =>
    typeof part === 'string' && /^\d+$/.test(part) ? Number(part) : part,
  )
  return (value) => parts.reduce<Value>((inner, part) => item(inner, part), value)
}

const keyed = (path: Value | undefined, ignoreCase: boolean): ((value: Value) => Value) => {
  const get = path === undefined || path === null ? (value: Value) => value : getter(path)
  return (value) => {
    const key = get(value)
    return ignoreCase && typeof key === 'string' ? key.toLowerCase() : key
  }
}

const sorted = (items: readonly Value[], key: (value: Value) => Value, reverse: boolean): Value[] =>
  items
    .map((value) => ({ value, key: key(value) }))
    .sort((a, b) => (reverse ? -compare(a.key, b.key) : compare(a.key, b.key)))
    .map(({ value }) => value)

/** As a generator; what does not hold is as good as empty. */
const lazily = (value: Value, map: (items: readonly Value[]) => Value[]): Lazy =>
  new Lazy(() => (isTrue(value) ? map(itemsOf(value)) : []))

const selecting =
  (wanted: boolean): Filter =>
  (value, { positional }) =>
    lazily(value, (items) => items.filter((one) => check(one, positional) === wanted))

const selectingBy =
  (wanted: boolean): Filter =>
  (value, { positional: [path = null, ...test] }) => {
    const get = getter(path)
    return lazily(value, (items) => items.filter((one) => check(get(one), test) === wanted))
  }

const extreme =
  (name: string, sign: number): Filter =>
  (value, args) => {
    const [caseSensitive = false, path] = bind(name, args, ['case_sensitive', 'attribute'])
    const key = keyed(path, !isTrue(caseSensitive))
    const items = itemsOf(value)
    if (items.length === 0) return new Undefined('No aggregated item, sequence was empty.')
    return items.reduce((best, one) => (sign * compare(key(one), key(best)) > 0 ? one : best))
  }

const edge = (items: readonly Value[], at: number): Value =>
  items.length > 0 ? items.at(at)! : new Undefined('the sequence is empty')

const pairsOf = (value: Value): Tuple[] =>
  value instanceof Map
    ? Array.from(value, (pair) => new Tuple(pair))
    : fail(`a mapping is needed, but this is a ${typeName(value)}`)

export const COLLECTION_FILTERS = new Map<string, Filter>([
  ['list', (value) => [...itemsOf(value)]],
  ['first', (value) => edge(itemsOf(value), 0)],
  ['last', (value) => edge(itemsOf(value), -1)],
  [
    'reverse',
    (value) =>
      typeof value === 'string'
        ? Array.from(value).reverse().join('')
        : new Lazy(() => itemsOf(value).toReversed()),
  ],
  [
    'join',
    (value, args) => {
      const [separator = '', path] = bind('join', args, ['d', 'attribute'])
      const get = path === undefined || path === null ? (one: Value) => one : getter(path)
      return itemsOf(value)
        .map((one) => str(get(one)))
        .join(str(separator))
    },
  ],
  [
    'unique',
    (value, args) => {
      const [caseSensitive = false, path] = bind('unique', args, ['case_sensitive', 'attribute'])
      const key = keyed(path, !isTrue(caseSensitive))
      return new Lazy(() => {
        const seen = new Set<Key>()
        return itemsOf(value).filter((one) => {
          const own = keyOf(key(one))
          return !seen.has(own) && seen.add(own)
        })
      })
    },
  ],
  [
    'sort',
    (value, args) => {
      const [reverse = false, caseSensitive = false, path] = bind('sort', args, [
        'reverse',
        'case_sensitive',
        'attribute',
      ])
      return sorted(itemsOf(value), keyed(path, !isTrue(caseSensitive)), isTrue(reverse))
    },
  ],
  [
    'dictsort',
    (value, args) => {
      const [caseSensitive = false, by = 'key', reverse = false] = bind('dictsort', args, [
        'case_sensitive',
        'by',
        'reverse',
      ])
      return sorted(pairsOf(value), keyed(by === 'value' ? 1 : 0, !isTrue(caseSensitive)), isTrue(reverse))
    },
  ],
  ['items', (value) => new Lazy(() => (value instanceof Undefined ? [] : pairsOf(value)))],
  [
    'sum',
    (value, args) => {
      const [path, start = 0] = bind('sum', args, ['attribute', 'start'])
      const get = path === undefined || path === null ? (one: Value) => one : getter(path)
      return itemsOf(value).reduce<Value>((total, one) => binary('+', total, get(one)), start)
    },
  ],
  ['min', extreme('min', -1)],
  ['max', extreme('max', 1)],
  [
    'map',
    (value, { positional: [name = null, ...rest], named }, apply) => {
      const path = named.get('attribute')
      if (path === undefined)
        return lazily(value, (items) =>
          items.map((one) => apply(string(name), one, { positional: rest, named })),
        )
      const [get, other] = [getter(path), named.get('default')]
      return lazily(value, (items) =>
        items.map((one) => {
          const found = get(one)
          return found instanceof Undefined && other !== undefined ? other : found
        }),
      )
    },
  ],
  ['select', selecting(true)],
  ['reject', selecting(false)],
  ['selectattr', selectingBy(true)],
  ['rejectattr', selectingBy(false)],
])
