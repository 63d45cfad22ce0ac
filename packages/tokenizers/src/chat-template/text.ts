/** @file Values as text: Python's `str()`, `repr()` and `json.dumps()`. */
import {
  compareStrings,
  type Dict,
  Float,
  fail,
  type Key,
  Markup,
  Namespace,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values'

/** As `{{ value }}` prints it. */
export function str(value: Value): string {
  if (typeof value === 'string') return value
  if (value instanceof Markup) return value.text
  return value instanceof Undefined ? '' : repr(value)
}

/** As it prints inside of lists and dicts. */
export function repr(value: Value): string {
  if (value === null) return 'None'
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return wholeNumber(value)
  if (value instanceof Markup) return `Markup(${quoted(value.text)})`
  if (value instanceof Float) return floatText(value.value)
  if (value instanceof Undefined) return 'Undefined'
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`
  if (value instanceof Tuple)
    return value.items.length === 1 ? `(${repr(value.items[0]!)},)` : `(${value.items.map(repr).join(', ')})`
  if (value instanceof Map) return dictText(value)
  if (value instanceof Namespace) return `<Namespace ${dictText(value.attributes)}>`
  return `<${typeName(value)}>`
}

const dictText = (dict: Dict | Map<string, Value>): string =>
  `{${Array.from(dict, ([key, value]) => `${repr(key)}: ${repr(value)}`).join(', ')}}`

const wholeNumber = (value: number): string =>
  Number.isFinite(value) ? BigInt(value).toString() : floatText(value)

/** Python writes an exponent below 1e-4 and from 1e16 on, of two digits at least. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf'
  const [digits, exponent] = value.toExponential().split('e') as [string, string]
  const power = Number(exponent)
  if (value !== 0 && (power < -4 || power >= 16))
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
  if (Number.isInteger(value)) return `${Object.is(value, -0) ? '-0' : value}.0`
  return power < 0 ? value.toFixed(digits.replace(/[-.]/g, '').length - 1 - power) : String(value)
}

const UNPRINTABLE = /(?! )[\p{C}\p{Z}]/gu
const SHORT_ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replace(UNPRINTABLE, (character) => {
      const code = character.codePointAt(0)!.toString(16)
      if (code.length <= 2) return SHORT_ESCAPES[character] ?? `\\x${code.padStart(2, '0')}`
      return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\U${code.padStart(8, '0')}`
    })
  return quote + escaped + quote
}

export interface JsonOptions {
  /** What a level is indented by; `undefined` for one line. */
  indent: string | undefined
  ensureAscii: boolean
  separators: readonly [item: string, key: string]
  sortKeys: boolean
}

/** @throws {TokenizerError} when the value has no form in JSON. */
export function json(value: Value, options: JsonOptions, depth = 0): string {
  if (typeof value === 'string') return jsonString(value, options.ensureAscii)
  if (value instanceof Markup) return jsonString(value.text, options.ensureAscii)
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return wholeNumber(value)
  if (value instanceof Float) return jsonFloat(value.value)
  const items = Array.isArray(value) ? value : value instanceof Tuple ? value.items : undefined
  if (items !== undefined) {
    const parts = items.map((item) => json(item, options, depth + 1))
    return bracketed('[', parts, ']', options, depth)
  }
  if (!(value instanceof Map)) fail(`Object of type ${typeName(value)} is not JSON serializable`)
  const entries = Array.from(value, ([key, item]): [string, Value] => [jsonKey(key), item])
  if (options.sortKeys) entries.sort(([a], [b]) => compareStrings(a, b))
  const parts = entries.map(
    ([key, item]) =>
      jsonString(key, options.ensureAscii) + options.separators[1] + json(item, options, depth + 1),
  )
  return bracketed('{', parts, '}', options, depth)
}

function bracketed(
  open: string,
  parts: string[],
  close: string,
  { indent, separators }: JsonOptions,
  depth: number,
) {
  if (indent === undefined || parts.length === 0) return open + parts.join(separators[0]) + close
  const line = `\n${indent.repeat(depth + 1)}`
  return `${open}${line}${parts.join(separators[0] + line)}\n${indent.repeat(depth)}${close}`
}

const jsonKey = (key: Key): string => (typeof key === 'string' ? key : key === null ? 'null' : String(key))

const jsonFloat = (value: number): string =>
  Number.isNaN(value)
    ? 'NaN'
    : Number.isFinite(value)
      ? floatText(value)
      : value < 0
        ? '-Infinity'
        : 'Infinity'

const JSON_ESCAPES: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
}

/** Unlike JSON.stringify it leaves lone surrogates as they are, as Python does. */
function jsonString(text: string, ascii: boolean): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON must escape them
  const escaped = text.replace(ascii ? /["\\]|[^ -~]/g : /["\\\u0000-\u001f]/g, (unit) => {
    return JSON_ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  return `"${escaped}"`
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character]!)
