/** @file Rewriting a text character by character or match by match, with rests in a long one. */
import type { Steps } from '@webformers/hub'
import { AlignedString, stringOf, Transformation } from './aligned-string'
import { unitsAt } from './characters'
import type { Finder } from './pattern'

/** What takes a character's place: undefined where it stays, null where that depends on others. */
export interface Rewrite {
  (codePoint: number): string | null | undefined
  /** Whether letters, digits and signs of ASCII all stay: most of most texts then needs no question. */
  readonly keepsAscii?: boolean
}

/** How many UTF-16 units are rewritten before anyone else gets a turn: a few milliseconds' worth. */
export const REWRITTEN = 32_768

/** `string` with each character rewritten by itself, what takes its place aligned to it; undefined where one can't be. */
export function* rewriteCharacters(
  string: AlignedString,
  rewrite: Rewrite,
): Steps<AlignedString | undefined> {
  const { text } = string
  let result: Rewritten | undefined
  /** As long as every character keeps its length, all stay in their places. */
  let same = ''
  let copied = 0
  let pause = REWRITTEN
  for (let i = 0, next: number; i < text.length; i = next) {
    if (rewrite.keepsAscii && result === undefined) {
      while (i < text.length && isPlain(text.charCodeAt(i))) i++
      if (i === text.length) break
    }
    const codePoint = text.codePointAt(i)!
    next = i + (codePoint > 0xffff ? 2 : 1)
    const written = rewrite(codePoint)
    if (written === null) return undefined
    if (result !== undefined) result.push(written ?? codePoint, string.start(i), string.end(next))
    else if (written !== undefined && written.length === next - i) {
      same += text.slice(copied, i) + written
      copied = next
    } else if (written !== undefined) {
      result = new Rewritten(string.with(same + text.slice(copied)), i)
      result.push(written, string.start(i), string.end(next))
    }
    if (next > pause) {
      pause += REWRITTEN
      yield
    }
  }
  if (result !== undefined) return result.done()
  return copied === 0 ? string : string.with(same + text.slice(copied))
}

/** Letters, digits and signs of ASCII, and the space. */
export const isPlain = (unit: number): boolean => unit >= 0x20 && unit < 0x7f

interface Columns {
  units: Uint16Array
  starts: Int32Array
  ends: Int32Array
}

const columnsOf = (capacity: number): Columns => ({
  units: new Uint16Array(capacity),
  starts: new Int32Array(capacity),
  ends: new Int32Array(capacity),
})

/** To make new ones for every sentence takes longer than to fill them; up to this size they wait for the next. */
const KEPT = 65_536
let spare: Columns | undefined

/** A text that is written anew from some place on, with the places its characters came from. */
class Rewritten {
  private length = 0
  private columns: Columns

  /** @param kept how much of the beginning stays. */
  constructor(
    private readonly source: AlignedString,
    kept: number,
  ) {
    this.columns = spare ?? columnsOf(4096)
    spare = undefined
    const { text } = source
    for (let i = 0, next: number; i < kept; i = next) {
      next = i + unitsAt(text, i)
      this.push(text.codePointAt(i)!, source.start(i), source.end(next))
    }
  }

  /** Write a text or a character. */
  push(written: string | number, start: number, end: number): void {
    const more = typeof written === 'string' ? written.length : 2
    if (this.length + more > this.columns.units.length) this.grow(more)
    if (typeof written === 'string') {
      for (let i = 0; i < more; i++) this.append(written.charCodeAt(i), start, end)
    } else if (written <= 0xffff) {
      this.append(written, start, end)
    } else {
      this.append(0xd7c0 + (written >> 10), start, end)
      this.append(0xdc00 | (written & 0x3ff), start, end)
    }
  }

  done(): AlignedString {
    const { length, columns, source } = this
    const { units, starts, ends } = columns
    const text = stringOf(units.subarray(0, length))
    if (units.length > KEPT)
      return new AlignedString(text, source.start(0), starts.subarray(0, length), ends.subarray(0, length))
    spare = columns
    return new AlignedString(text, source.start(0), starts.slice(0, length), ends.slice(0, length))
  }

  private append(unit: number, start: number, end: number): void {
    const { length, columns } = this
    columns.units[length] = unit
    columns.starts[length] = start
    columns.ends[length] = end
    this.length = length + 1
  }

  private grow(more: number): void {
    const { units, starts, ends } = this.columns
    const larger = columnsOf(units.length * 2 + more)
    larger.units.set(units)
    larger.starts.set(starts)
    larger.ends.set(ends)
    this.columns = larger
  }
}

/** Remembers what each character of the basic plane becomes. */
export function rememberedRewrite(rewrite: (character: string, codePoint: number) => string | null): Rewrite {
  const ask = (codePoint: number) => {
    const character = String.fromCodePoint(codePoint)
    const written = rewrite(character, codePoint)
    return written === character ? undefined : written
  }
  /** A page for every 256 characters: 0 for not asked yet, 1 for one that stays, else the place in `written`. */
  const pages: (Uint16Array | undefined)[] = new Array(256)
  const written: (string | null | undefined)[] = [undefined, undefined]
  const remembered = (codePoint: number) => {
    if (codePoint > 0xffff) return ask(codePoint)
    let page = pages[codePoint >> 8]
    if (page === undefined) {
      page = new Uint16Array(256)
      pages[codePoint >> 8] = page
    }
    const place = page[codePoint & 255]!
    if (place > 0) return written[place]
    const answer = ask(codePoint)
    if (answer === undefined) page[codePoint & 255] = 1
    else if (written.length < 0xffff) page[codePoint & 255] = written.push(answer) - 1
    return answer
  }
  const ascii = Array.from({ length: 0x7f - 0x20 }, (_, i) => 0x20 + i)
  return Object.assign(remembered, { keepsAscii: ascii.every((codePoint) => ask(codePoint) === undefined) })
}

/** `string` without the characters that `dropped` picks. */
export function* without(
  string: AlignedString,
  dropped: (codePoint: number) => boolean,
): Steps<AlignedString> {
  return (yield* rewriteCharacters(string, (codePoint) => (dropped(codePoint) ? '' : undefined)))!
}

/** `string` with the space of every match that `find` finds taken by `content`, aligned to the match's last character. */
export function* replaceMatches(string: AlignedString, find: Finder, content: string): Steps<AlignedString> {
  const { text } = string
  let result: Transformation | undefined
  let pause = REWRITTEN
  let last = -1
  for (let match = find(text, 0, last); match !== undefined; match = find(text, last, last)) {
    result ??= new Transformation(string)
    result.copy(match.start).skip([...text.slice(match.start, match.end)].length)
    for (const character of content) result.push(character, 1)
    last = match.end
    if (last > pause) {
      pause = last + REWRITTEN
      yield
    }
  }
  return result === undefined ? string : result.copy(text.length).done()
}
