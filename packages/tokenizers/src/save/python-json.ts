/** @file JSON as Transformers writes it: keys sorted, two spaces a level, whole numbers in full. */

/** `json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"`; the entries of a Map stay in their order. */
export function* pythonJson(value: unknown): Generator<string, void> {
  yield* write(value, '\n')
  yield '\n'
}

/** @param line what a new line at this level begins with. */
function* write(value: unknown, line: string): Generator<string, void> {
  if (typeof value === 'number') yield Number.isInteger(value) ? String(BigInt(value)) : String(value)
  else if (typeof value !== 'object' || value === null) yield JSON.stringify(value)
  else {
    const isList = Array.isArray(value)
    const entries = isList ? value.map((item): [undefined, unknown] => [undefined, item]) : entriesOf(value)
    const [open, close] = isList ? '[]' : '{}'
    const inner = `${line}  `
    let before = open + inner
    for (const [key, item] of entries) {
      yield key === undefined ? before : `${before}${JSON.stringify(key)}: `
      yield* write(item, inner)
      before = `,${inner}`
    }
    yield entries.length === 0 ? `${open}${close}` : line + close
  }
}

function entriesOf(value: object): [string, unknown][] {
  if (value instanceof Map) return Array.from(value, ([key, item]) => [String(key), item])
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => byCodePoints(a, b))
}

/** The order of Python's strings; JavaScript's would put U+FFFD behind an emoji. */
function byCodePoints(a: string, b: string): number {
  let i = 0
  while (i < a.length && a[i] === b[i]) i++
  return (a.codePointAt(i) ?? -1) - (b.codePointAt(i) ?? -1)
}
