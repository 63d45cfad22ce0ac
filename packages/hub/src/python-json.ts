/** @file JSON as Transformers writes it: keys sorted, two spaces a level, numbers as Python spells them. */

export interface PythonJsonOptions {
  /** Escape what is not ASCII. Like `ensure_ascii` in Python; default: `false`. */
  ascii?: boolean
}

/** A whole number that Python holds as a float, and writes with a point. */
export class PythonFloat {
  constructor(readonly value: number) {}
}

/** JSON as `JSON.parse` reads it, except that `1.0` stays a float. */
export function parsePythonJson(text: string): unknown {
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token[0] !== '"' && /[.eE]/.test(token) && Number.isInteger(Number(token))
      ? `{"${FLOAT}":${token}}`
      : token,
  )
  return JSON.parse(marked, (_, value) =>
    value?.[FLOAT] === undefined ? value : new PythonFloat(value[FLOAT]),
  )
}

/** No key of a configuration. */
const FLOAT = '\uffff'

/**
 * `json.dumps(value, indent=2, sort_keys=True, ensure_ascii=ascii) + "\n"`, piece by piece; the entries of a Map stay in
 * their order.
 */
export function* pythonJson(
  value: unknown,
  { ascii = false }: PythonJsonOptions = {},
): Generator<string, void> {
  yield* write(value, '\n', ascii ? quoteAscii : JSON.stringify)
  yield '\n'
}

/** @param line what a new line at this level begins with. */
function* write(value: unknown, line: string, quote: (text: string) => string): Generator<string, void> {
  if (typeof value === 'number') yield spell(value)
  else if (value instanceof PythonFloat) yield `${spell(value.value)}.0`
  else if (typeof value === 'string') yield quote(value)
  else if (typeof value !== 'object' || value === null) yield JSON.stringify(value)
  else {
    const isList = Array.isArray(value)
    const entries = isList ? value.map((item): [undefined, unknown] => [undefined, item]) : entriesOf(value)
    const [open, close] = isList ? '[]' : '{}'
    const inner = `${line}  `
    let before = open + inner
    for (const [key, item] of entries) {
      yield key === undefined ? before : `${before}${quote(key)}: `
      yield* write(item, inner, quote)
      before = `,${inner}`
    }
    yield entries.length === 0 ? `${open}${close}` : line + close
  }
}

/** Whole numbers in full; others with an exponent of two digits below 0.0001, as `repr(float)`. */
function spell(value: number): string {
  if (Number.isInteger(value)) return String(BigInt(value))
  const small = Math.abs(value) < 1e-4
  return small ? value.toExponential().replace(/e-(\d)$/, 'e-0$1') : String(value)
}

const quoteAscii = (text: string) =>
  JSON.stringify(text).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

function entriesOf(value: object): [string, unknown][] {
  if (value instanceof Map) return Array.from(value, ([key, item]) => [String(key), item])
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => byCodePoints(a, b))
}

/** The order of Python's strings, and of UTF-8; JavaScript's would put U+FFFD behind an emoji. */
export function byCodePoints(a: string, b: string): number {
  let i = 0
  while (i < a.length && a[i] === b[i]) i++
  return (a.codePointAt(i) ?? -1) - (b.codePointAt(i) ?? -1)
}
