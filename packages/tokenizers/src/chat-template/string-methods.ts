/** @file The methods of Python's strings that templates call. */
import { type Side, SPACE, strip } from '../text/strip'
import { str } from './text'
import { type Arguments, bind, fail, integer, itemsOf, string, Tuple, typeName, type Value } from './values'

const WORDS = new RegExp(`[^${SPACE}]+`, 'g')
// biome-ignore lint/suspicious/noControlCharactersInRegex: to Python they end a line
const LINE_BREAKS = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g
const EVERY = Number.POSITIVE_INFINITY

export function splitLines(text: string, keepEnds = false): string[] {
  const lines: string[] = []
  let start = 0
  for (const { 0: lineBreak, index } of text.matchAll(LINE_BREAKS)) {
    const end = index + lineBreak.length
    lines.push(text.slice(start, keepEnds ? end : index))
    start = end
  }
  if (start < text.length) lines.push(text.slice(start))
  return lines
}

function split(text: string, separator: string | undefined, limit: number): string[] {
  if (separator !== undefined) {
    if (separator === '') fail('empty separator')
    const parts = text.split(separator)
    return parts.length <= limit + 1 ? parts : [...parts.slice(0, limit), parts.slice(limit).join(separator)]
  }
  const parts: string[] = []
  for (const { 0: word, index } of text.matchAll(WORDS)) {
    if (parts.length === limit) return [...parts, text.slice(index)]
    parts.push(word)
  }
  return parts
}

/** As `split`, from the end: the rest stays with the first part. */
function splitFromEnd(text: string, separator: string | undefined, limit: number): string[] {
  if (separator !== undefined) {
    if (separator === '') fail('empty separator')
    const parts = text.split(separator)
    const first = parts.length - limit
    return first <= 1 ? parts : [parts.slice(0, first).join(separator), ...parts.slice(first)]
  }
  const words = [...text.matchAll(WORDS)]
  const first = words.length - limit
  if (first <= 0) return words.map(([word]) => word)
  const { 0: last, index } = words[first - 1]!
  return [text.slice(0, index + last.length), ...words.slice(first).map(([word]) => word)].map((part, i) =>
    i === 0 ? strip(part, 'left') && strip(part, 'right') : part,
  )
}

export function replace(text: string, from: string, to: string, limit: number): string {
  if (from !== '') {
    const parts = split(text, from, limit)
    return parts.join(to)
  }
  const characters = Array.from(text)
  let result = ''
  for (let i = 0; i <= characters.length; i++) result += (i < limit ? to : '') + (characters[i] ?? '')
  return result
}

/** The first letter of each run of letters large, the others small. */
export const title = (text: string): string =>
  text.replace(/\p{L}+/gu, (word) => {
    const [first, ...others] = Array.from(word)
    return first!.toUpperCase() + others.join('').toLowerCase()
  })

export function capitalize(text: string): string {
  const [first = '', ...others] = Array.from(text)
  return first.toUpperCase() + others.join('').toLowerCase()
}

/** `'{} of {total}'.format(…)`, without format specifications. */
export function format(text: string, { positional, named }: Arguments): string {
  let next = 0
  return text.replace(/\{\{|\}\}|\{([^{}]*)\}|[{}]/g, (match, field: string | undefined) => {
    if (match === '{{' || match === '}}') return match[0]!
    if (field === undefined) fail(`Single '${match}' encountered in format string`)
    if (!/^\w*$/.test(field)) fail(`'${match}' asks for a format, and only plain fields can be given`)
    const value = /^\d*$/.test(field) ? positional[field === '' ? next++ : Number(field)] : named.get(field)
    return value === undefined ? fail(`no argument for '${match}'`) : str(value)
  })
}

/** `'%s of %d' % (…)`, without widths. */
export function percentFormat(text: string, values: readonly Value[]): string {
  let next = 0
  const result = text.replace(/%(.?)/gs, (match, kind: string) => {
    if (kind === '%') return '%'
    const value = values[next++]
    if (value === undefined) fail('not enough arguments for format string')
    if (kind === 's') return str(value)
    if (kind === 'd') return String(integer(value))
    return fail(`'${match}' asks for a format, and only %s, %d and %% can be given`)
  })
  if (next < values.length) fail('not all arguments converted during string formatting')
  return result
}

type Method = (text: string, args: Arguments) => Value

const stripping =
  (side: Side): Method =>
  (text, args) => {
    const [characters = null] = bind('strip', args, ['chars'])
    return strip(text, side, characters === null ? undefined : string(characters))
  }

const splitting =
  (name: string, cut: typeof split): Method =>
  (text, args) => {
    const [separator = null, limit = -1] = bind(name, args, ['sep', 'maxsplit'])
    const most = integer(limit)
    return cut(text, separator === null ? undefined : string(separator), most < 0 ? EVERY : most)
  }

