/** @file What follows `|` in a template: the filters of Jinja that chat templates use, and Transformers' own `tojson`. */

import { strip } from '../text/strip'
import { COLLECTION_FILTERS, type Filter } from './collection-filters'
import { capitalize, percentFormat, replace, splitLines } from './string-methods'
import { escapeHtml, type JsonOptions, json, str } from './text'
import {
  type Arguments,
  bind,
  Float,
  fail,
  integer,
  isTrue,
  itemsOf,
  lengthOf,
  Markup,
  numberOf,
  string,
  typeName,
  Undefined,
  type Value,
} from './values'

/** By a name that `map` and `{% filter %}` give as well. @throws {TokenizerError} when there is no such filter. */
export function filter(name: string, value: Value, args: Arguments): Value {
  const found = FILTERS.get(name) ?? COLLECTION_FILTERS.get(name) ?? fail(`there is no filter '${name}'`)
  if (!(value instanceof Markup) || name.startsWith('e')) return found(value, args, filter)
  const result = found(value.text, args, filter)
  return typeof result === 'string' ? new Markup(result) : result
}

const textual =
  (name: string, map: (text: string) => string): Filter =>
  (value, args) => {
    bind(name, args, [])
    return map(str(value))
  }

const escaped: Filter = (value) => (value instanceof Markup ? value : new Markup(escapeHtml(str(value))))

const fallback: Filter = (value, args) => {
  const [other = '', boolean = false] = bind('default', args, ['default_value', 'boolean'])
  return value instanceof Undefined || (isTrue(boolean) && !isTrue(value)) ? other : value
}

const length: Filter = (value) => lengthOf(value)

function parsed(value: Value, pattern: RegExp): number | undefined {
  const number = numberOf(value)
  if (number !== undefined || typeof value !== 'string') return number
  const text = strip(value)
  return pattern.test(text) ? Number(text.replaceAll('_', '')) : undefined
}

const NUMBER = /^[-+]?(\d[\d_]*\.?[\d_]*|\.\d+)(e[-+]?\d+)?$/i

/** To the nearest, and of two to the even one. */
function rounded(value: number, precision: number): number {
  const scale = 10 ** precision
  const scaled = value * scale
  if (Math.abs(scaled % 1) === 0.5) return (2 * Math.round(scaled / 2)) / scale
  return precision > 0 ? Number(value.toFixed(Math.min(precision, 100))) : Math.round(scaled) / scale
}

const FILTERS = new Map<string, Filter>([
  [
    'trim',
    (value, args) => {
      const [characters = null] = bind('trim', args, ['chars'])
      return strip(str(value), 'both', characters === null ? undefined : string(characters))
    },
  ],
  ['upper', textual('upper', (text) => text.toUpperCase())],
  ['lower', textual('lower', (text) => text.toLowerCase())],
  ['capitalize', textual('capitalize', capitalize)],
  [
    'title',
    textual('title', (text) =>
      text
        .split(/([-\s({[<]+)/)
        .map(capitalize)
        .join(''),
    ),
  ],
  ['string', textual('string', (text) => text)],
  ['safe', (value) => new Markup(str(value))],
  ['escape', escaped],
  ['e', escaped],
  [
    'urlencode',
    textual('urlencode', (text) =>
      encodeURIComponent(text)
        .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
        .replaceAll('%2F', '/'),
    ),
  ],
  ['wordcount', (value) => str(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0],
  ['length', length],
  ['count', length],
  ['default', fallback],
  ['d', fallback],
  [
    'replace',
    (value, args) => {
      const [from = null, to = null, count = null] = bind('replace', args, ['old', 'new', 'count'])
      return replace(
        str(value),
        str(from),
        str(to),
        count === null ? Number.POSITIVE_INFINITY : integer(count),
      )
    },
  ],
  ['format', (value, { positional }) => percentFormat(str(value), positional)],
  [
    'indent',
    (value, args) => {
      const [width = 4, first = false, blank = false] = bind('indent', args, ['width', 'first', 'blank'])
      const indent = typeof width === 'string' ? width : ' '.repeat(integer(width))
      const [head = '', ...others] = splitLines(`${str(value)}\n`)
      const lines = others.map((line) => (line === '' && !isTrue(blank) ? line : indent + line))
      return (isTrue(first) ? indent : '') + [head, ...lines].join('\n')
    },
  ],
  [
    'int',
    (value, args) => {
      const [other = 0] = bind('int', args, ['default', 'base'])
      const number = parsed(value, NUMBER)
      return number === undefined || !Number.isFinite(number) ? other : Math.trunc(number)
    },
  ],
  [
    'float',
    (value, args) => {
      const [other = new Float(0)] = bind('float', args, ['default'])
      const number = parsed(value, NUMBER)
      return number === undefined ? other : new Float(number)
    },
  ],
  [
    'abs',
    (value) => {
      const number = numberOf(value) ?? fail(`bad operand type for abs(): '${typeName(value)}'`)
      return value instanceof Float ? new Float(Math.abs(number)) : Math.abs(number)
    },
  ],
  [
    'round',
    (value, args) => {
      const [precision = 0, method = 'common'] = bind('round', args, ['precision', 'method'])
      const number = numberOf(value) ?? fail(`a ${typeName(value)} can't be rounded`)
      const scale = 10 ** integer(precision)
      if (method !== 'common')
        return new Float((method === 'ceil' ? Math.ceil(number * scale) : Math.floor(number * scale)) / scale)
      return value instanceof Float ? new Float(rounded(number, integer(precision))) : number
    },
  ],
  ['tojson', (value, args) => json(value, jsonOptions(args))],
])

/** As `json.dumps` takes them. */
function jsonOptions(args: Arguments): JsonOptions {
  const names = ['ensure_ascii', 'indent', 'separators', 'sort_keys']
  const [ensureAscii = false, indent = null, separators = null, sortKeys = false] = bind(
    'tojson',
    args,
    names,
  )
  const [between = indent === null ? ', ' : ',', colon = ': '] =
    separators === null ? [] : itemsOf(separators)
  return {
    indent:
      indent === null
        ? undefined
        : typeof indent === 'string'
          ? indent
          : ' '.repeat(Math.max(integer(indent), 0)),
    ensureAscii: isTrue(ensureAscii),
    separators: [string(between), string(colon)],
    sortKeys: isTrue(sortKeys),
  }
}
