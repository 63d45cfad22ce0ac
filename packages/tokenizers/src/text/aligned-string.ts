/** @file Text that remembers where it came from: every character knows its range in the original string. */
import { previous, unitsAt } from './characters'

/**
 * A normalized string with its alignment to the original, in UTF-16 units. Nothing here changes in place, and as long
 * as a text has its original's length the alignment costs nothing.
 */
export class AlignedString {
  /** @param origin where the original of `text` begins; what `text` itself still has of it, `starts` and `ends` say. */
  constructor(
    readonly text: string,
    readonly origin = 0,
    private readonly starts?: Int32Array,
    private readonly ends?: Int32Array,
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
      this.starts?.subarray(start, end),
      this.ends?.subarray(start, end),
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
  private length = 0
  private units: Uint16Array
  private starts: Int32Array
  private ends: Int32Array
  private at = 0

  constructor(private readonly source: AlignedString) {
    const expected = source.text.length + (source.text.length >> 2) + 8
    this.units = new Uint16Array(expected)
    this.starts = new Int32Array(expected)
    this.ends = new Int32Array(expected)
  }

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
      if (at === 0) this.append(character, source.origin, source.origin)
      else this.append(character, source.start(previous(source.text, at)), source.end(at))
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
    const { text } = source
    if (end <= this.at) return this
    this.reserve(end - this.at)
    const { units, starts, ends } = this
    let { length } = this
    for (let i = this.at; i < end; length++) {
      const unit = text.charCodeAt(i)
      const next = i + unitsAt(text, i)
      units[length] = unit
      starts[length] = source.start(i)
      ends[length] = source.end(next)
      if (next === i + 2) {
        length++
        units[length] = text.charCodeAt(i + 1)
        starts[length] = source.start(i)
        ends[length] = source.end(next)
      }
      i = next
    }
    this.length = length
    this.at = end
    return this
  }

  done(): AlignedString {
    const { length, units, starts, ends } = this
    const text = stringOf(units.subarray(0, length))
    return new AlignedString(text, this.source.origin, starts.subarray(0, length), ends.subarray(0, length))
  }

  private append(characters: string, start: number, end: number): void {
    this.reserve(characters.length)
    for (let i = 0; i < characters.length; i++) {
      this.units[this.length] = characters.charCodeAt(i)
      this.starts[this.length] = start
      this.ends[this.length++] = end
    }
  }

  private reserve(more: number): void {
    if (this.length + more <= this.units.length) return
    const capacity = 2 * this.units.length + more
    const units = new Uint16Array(capacity)
    const starts = new Int32Array(capacity)
    const ends = new Int32Array(capacity)
    units.set(this.units)
    starts.set(this.starts)
    ends.set(this.ends)
    Object.assign(this, { units, starts, ends })
  }
}

/** As many arguments as a call takes anywhere. */
const CHUNK = 8192

/** A string of UTF-16 units. */
export function stringOf(units: Uint16Array): string {
  let text = ''
  for (let i = 0; i < units.length; i += CHUNK)
    text += String.fromCharCode.apply(null, units.subarray(i, i + CHUNK) as unknown as number[])
  return text
}
