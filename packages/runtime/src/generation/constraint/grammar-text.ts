/** @file The text of a grammar, read: rules of names, texts in quotes, characters in brackets, groups, counts and comments. */
import { ResponseFormatError } from '../../errors'

/** What a rule is made of. */
export type Part =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }
  /** Characters as in a regular expression. */
  | { readonly kind: 'class'; readonly pattern: string }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Part[] }
  | { readonly kind: 'repeat'; readonly part: Part; readonly least: number; readonly most: number }

const NAME = /[A-Za-z_][A-Za-z0-9_-]*/y
const SPACE = /(?:\s|#[^\n]*)*/y
const TEXT = /"((?:[^"\\\n]|\\.)*)"/y
const CLASS = /\[(?:[^\]\\\n]|\\.)*\]/y
const COUNT = /\{\s*(\d+)\s*(,?)\s*(\d*)\s*\}/y
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', 0: '\0' }
/** Copies that a count may ask for. */
const MOST_COPIES = 5000

/** @throws {ResponseFormatError} with the place where it can't be read */
export function readGrammar(grammar: string): Map<string, Part> {
  const reader = new Reader(grammar)
  const rules = new Map<string, Part>()
  while (!reader.done) {
    const [name, part] = reader.rule()
    if (rules.has(name))
      throw new ResponseFormatError(`The grammar has two rules "${name}". Join them with "|".`)
    rules.set(name, part)
  }
  return rules
}

class Reader {
  #at = 0

  constructor(readonly grammar: string) {
    this.#take(SPACE)
  }

  get done(): boolean {
    return this.#at >= this.grammar.length
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.grammar)
    if (found) this.#at += found[0].length
    return found
  }
  #is(letters: string): boolean {
    const found = this.grammar.startsWith(letters, this.#at)
    if (found) {
      this.#at += letters.length
      this.#take(SPACE)
    }
    return found
  }
  #fail(expected: string): never {
    const before = this.grammar.slice(0, this.#at).split('\n')
    const found = this.grammar.slice(this.#at, this.#at + 20)
    throw new ResponseFormatError(
      `The grammar can't be read at line ${before.length}, column ${before.at(-1)!.length + 1}: found ${found ? JSON.stringify(found) : 'its end'}, expected ${expected}.`,
    )
  }

  rule(): readonly [string, Part] {
    const name = this.#take(NAME)?.[0]
    if (name === undefined) this.#fail('the name of a rule')
    this.#take(SPACE)
    if (!this.#is('::=')) this.#fail('"::="')
    return [name, this.#choice()]
  }

  #choice(): Part {
    const parts = [this.#sequence()]
    while (this.#is('|')) parts.push(this.#sequence())
    return parts.length === 1 ? parts[0]! : { kind: 'choice', parts }
  }

  #sequence(): Part {
    const parts: Part[] = []
    for (let part = this.#item(); part; part = this.#item()) parts.push(part)
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts }
  }

  #item(): Part | undefined {
    const part = this.#single()
    if (!part) return undefined
    this.#take(SPACE)
    const count = this.#count()
    if (!count) return part
    this.#take(SPACE)
    const [least, most] = count
    if (least > most) this.#fail(`a count whose end is not below its beginning, before this`)
    if (Math.max(least, most === Number.POSITIVE_INFINITY ? 0 : most) > MOST_COPIES)
      this.#fail(`counts up to ${MOST_COPIES}, before this`)
    return { kind: 'repeat', part, least, most }
  }

  #count(): readonly [number, number] | undefined {
    if (this.#is('*')) return [0, Number.POSITIVE_INFINITY]
    if (this.#is('+')) return [1, Number.POSITIVE_INFINITY]
    if (this.#is('?')) return [0, 1]
    const found = this.#take(COUNT)
    if (!found) return undefined
    const least = Number(found[1])
    if (!found[2]) return [least, least]
    return [least, found[3] ? Number(found[3]) : Number.POSITIVE_INFINITY]
  }

  #single(): Part | undefined {
    if (this.#is('(')) {
      const inner = this.#choice()
      if (!this.#is(')')) this.#fail('")"')
      return inner
    }
    const quoted = this.#take(TEXT)
    if (quoted) return { kind: 'text', text: unescaped(quoted[1]!) }
    const characters = this.#take(CLASS)
    if (characters) return { kind: 'class', pattern: classPattern(characters[0]) }
    if (this.grammar[this.#at] === '"' || this.grammar[this.#at] === '[')
      this.#fail('its end on the same line')
    const start = this.#at
    const name = this.#take(NAME)?.[0]
    if (name === undefined) return undefined
    this.#take(SPACE)
    // The next rule begins.
    if (this.grammar.startsWith('::=', this.#at)) {
      this.#at = start
      return undefined
    }
    return { kind: 'name', name }
  }
}

/** As a regular expression with the flag u writes it, which knows fewer escapes. */
const classPattern = (characters: string): string =>
  characters
    .replace(/\\U([0-9a-fA-F]{8})/g, (_, code: string) => `\\u{${code.replace(/^0+(?=.)/, '')}}`)
    .replace(/\\(["'])/g, '$1')
    .replace(/(?<!^)(?<!\\)\[/g, '\\[')

const unescaped = (text: string): string =>
  text.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)/g, (_, what: string) =>
    what.length > 1 ? String.fromCodePoint(Number.parseInt(what.slice(1), 16)) : (ESCAPES[what] ?? what),
  )
