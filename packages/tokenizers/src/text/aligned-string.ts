/** @file Text that remembers where it came from: every character knows its range in the original string. */
import { previous, unitsAt } from './characters'
import { eachMatch } from './pattern'

/**
 * A normalized string with its alignment to the original, in UTF-16 units. Nothing here changes in place, and as long
 * as a text has its original's length the alignment costs nothing.
 */
export class AlignedString {
  /** @param origin where `text` begins in the original, when `starts` and `ends` do not say more. */
  constructor(
    readonly text: string,
    private readonly origin = 0,
    private readonly starts?: readonly number[],
    private readonly ends?: readonly number[],
  ) {}

  /** Where the character at `index` begins in the original. */
  start(index: number): number {
    return this.starts === undefined ? this.origin + index : (this.starts[index] ?? this.origin)
  }

  /** Where the character that ends before `index` ends in the original. */
  end(index: number): number {
    return this.ends === undefined ? this.origin + index : (this.ends[index - 1] ?? this.origin)
  }

  slice(start: number, end: number): AlignedString {
    if (start === 0 && end === this.text.length) return this
    const text = this.text.slice(start, end)
    return new AlignedString(
      text,
      this.start(start),
      this.starts?.slice(start, end),
      this.ends?.slice(start, end),
    )
  }

  /** The same characters written otherwise, unit for unit. */
  with(text: string): AlignedString {
    return text === this.text ? this : new AlignedString(text, this.origin, this.starts, this.ends)
  }
}

/**
 * Builds a text out of another, character by character, and carries the alignment along by the Rust library's rule: a
 * character either takes the place of the next one, removing some that follow, or is new and shares its neighbour's place.
 */
export class Transformation {
  private text = ''
  private readonly starts: number[] = []
  private readonly ends: number[] = []
  private at = 0

  constructor(private readonly source: AlignedString) {}

  /** Leave out the next `count` characters. */
  skip(count: number): this {
    const { text } = this.source
    for (let i = 0; i < count && this.at < text.length; i++) this.at += unitsAt(text, this.at)
    return this
  }

  /** @param change 1 for a new character; 0 or −n for one that replaces the next and removes the n after it. */
  push(character: string, change: number): this {
    const { source, at } = this
    if (change > 0) {
      const before = at > 0 ? previous(source.text, at) : 0
      this.append(character, source.start(before), at > 0 ? source.end(at) : source.start(0))
    } else {
      const next = at < source.text.length ? at + unitsAt(source.text, at) : at
      this.append(character, source.start(at), source.end(next))
      this.at = next
      if (change < 0) this.skip(-change)
    }
    return this
  }

  /** Take over everything up to `end` as it is. */
  copy(end: number): this {
    const { source } = this
    if (end <= this.at) return this
    this.text += source.text.slice(this.at, end)
    for (let i = this.at, next: number; i < end; i = next) {
      next = i + unitsAt(source.text, i)
      for (let unit = i; unit < next; unit++) this.align(source.start(i), source.end(next))
    }
    this.at = end
    return this
  }

  done(): AlignedString {
    return new AlignedString(this.text, this.source.start(0), this.starts, this.ends)
  }

  private append(character: string, start: number, end: number) {
    this.text += character
    for (let unit = 0; unit < character.length; unit++) this.align(start, end)
  }

  private align(start: number, end: number) {
    this.starts.push(start)
    this.ends.push(end)
  }
}

/** Plain ASCII is never dropped, and all there is in many a text. */
const UNUSUAL = /[^\t\n\r -~]/

/** `string` without the characters that `dropped` picks. */
export function without(string: AlignedString, dropped: (codePoint: number) => boolean): AlignedString {
  const { text } = string
  if (!UNUSUAL.test(text)) return string
  let result: Transformation | undefined
  for (let i = 0, next: number; i < text.length; i = next) {
    const codePoint = text.codePointAt(i)!
    next = i + (codePoint > 0xffff ? 2 : 1)
    if (dropped(codePoint)) {
      result ??= new Transformation(string)
      result.copy(i).skip(1)
    }
  }
  return result === undefined ? string : result.copy(text.length).done()
}

/** `string` with the space of every match of `pattern` (global) taken by `content`, aligned to the match's last character. */
export function replaceMatches(string: AlignedString, pattern: RegExp, content: string): AlignedString {
  const result = new Transformation(string)
  let found = false
  eachMatch(string.text, pattern, (start, end) => {
    found = true
    result.copy(start).skip([...string.text.slice(start, end)].length)
    for (const character of content) result.push(character, 1)
  })
  return found ? result.copy(string.text.length).done() : string
}
