/** @file Oniguruma's expressions, in the dialect that is its default, into their parts. */
import { DECIMAL, WORD } from '../characters'
import { escapedSet, parseClass } from './parse-class'
import { wordAlone } from './properties'
import { escapedCharacters, type Options, Reader } from './reader'
import { type Expression, type GroupName, type Node, PatternError } from './syntax'

/** Nested deeper than this, a pattern would overflow the stack. */
const DEEPEST = 200

const NONE: Options = {
  ignoreCase: false,
  extended: false,
  dotAll: false,
  word: false,
  digit: false,
  space: false,
  posix: false,
}

const OPTIONS: Readonly<Record<string, keyof Options>> = {
  i: 'ignoreCase',
  x: 'extended',
  m: 'dotAll',
  W: 'word',
  D: 'digit',
  S: 'space',
  P: 'posix',
}

const EVERYTHING: Node = { type: 'set', set: '[\\0-\\u{10ffff}]', strings: [] }
const NO_NEWLINE: Node = { type: 'set', set: '[^\\n]', strings: [] }
/** Not even a possessive repetition parts a carriage return from its line feed. */
const NEWLINE: Node = {
  type: 'alternatives',
  items: [
    {
      type: 'sequence',
      items: [
        { type: 'set', set: '\\r', strings: [] },
        { type: 'set', set: '\\n', strings: [] },
      ],
    },
    { type: 'set', set: '[\\n\\v\\f\\x85\\u2028\\u2029]', strings: [] },
    {
      type: 'sequence',
      items: [
        { type: 'set', set: '\\r', strings: [] },
        { type: 'assertion', source: '(?!\\n)' },
      ],
    },
  ],
}
const assertion = (source: string): Node => ({ type: 'assertion', source })

/** @throws {PatternError} when the pattern is malformed or has what JavaScript has no equal for. */
export function parse(source: string): Expression {
  const parser = new Parser(source)
  const root = parser.alternatives(NONE, 0)
  if (!parser.reader.done) throw new PatternError('closes a group that is not open')
  return { root, groups: parser.groups, names: parser.names }
}

/** Characters do not join those outside a group with options of its own: two of `(?i:s)` are no ß. */
const apart = (body: Node): Node => ({ type: 'sequence', items: [body] })

class Parser {
  readonly reader: Reader
  readonly groups: (Node | undefined)[] = []
  readonly names = new Map<string, number[]>()
  /** Where groups have names, those without capture nothing. */
  private readonly named: boolean