const partition =
  (find: (text: string, separator: string) => number, whole: number): Method =>
  (text, args) => {
    const separator = string(bind('partition', args, ['sep'])[0] ?? null)
    const at = find(text, separator)
    if (at < 0) return new Tuple(whole === 0 ? [text, '', ''] : ['', '', text])
    return new Tuple([text.slice(0, at), separator, text.slice(at + separator.length)])
  }

const edge =
  (name: string, has: (text: string, affix: string) => boolean): Method =>
  (text, args) => {
    const [affix = null] = bind(name, args, ['prefix'])
    const affixes = affix instanceof Tuple ? affix.items : [affix]
    return affixes.some((one) => has(text, string(one)))
  }

const searching =
  (name: string, find: (text: string, part: string) => number, strict: boolean): Method =>
  (text, args) => {
    const at = find(text, string(bind(name, args, ['sub'])[0] ?? null))
    if (at < 0 && strict) fail('substring not found')
    return at < 0 ? at : Array.from(text.slice(0, at)).length
  }

const plain =
  (name: string, map: (text: string) => Value): Method =>
  (text, args) => {
    bind(name, args, [])
    return map(text)
  }

const isAll = (set: string): RegExp => new RegExp(`^[${set}]+$`, 'u')

const METHODS = new Map<string, Method>([
  ['strip', stripping('both')],
  ['lstrip', stripping('left')],
  ['rstrip', stripping('right')],
  ['split', splitting('split', split)],
  ['rsplit', splitting('rsplit', splitFromEnd)],
  ['splitlines', (text, args) => splitLines(text, bind('splitlines', args, ['keepends'])[0] === true)],
  ['partition', partition((text, separator) => text.indexOf(separator), 0)],
  ['rpartition', partition((text, separator) => text.lastIndexOf(separator), 1)],
  ['startswith', edge('startswith', (text, affix) => text.startsWith(affix))],
  ['endswith', edge('endswith', (text, affix) => text.endsWith(affix))],
  ['find', searching('find', (text, part) => text.indexOf(part), false)],
  ['rfind', searching('rfind', (text, part) => text.lastIndexOf(part), false)],
  ['index', searching('index', (text, part) => text.indexOf(part), true)],
  [
    'count',
    (text, args) => {
      const part = string(bind('count', args, ['sub'])[0] ?? null)
      return part === '' ? Array.from(text).length + 1 : text.split(part).length - 1
    },
  ],
  [
    'replace',
    (text, args) => {
      const [from = null, to = null, count = -1] = bind('replace', args, ['old', 'new', 'count'])
      const most = integer(count)
      return replace(text, string(from), string(to), most < 0 ? EVERY : most)
    },
  ],
  [
    'join',
    (text, args) => {
      const items = itemsOf(bind('join', args, ['iterable'])[0] ?? null)
      const wrong = items.findIndex((item) => typeof item !== 'string')
      if (wrong >= 0) fail(`sequence item ${wrong}: expected str instance, ${typeName(items[wrong]!)} found`)
      return items.join(text)
    },
  ],
  ['format', format],
  [
    'removeprefix',
    (text, args) => {
      const prefix = string(bind('removeprefix', args, ['prefix'])[0] ?? null)
      return text.startsWith(prefix) ? text.slice(prefix.length) : text
    },
  ],
  [
    'removesuffix',
    (text, args) => {
      const suffix = string(bind('removesuffix', args, ['suffix'])[0] ?? null)
      return text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text
    },
  ],
  [
    'zfill',
    (text, args) => {
      const width = integer(bind('zfill', args, ['width'])[0] ?? null)
      const sign = /^[-+]/.test(text) ? text[0]! : ''
      return sign + text.slice(sign.length).padStart(width - sign.length, '0')
    },
  ],
  ['upper', plain('upper', (text) => text.toUpperCase())],
  ['lower', plain('lower', (text) => text.toLowerCase())],
  ['title', plain('title', title)],
  ['capitalize', plain('capitalize', capitalize)],
  ['isdigit', plain('isdigit', (text) => isAll('\\p{Nd}').test(text))],
  ['isalpha', plain('isalpha', (text) => isAll('\\p{L}').test(text))],
  ['isalnum', plain('isalnum', (text) => isAll('\\p{L}\\p{N}').test(text))],
  ['isspace', plain('isspace', (text) => isAll(SPACE).test(text))],
  ['islower', plain('islower', (text) => text === text.toLowerCase() && text !== text.toUpperCase())],
  ['isupper', plain('isupper', (text) => text === text.toUpperCase() && text !== text.toLowerCase())],
])

export function stringMethod(text: string, name: string): ((args: Arguments) => Value) | undefined {
  const method = METHODS.get(name)
  return method && ((args) => method(text, args))
}
