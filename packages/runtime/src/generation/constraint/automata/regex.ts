/** @file Regular expressions of JavaScript (with the flag u), read into what automata are made of. */
import { ResponseFormatError } from '../../../errors'
import {
  ALL,
  character,
  complement,
  DIGITS,
  LINE_ENDS,
  type Ranges,
  SPACES,
  union,
  WORD,
  withProperty,
} from './characters'

/** What a text has to match. */
export type Expression =
  | { readonly kind: 'set'; readonly set: Ranges }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Expression[] }
  | { readonly kind: 'repeat'; readonly part: Expression; readonly least: number; readonly most: number }
  | { readonly kind: 'begin' | 'end' }

export const sequence = (...parts: readonly Expression[]): Expression => ({ kind: 'sequence', parts })
export const choice = (...parts: readonly Expression[]): Expression => ({ kind: 'choice', parts })
export const repeat = (part: Expression, least: number, most = Number.POSITIVE_INFINITY): Expression => ({
  kind: 'repeat',
  part,
  least,
  most,
})
export const set = (ranges: Ranges): Expression => ({ kind: 'set', set: ranges })
export const text = (value: string): Expression =>
  sequence(...Array.from(value, (letter) => set(character(letter.codePointAt(0)!))))

/** Copies of a part that a count may ask for. */
const MOST_COPIES = 5000

/** @throws {ResponseFormatError} when it is none, or has what no automaton can do: back references, looking around, word boundaries */
export function parseRegex(pattern: string): Expression {
  try {
    new RegExp(pattern, 'u')
  } catch (cause) {
    throw new ResponseFormatError(
      `The regular expression ${JSON.stringify(pattern)} can't be read: ${(cause as Error).message}`,
      { cause },
    )
  }
  return new Parser(pattern).parse()
}

const CLASSES: Readonly<Record<string, Ranges>> = {
  d: DIGITS,
  D: complement(DIGITS),
  w: WORD,
  W: complement(WORD),
  s: SPACES,
  S: complement(SPACES),
}
const CONTROLS: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, v: 0x0b, f: 0x0c, 0: 0 }

class Parser {
  #at = 0
  readonly #letters: readonly string[]

  constructor(readonly pattern: string) {
    this.#letters = [...pattern]
  }

  parse(): Expression {
    return this.#choice()
  }

  get #next(): string | undefined {
    return this.#letters[this.#at]
  }
  #take(expected: string): boolean {
    const found = expected === this.#letters.slice(this.#at, this.#at + expected.length).join('')
    if (found) this.#at += expected.length
    return found
  }
  /** What comes up to a letter, which is left behind. */
  #upTo(letter: string): string {
    const end = this.#letters.indexOf(letter, this.#at)
    const found = this.#letters.slice(this.#at, end).join('')
    this.#at = end + 1
    return found
  }
  #refuse(what: string): never {
    throw new ResponseFormatError(
      `The regular expression ${JSON.stringify(this.pattern)} has ${what}, which no automaton can follow. Write it without.`,
    )
  }

  #choice(): Expression {
    const parts = [this.#sequence()]
    while (this.#take('|')) parts.push(this.#sequence())
    return parts.length === 1 ? parts[0]! : choice(...parts)
  }

  #sequence(): Expression {
    const parts: Expression[] = []
    while (this.#next !== undefined && this.#next !== '|' && this.#next !== ')')
      parts.push(this.#counted(this.#atom()))
    return sequence(...parts)
  }

  #counted(part: Expression): Expression {
    const count = this.#count()
    if (!count) return part
    this.#take('?') // as few as can be: of a whole text that makes no difference
    const [least, most] = count
    if (Math.max(least, most === Number.POSITIVE_INFINITY ? 0 : most) > MOST_COPIES)
      this.#refuse(`a count above ${MOST_COPIES}`)
    return repeat(part, least, most)
  }

  #count(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY]
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY]
    if (this.#take('?')) return [0, 1]
    if (!this.#take('{')) return undefined
    const [least, most] = this.#upTo('}').split(',')
    return [
      Number(least),
      most === undefined ? Number(least) : most === '' ? Number.POSITIVE_INFINITY : Number(most),
    ]
  }

  #atom(): Expression {
    if (this.#take('(?:')) return this.#closed()
    if (this.#take('(?=') || this.#take('(?!')) return this.#refuse('a lookahead')
    if (this.#take('(?<=') || this.#take('(?<!')) return this.#refuse('a lookbehind')
    if (this.#take('(?<')) {
      this.#upTo('>')
      return this.#closed()
    }
    if (this.#take('(?')) return this.#refuse('flags inside')
    if (this.#take('(')) return this.#closed()
    if (this.#take('^')) return { kind: 'begin' }
    if (this.#take('$')) return { kind: 'end' }
    if (this.#take('.')) return set(complement(LINE_ENDS))
    if (this.#take('[')) return set(this.#class())
    if (this.#take('\\')) return set(this.#escape())
    return set(character(this.#letters[this.#at++]!.codePointAt(0)!))
  }

  #closed(): Expression {
    const inner = this.#choice()
    this.#take(')')
    return inner
  }

  #class(): Ranges {
    const negated = this.#take('^')
    const sets: Ranges[] = []
    while (!this.#take(']')) {
      const first = this.#member()
      if (this.#next === '-' && this.#letters[this.#at + 1] !== ']') {
        this.#at++
        sets.push([[first[0]![0], this.#member()[0]![0]]])
      } else sets.push(first)
    }
    return negated ? complement(union(...sets)) : without(union(...sets))
  }

  #member(): Ranges {
    if (this.#take('\\')) return this.#take('b') ? character(8) : this.#escape()
    return character(this.#letters[this.#at++]!.codePointAt(0)!)
  }

  #escape(): Ranges {
    const letter = this.#letters[this.#at++]!
    if (Object.hasOwn(CLASSES, letter)) return CLASSES[letter]!
    if (Object.hasOwn(CONTROLS, letter)) return character(CONTROLS[letter]!)
    switch (letter) {
      case 'b':
      case 'B':
        return this.#refuse('a word boundary')
      case 'k':
        return this.#refuse('a back reference')
      case 'p':
      case 'P': {
        this.#take('{')
        const found = withProperty(this.#upTo('}'))
        return letter === 'p' ? found : complement(found)
      }
      case 'c':
        return character(this.#letters[this.#at++]!.codePointAt(0)! % 32)
      case 'x':
        return character(this.#hex(2))
      case 'u': {
        if (this.#take('{')) return character(Number.parseInt(this.#upTo('}'), 16))
        const high = this.#hex(4)
        if (high < 0xd800 || high > 0xdbff || !this.#take('\\u')) return without(character(high))
        return character(String.fromCharCode(high, this.#hex(4)).codePointAt(0)!)
      }
    }
    if (letter >= '1' && letter <= '9') this.#refuse('a back reference')
    return character(letter.codePointAt(0)!)
  }

  #hex(digits: number): number {
    const value = Number.parseInt(this.#letters.slice(this.#at, this.#at + digits).join(''), 16)
    this.#at += digits
    return value
  }
}

/** A set less what no text has. */
const without = (ranges: Ranges): Ranges => complement(complement(ranges))

/** Any text. */
export const ANYTHING: Expression = repeat(set(ALL), 0)
