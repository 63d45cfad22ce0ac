/** @file An expression's characters, one after the other, and the options that hold for what is read. */
import type { AsciiOptions } from './properties'
import { literal, PatternError } from './syntax'

export interface Options extends AsciiOptions {
  ignoreCase: boolean
  extended: boolean
  dotAll: boolean
}

export class Reader {
  private readonly characters: string[]
  private at = 0

  constructor(source: string) {
    this.characters = [...source]
  }

  get done(): boolean {
    return this.at >= this.characters.length
  }

  get position(): number {
    return this.at
  }
  set position(position: number) {
    this.at = position
  }

  /** The character that is `ahead` of the next one; '' past the end. */
  peek(ahead = 0): string {
    return this.characters[this.at + ahead] ?? ''
  }

  next(): string {
    const character = this.characters[this.at++]
    if (character === undefined) throw new PatternError('ends too early')
    return character
  }

  /** Read `text` if it comes next. */
  take(text: string): boolean {
    for (let i = 0; i < text.length; i++) if (this.peek(i) !== text[i]) return false
    this.at += text.length
    return true
  }

  /** Everything up to `end`, which is read too. */
  until(end: string): string {
    let result = ''
    while (!this.take(end)) {
      if (this.done) throw new PatternError(`lacks a ${end}`)
      result += this.next()
    }
    return result
  }

  /** Digits of a base, at most `most` of them. */
  digits(base: 8 | 10 | 16, most: number): string {
    const digit = base === 8 ? /[0-7]/ : base === 10 ? /[0-9]/ : /[0-9a-fA-F]/
    let result = ''
    while (result.length < most && digit.test(this.peek())) result += this.next()
    return result
  }
}

const CONTROLS: Readonly<Record<string, string>> = {
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  a: '\x07',
  e: '\x1b',
}

/** The characters that an escape, its backslash read, spells: `\x{61 62}` is two, every other one. */
export function escapedCharacters(reader: Reader): string[] {
  const letter = reader.next()
  if (Object.hasOwn(CONTROLS, letter)) return [CONTROLS[letter]!]
  switch (letter) {
    case 'x':
      if (reader.take('{')) return codePoints(reader, 16)
      return [encodedByte(reader.digits(16, 2), 16)]
    case 'o':
      return reader.take('{') ? codePoints(reader, 8) : ['o']
    case 'u': {
      const digits = reader.digits(16, 4)
      if (digits.length < 4) throw new PatternError('has a \\u without its four digits')
      return [String.fromCodePoint(Number.parseInt(digits, 16))]
    }
    case 'c':
      return [control(reader.next())]
    case 'C':
      if (!reader.take('-')) throw new PatternError('has a \\C without its hyphen')
      return [control(reader.next())]
    case 'M':
      throw new PatternError('has \\M-, which makes bytes and no characters; write \\x{…}')
  }
  if (!/[0-7]/.test(letter)) return [letter]
  return [encodedByte(letter + reader.digits(8, 2), 8)]
}

const control = (character: string) => String.fromCodePoint(character.codePointAt(0)! & 0x1f)

function codePoints(reader: Reader, base: 8 | 16): string[] {
  const codes = reader.until('}').trim().split(/\s+/)
  return codes.map((digits) => {
    const code = /^[0-9a-fA-F]+$/.test(digits) ? Number.parseInt(digits, base) : Number.NaN
    if (!(code <= 0x10ffff)) throw new PatternError(`has ${JSON.stringify(digits)} for a code point`)
    return String.fromCodePoint(code)
  })
}

function encodedByte(digits: string, base: 8 | 16): string {
  const code = digits === '' ? 0 : Number.parseInt(digits, base)
  if (code > 0x7f)
    throw new PatternError(`has a byte for a character, ${code}; write \\x{${code.toString(16)}}`)
  return String.fromCharCode(code)
}

/** A range for the `v` flag. */
export function range(first: string, last: string): string {
  if (first.codePointAt(0)! > last.codePointAt(0)!) {
    throw new PatternError(`has the range ${first}-${last}, which is empty`)
  }
  return first === last ? literal(first) : `${literal(first)}-${literal(last)}`
}