  constructor(source: string) {
    this.reader = new Reader(source)
    this.named = /\(\?(?:<[^=!]|')/.test(source)
  }

  alternatives(options: Options, depth: number): Node {
    if (depth > DEEPEST) throw new PatternError('has groups nested too deeply')
    const items = [this.sequence(options, depth)]
    while (this.reader.take('|')) items.push(this.sequence(options, depth))
    return items.length === 1 ? items[0]! : { type: 'alternatives', items }
  }

  private sequence(options: Options, depth: number): Node {
    const items: Node[] = []
    const { reader } = this
    for (;;) {
      this.skip(options)
      if (reader.done || reader.peek() === '|' || reader.peek() === ')') break
      const changed = this.isolatedOptions(options)
      if (changed !== undefined) {
        // It holds to the end of the group, alternatives included.
        items.push(this.alternatives(changed, depth + 1))
        break
      }
      const atoms = this.atom(options, depth)
      const last = atoms.pop()
      items.push(...atoms)
      if (last !== undefined) items.push(this.quantified(last, options))
    }
    return items.length === 1 ? items[0]! : { type: 'sequence', items }
  }

  /** Comments, and in the extended form white space. */
  private skip({ extended }: Options): void {
    const { reader } = this
    for (;;) {
      if (reader.take('(?#')) this.comment()
      else if (extended && /\p{White_Space}/u.test(reader.peek())) reader.next()
      else if (extended && reader.peek() === '#') while (!reader.done && reader.next() !== '\n');
      else return
    }
  }

  private comment(): void {
    for (let character = ''; character !== ')'; ) {
      character = this.reader.next()
      if (character === '\\') this.reader.next()
    }
  }

  private isolatedOptions(options: Options): Options | undefined {
    const { reader } = this
    const start = reader.position
    if (!reader.take('(?') || !/[imxWDSPy-]/.test(reader.peek())) {
      reader.position = start
      return undefined
    }
    const changed = this.readOptions(options)
    if (reader.take(')')) return changed
    reader.position = start
    return undefined
  }

  private readOptions(options: Options): Options {
    const { reader } = this
    const changed: Options = { ...options }
    let value = true
    for (;;) {
      const letter = reader.peek()
      if (letter === ':' || letter === ')') return changed
      reader.next()
      const option = OPTIONS[letter]
      if (letter === '-') value = false
      else if (option !== undefined) changed[option] = value
      else if (letter === 'y' && reader.take('{')) reader.until('}')
      else if (/[CIL]/.test(letter))
        throw new PatternError(`has the option (?${letter}), which JavaScript has no equal for`)
      else throw new PatternError(`has the option ${JSON.stringify(letter)}, which there is not`)
    }
  }

  /** One part of the pattern: a node, or characters that are several by one escape. */
  private atom(options: Options, depth: number): Node[] {
    const { reader } = this
    const character = reader.next()
    switch (character) {
      case '(':
        return [this.group(options, depth)]
      case '[':
        return [parseClass(reader, options)]
      case '.':
        return [options.dotAll ? EVERYTHING : NO_NEWLINE]
      case '^':
        return [assertion('(?:^|(?<=\\n)(?!$))')]
      case '$':
        return [assertion('(?![^\\n])')]
      case '\\':
        return this.escape(options)
      case '*':
      case '+':
      case '?':
        throw new PatternError(`has a ${character} with nothing to repeat`)
      case '{':
        reader.position--
        if (this.interval() !== undefined) throw new PatternError('has a repetition with nothing to repeat')
        reader.next()
    }
    return [{ type: 'character', character, ignoreCase: options.ignoreCase }]
  }

  private escape(options: Options): Node[] {
    const { reader } = this
    const set = this.word(options) ?? escapedSet(reader, options)
    if (set !== undefined) return [{ type: 'set', set, strings: [] }]
    const letter = reader.peek()
    const special = this.special(letter, options)
    if (special !== undefined) {
      reader.next()
      return [special]
    }
    if (letter === 'k' && /[<']/.test(reader.peek(1))) {
      reader.next()
      return [{ type: 'reference', to: this.groupName(), ignoreCase: options.ignoreCase }]
    }
    if (letter === 'g' && /[<']/.test(reader.peek(1))) {
      reader.next()
      return [{ type: 'call', to: this.groupName() }]
    }
    if (/[1-9]/.test(letter)) {
      const start = reader.position
      const number = Number(reader.digits(10, 9))
      if (number <= 9 || number <= this.groups.length) {
        if (this.named)
          throw new PatternError(`refers to group ${number} by number, but its groups have names`)
        return [{ type: 'reference', to: number, ignoreCase: options.ignoreCase }]
      }
      reader.position = start
    }
    return escapedCharacters(reader).map((character) => ({
      type: 'character',
      character,
      ignoreCase: options.ignoreCase,
    }))
  }

  private word(options: Options): string | undefined {
    const { reader } = this
    const start = reader.position
    const letter = reader.next()
    if (letter === 'w' || letter === 'W')
      return letter === 'w' ? wordAlone(options) : `[^${wordAlone(options)}]`
    if ((letter === 'p' || letter === 'P') && reader.take('{')) {
      const negative = reader.take('^') !== (letter === 'P')
      if (reader.until('}').toLowerCase() === 'word')
        return negative ? `[^${wordAlone(options)}]` : wordAlone(options)
    }
    reader.position = start
    return undefined
  }

  private special(letter: string, options: Options): Node | undefined {
    switch (letter) {
      case 'R':
        return NEWLINE
      case 'N':
        return NO_NEWLINE
      case 'O':
        return EVERYTHING
      case 'A':
        return assertion('^')
      case 'z':
        return assertion('$')
      case 'Z':
        return assertion('(?=\\n?$)')
      case 'G':
        return { type: 'start' }
      case 'b':
      case 'B': {
        const word = wordAlone(options)
        const [same, other] = letter === 'B' ? ['=', '!'] : ['!', '=']
        return assertion(`(?:(?<=${word})(?${same}${word})|(?<!${word})(?${other}${word}))`)
      }
      case 'K':
        throw new PatternError('has \\K, which JavaScript has no equal for; use a look-behind, (?<=…)')
      case 'X':
      case 'y':
      case 'Y':
        throw new PatternError(`has \\${letter}, and JavaScript's expressions know no grapheme clusters`)
      default:
        return undefined
    }
  }

  private groupName(): GroupName {
    const name = this.reader.next() === '<' ? this.reader.until('>') : this.reader.until("'")
    if (!/^[+-]?\d+$/.test(name)) {
      if (/[+-]/.test(name))
        throw new PatternError(`refers to a level of recursion, ${name}, which JavaScript cannot`)
      return name
    }
    const number = Number(name)
    if (name.startsWith('-')) return this.groups.length + 1 + number
    return name.startsWith('+') ? this.groups.length + number : number
  }

  /** A group; its opening parenthesis is read. */
  private group(options: Options, depth: number): Node {
    const { reader } = this
    const inner = (changed = options): Node => {
      const body = this.alternatives(changed, depth + 1)
      if (!reader.take(')')) throw new PatternError('has a group without its closing parenthesis')
      return body
    }
    if (reader.peek() === '*') throw new PatternError('calls out, (*…), which JavaScript has no equal for')
    if (!reader.take('?')) return this.named ? inner() : this.capture(undefined, inner)
    if (reader.take(':')) return inner()
    if (reader.take('>')) return { type: 'atomic', body: inner() }
    if (reader.take('=')) return { type: 'look', ahead: true, negative: false, body: inner() }
    if (reader.take('!')) return { type: 'look', ahead: true, negative: true, body: inner() }
    if (reader.take('<=')) return { type: 'look', ahead: false, negative: false, body: inner() }
    if (reader.take('<!')) return { type: 'look', ahead: false, negative: true, body: inner() }
    if (reader.take('<')) return this.capture(reader.until('>'), inner)
    if (reader.take("'")) return this.capture(reader.until("'"), inner)
    if (reader.peek() === '~')
      throw new PatternError('has the absence operator (?~…), which JavaScript has no equal for')
    if (reader.peek() === '(')
      throw new PatternError('has a condition (?(…)…), which JavaScript has no equal for')
    if (reader.peek() === '{') throw new PatternError('calls out, (?{…}), which JavaScript has no equal for')
    const changed = this.readOptions(options)
    if (!reader.take(':')) throw new PatternError('ends in an option')
    return apart(inner(changed))
  }

  private capture(name: string | undefined, inner: () => Node): Node {
    if (name !== undefined && !new RegExp(`^(?!${DECIMAL})${WORD}+$`, 'v').test(name))
      throw new PatternError(`has a group named ${JSON.stringify(name)}, which is no name`)
    const group = this.groups.push(undefined)
    if (name !== undefined) this.names.set(name, [...(this.names.get(name) ?? []), group])
    const body = inner()
    this.groups[group - 1] = body
    return { type: 'capture', group, body }
  }

  /** `node` with the quantifiers that follow it. */
  private quantified(node: Node, options: Options): Node {
    const { reader } = this
    let body = node
    for (let count = 0; ; count++) {
      this.skip(options)
      const start = reader.position
      const found = this.quantifier()
      if (found === undefined) return body
      if (count > DEEPEST) throw new PatternError('has too many quantifiers in a row')
      if (body.type === 'assertion' || body.type === 'look' || body.type === 'start') {
        reader.position = start
        throw new PatternError(`repeats what has no length, with ${reader.peek()}`)
      }
      body = { type: 'repeat', body, ...found }
    }
  }

  private quantifier(): { min: number; max: number; mode: 'greedy' | 'lazy' | 'possessive' } | undefined {
    const { reader } = this
    const bounds = { '*': [0, Infinity], '+': [1, Infinity], '?': [0, 1] }[reader.peek()]
    if (bounds !== undefined) {
      reader.next()
      const mode = reader.take('?') ? 'lazy' : reader.take('+') ? 'possessive' : 'greedy'
      return { min: bounds[0]!, max: bounds[1]!, mode }
    }
    const interval = this.interval()
    if (interval === undefined) return undefined
    const { min, max, exact } = interval
    // The wrong way round is how this dialect writes a possessive interval; `{n}+` and `{n,m}+` repeat a repetition.
    if (min > max) return { min: max, max: min, mode: 'possessive' }
    return { min, max, mode: !exact && reader.take('?') ? 'lazy' : 'greedy' }
  }

  /** `{n}`, `{n,}`, `{,m}` or `{n,m}`; any other brace is a character. */
  private interval(): { min: number; max: number; exact: boolean } | undefined {
    const { reader } = this
    const start = reader.position
    if (!reader.take('{')) return undefined
    const low = reader.digits(10, 9)
    const comma = reader.take(',')
    const high = comma ? reader.digits(10, 9) : low
    if ((low === '' && high === '') || !reader.take('}')) {
      reader.position = start
      return undefined
    }
    const min = Number(low)
    const max = high === '' ? Number.POSITIVE_INFINITY : Number(high)
    if (min > LARGEST || (max > LARGEST && max !== Number.POSITIVE_INFINITY))
      throw new PatternError(`repeats more than ${LARGEST} times`)
    return { min, max, exact: !comma }
  }
}

/** Oniguruma's own limit. */
const LARGEST = 100_000
