/** @file Oniguruma's classes, `[a-z&&[^aeiou]]`, and the escapes that are classes. */
import { DECIMAL, SPACE } from '../characters'
import { caseClosure } from './case-folding'
import { posixClass, property } from './properties'
import { escapedCharacters, type Options, type Reader, range } from './reader'
import { literal, type Node, PatternError } from './syntax'

const negated = (set: string) => `[^${set}]`

/** The set of an escape such as `\s`, if one comes next; the backslash is read. */
export function escapedSet(reader: Reader, options: Options): string | undefined {
  const letter = reader.peek()
  const set = setOf(letter.toLowerCase(), options)
  if (set !== undefined && /[wdshWDSH]/.test(letter)) {
    reader.next()
    return letter === letter.toLowerCase() ? set : negated(set)
  }
  if ((letter !== 'p' && letter !== 'P') || reader.peek(1) !== '{') return undefined
  reader.position += 2
  const negative = reader.take('^') !== (letter === 'P')
  const named = property(reader.until('}'), options)
  return negative ? negated(named) : named
}

function setOf(letter: string, options: Options): string | undefined {
  switch (letter) {
    case 'w':
      return posixClass('word', options)
    case 'd':
      return options.digit || options.posix ? '[0-9]' : DECIMAL
    case 's':
      return options.space || options.posix ? '[\\t-\\r\\x20]' : SPACE
    case 'h':
      return '[0-9A-Fa-f]'
    default:
      return undefined
  }
}

/** A class; its opening bracket is read. */
export function parseClass(reader: Reader, options: Options): Node {
  const { negative, set } = parseSet(reader, options, 0)
  if (!options.ignoreCase) return { type: 'set', set: negative ? negated(set) : set, strings: [] }
  const { added, strings } = caseClosure(set)
  const closed = added === '' ? set : `[${set}${added}]`
  // A negated class takes one character, and leaves the strings out.
  return negative ? { type: 'set', set: negated(closed), strings: [] } : { type: 'set', set: closed, strings }
}

/** Nested deeper than this, a class would overflow the stack. */
const DEEPEST = 100

function parseSet(reader: Reader, options: Options, depth: number): { negative: boolean; set: string } {
  if (depth > DEEPEST) throw new PatternError('has classes nested too deeply')
  const negative = reader.take('^')
  const operands: string[] = []
  let members = ''
  // A bracket that closes the class at once is a character, if another follows.
  let first = true
  for (;;) {
    if (reader.done) throw new PatternError('has a class without its closing bracket')
    if (reader.peek() === ']' && !(first && closesLater(reader))) {
      if (first) throw new PatternError('has an empty class')
      reader.next()
      break
    }
    first = false
    if (reader.take('&&')) {
      operands.push(`[${members}]`)
      members = ''
    } else members += parseMember(reader, options, depth)
  }
  operands.push(`[${members}]`)
  return { negative, set: operands.length === 1 ? operands[0]! : `[${operands.join('&&')}]` }
}

function closesLater(reader: Reader): boolean {
  for (let ahead = 1; reader.peek(ahead) !== ''; ahead++) if (reader.peek(ahead) === ']') return true
  return false
}

function parseMember(reader: Reader, options: Options, depth: number): string {
  if (reader.take('[')) {
    const posix = parsePosix(reader, options)
    if (posix !== undefined) return posix
    const { negative, set } = parseSet(reader, options, depth + 1)
    return negative ? negated(set) : set
  }
  if (reader.take('\\')) {
    const set = escapedSet(reader, options)
    if (set !== undefined) {
      if (reader.peek() === '-' && reader.peek(1) !== ']')
        throw new PatternError('has a range that begins with a class; escape its hyphen')
      return set
    }
    const characters = memberEscape(reader)
    const last = characters.pop()!
    return characters.map(literal).join('') + parseRange(reader, last)
  }
  return parseRange(reader, reader.next())
}

/** In a class `\b` is a backspace. */
const memberEscape = (reader: Reader) => (reader.take('b') ? ['\b'] : escapedCharacters(reader))

/** `first`, or the range that it begins. */
function parseRange(reader: Reader, first: string): string {
  const next = reader.peek(1)
  if (reader.peek() !== '-' || next === ']' || next === '') return literal(first)
  if (next === '&' && reader.peek(2) === '&') return literal(first)
  reader.next()
  if (/^(?:\[|\\[wdshWDSHpP])/.test(next + reader.peek(1)))
    throw new PatternError('has a range that ends with a class; escape its hyphen')
  if (!reader.take('\\')) return range(first, reader.next())
  const [last, ...more] = memberEscape(reader)
  return range(first, last!) + more.map(literal).join('')
}

function parsePosix(reader: Reader, options: Options): string | undefined {
  if (reader.peek() !== ':') return undefined
  const start = reader.position
  reader.next()
  const negative = reader.take('^')
  let name = ''
  while (/[a-z]/i.test(reader.peek())) name += reader.next()
  if (!reader.take(':]')) {
    reader.position = start
    return undefined
  }
  const set = posixClass(name, options)
  if (set === undefined) throw new PatternError(`has the class [:${name}:], which there is not`)
  return negative ? negated(set) : set
}
