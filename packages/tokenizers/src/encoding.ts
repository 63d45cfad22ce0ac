/** @file What one text, or a pair, becomes: columns of equal length, one row a token. */
import { TokenizerError } from './errors'
import { type Kind, type Run, sliceRuns, spread } from './runs'
import type { AlignedString } from './text/aligned-string'
import type { Known } from './word-cache'

export type Side = 'left' | 'right'

/** The columns of an encoding. Positions are UTF-16 units of the text a token came from. */
export interface Columns {
  ids: number[]
  /** Which word a token belongs to; null for special tokens. */
  words: (number | null)[]
  starts: number[]
  ends: number[]
}

type Row = { [Column in keyof Columns]: Columns[Column][number] }

/** Which tokens belong to the first text (0) and to the second (1): [from, to). */
type Ranges = Map<number, readonly [number, number]>

/** Names of tokens by row. */
type Names = ReadonlyMap<number, string>

/** How a vocabulary spells an id. */
export type TokenOf = (id: number) => string | undefined

/** A text, or one that is cut into words already. */
export type Text = string | readonly string[]

export class Encoding implements Columns {
  ids: number[] = []
  words: (number | null)[] = []
  starts: number[] = []
  ends: number[] = []
  /** The windows that truncation cut off. */
  overflowing: Encoding[] = []
  ranges: Ranges = new Map()
  private named: { row: number; names: Names }[] = []
  private runs: Run[] = []

  /** @param text what the offsets are places in, if it is one text that the tokens come from. */
  constructor(
    readonly tokenOf: TokenOf,
    private readonly text?: Text,
  ) {}

  /** An encoding of nothing but special tokens. */
  static special(
    tokens: readonly string[],
    ids: readonly number[],
    typeId: number,
    tokenOf: TokenOf,
  ): Encoding {
    const encoding = new Encoding(tokenOf)
    tokens.forEach((token, i) => {
      if (token !== tokenOf(ids[i]!)) encoding.name(new Map([[0, token]]))
      encoding.addBlank(ids[i]!, 1)
    })
    encoding.are({ typeId, specialToken: 1, attention: 1 })
    return encoding
  }

  get typeIds(): number[] {
    return spread(this.runs, 'typeId')
  }

  get specialTokensMask(): number[] {
    return spread(this.runs, 'specialToken')
  }

  get attentionMask(): number[] {
    return spread(this.runs, 'attention')
  }

  /** Say what all rows are. */
  are(kind: Kind): void {
    this.runs = this.length > 0 ? [{ ...kind, length: this.length }] : []
  }

  /** Change something of what the rows are. */
  become(change: Partial<Kind>): void {
    for (const run of this.runs) Object.assign(run, change)
  }

  /** The tokens, as the vocabulary spells them; unknown ones as their model names them. */
  get tokens(): string[] {
    const tokens = this.ids.map((id) => this.tokenOf(id) ?? '')
    for (const [row, name] of this.names) tokens[row] = name
    return tokens
  }

  /** By row, the tokens that are not named as the vocabulary spells their id. */
  get names(): ReadonlyMap<number, string> {
    const names = new Map<number, string>()
    for (const part of this.named) for (const [row, name] of part.names) names.set(part.row + row, name)
    return names
  }

  /** Name tokens otherwise, by their row behind the last. */
  name(names: Names): void {
    this.named.push({ row: this.length, names })
  }

  get length(): number {
    return this.ids.length
  }

  /** What the offsets of a row are places in. */
  textAt(row: number): string {
    const { text = '' } = this
    return typeof text === 'string' ? text : (text[this.words[row] ?? -1] ?? '')
  }

  /** How many texts it holds. */
  get sequences(): number {
    return this.ranges.size || 1
  }

  /** Add the tokens of a word of `length` units that stands in `string` at `start`. */
  addWord(tokens: Known, length: number, word: number, string: AlignedString, start: number): void {
    if (typeof tokens === 'number') {
      this.ids.push(tokens)
      this.words.push(word)
      this.starts.push(string.start(start))
      this.ends.push(string.end(start + length))
      return
    }
    const { ids, starts, ends, names } = tokens
    if (names !== undefined) this.name(names)
    for (let i = 0; i < ids.length; i++) {
      this.ids.push(ids[i]!)
      this.words.push(word)
      this.starts.push(string.start(start + starts[i]!))
      this.ends.push(string.end(start + ends[i]!))
    }
  }

  slice(from: number, to: number): Encoding {
    const part = new Encoding(this.tokenOf, this.text)
    for (const column of COLUMNS) assign(part, column, this[column].slice(from, to))
    part.runs = sliceRuns(this.runs, from, to)
    part.named = this.namedIn(from, to)
    return part
  }

  clone(): Encoding {
    const copy = this.slice(0, this.length)
    copy.overflowing = [...this.overflowing]
    copy.ranges = new Map(this.ranges)
    return copy
  }

  setSequence(sequence: number): void {
    this.ranges.set(sequence, [0, this.length])
  }

  /** Append `other`; every window of one is combined with every window of the other. */
  append(other: Encoding): void {
    const windows = this.overflowing.flatMap((own) =>
      [other, ...other.overflowing].map((its) => join(own, its)),
    )
    for (const its of other.overflowing) windows.push(join(this, its))
    const { length } = this
    for (const [sequence, [from, to]] of other.ranges) this.ranges.set(sequence, [length + from, length + to])
    this.extend(other)
    this.overflowing = windows
  }

  /** Put `few` tokens before these, and before those of every window. */
  prepend(few: Encoding): void {
    this.overflowing = this.overflowing.map((window) => join(few, window))
    const { length } = few
    for (const [sequence, [from, to]] of this.ranges) this.ranges.set(sequence, [from + length, to + length])
    for (const [sequence, range] of few.ranges)
      if (!this.ranges.has(sequence)) this.ranges.set(sequence, range)
    this.named = [...few.named, ...this.named.map(({ row, names }) => ({ row: row + length, names }))]
    this.runs = [...few.runs.map((run) => ({ ...run })), ...this.runs]
    this.ids.unshift(...few.ids)
    this.words.unshift(...few.words)
    this.starts.unshift(...few.starts)
    this.ends.unshift(...few.ends)
  }

  /**
   * Keep `length` tokens; what is cut off becomes windows of as many that overlap by `stride`.
   * @throws {TokenizerError} when the stride leaves the windows no way to move on.
   */
  truncate(length: number, stride: number, side: Side): void {
    const total = this.length
    if (length >= total) return
    if (length === 0) {
      const all = this.clone()
      this.takeOver(new Encoding(this.tokenOf))
      this.ranges = new Map()
      this.overflowing.push(all)
      return
    }
    if (stride >= length) {
      throw new TokenizerError(
        `stride is ${stride}, but must be less than the ${length} tokens that maxLength leaves beside the special ones.`,
      )
    }
    const windows = windowsOf(total, length, length - stride, side).map(([from, to]) => this.slice(from, to))
    const [kept, ...others] = windows
    this.takeOver(kept!)
    this.ranges = new Map()
    this.overflowing = others
  }

  pad(length: number, padding: { id: number; typeId: number; token: string }, side: Side): void {
    for (const window of this.overflowing) window.pad(length, padding, side)
    const missing = length - this.length
    if (missing <= 0) return
    const { id, typeId, token } = padding
    const filler = new Encoding(this.tokenOf)
    if (token !== this.tokenOf(id))
      filler.name(new Map(Array.from({ length: missing }, (_, i) => [i, token])))
    filler.addBlank(id, missing)
    filler.are({ typeId, specialToken: 1, attention: 0 })
    if (side === 'right') {
      this.extend(filler)
      return
    }
    for (const [sequence, [from, to]] of this.ranges)
      this.ranges.set(sequence, [from + missing, to + missing])
    filler.extend(this)
    this.takeOver(filler)
  }

  /** Where the tokens of a text lie: [from, to). */
  rangeOf(sequence: number): readonly [number, number] {
    return this.ranges.get(sequence) ?? [0, this.length]
  }

  /** For each token the text it came from, null for special tokens. */
  sequenceIds(): (number | null)[] {
    const result: (number | null)[] = this.ids.map(() => null)
    for (let sequence = 0; sequence < this.sequences; sequence++)
      result.fill(sequence, ...this.rangeOf(sequence))
    return result
  }

  sequenceOf(token: number): number | null {
    if (this.ranges.size === 0) return token <= this.length ? 0 : null
    for (const [sequence, [from, to]] of this.ranges) if (token >= from && token < to) return sequence
    return null
  }

  charToToken(char: number, sequence: number): number | null {
    const [from, to] = this.rangeOf(sequence)
    for (let i = from; i < to; i++) if (char >= this.starts[i]! && char < this.ends[i]!) return i
    return null
  }

  wordToTokens(word: number, sequence: number): [start: number, end: number] | null {
    const [from, to] = this.rangeOf(sequence)
    const start = this.words.indexOf(word, from)
    if (start === -1 || start >= to) return null
    let end = start
    for (let i = start; i < to && (this.words[i] ?? -1) <= word; i++) if (this.words[i] === word) end = i + 1
    return [start, end]
  }

  /** Add tokens of no text. */
  private addBlank(id: number, count: number): void {
    for (let i = 0; i < count; i++) {
      this.ids.push(id)
      this.words.push(null)
      this.starts.push(0)
      this.ends.push(0)
    }
  }

  private namedIn(from: number, to: number): { row: number; names: Names }[] {
    if (from <= 0 && to >= this.length) return [...this.named]
    const inside = [...this.names].filter(([row]) => row >= from && row < to)
    return inside.length > 0 ? [{ row: -from, names: new Map(inside) }] : []
  }

  /** Take over the rows of `other`, which is of no more use. */
  private takeOver(other: Encoding): void {
    for (const column of COLUMNS) assign(this, column, other[column])
    this.named = other.named
    this.runs = other.runs
  }

  private extend(other: Encoding): void {
    const { length } = this
    for (const { row, names } of other.named) this.named.push({ row: length + row, names })
    this.runs = [...this.runs, ...other.runs.map((run) => ({ ...run }))]
    for (const column of COLUMNS) extend(this, column, other[column])
  }
}

const COLUMNS = ['ids', 'words', 'starts', 'ends'] as const satisfies readonly (keyof Columns)[]

function assign<Column extends keyof Columns>(to: Columns, column: Column, values: Row[Column][]): void {
  ;(to[column] as Row[Column][]) = values
}

/** A few rows more are written behind the others; many are joined natively. */
function extend<Column extends keyof Columns>(to: Columns, column: Column, values: Row[Column][]): void {
  const own = to[column] as Row[Column][]
  if (values.length > FEW) assign(to, column, own.concat(values))
  else for (const value of values) own.push(value)
}

const FEW = 8

function join(first: Encoding, second: Encoding): Encoding {
  const result = first.clone()
  result.append(second)
  return result
}

/** Windows of `length` that move on by `step`, from the side that is kept. */
function windowsOf(total: number, length: number, step: number, side: Side): [from: number, to: number][] {
  const windows: [number, number][] = []
  if (side === 'right') {
    for (let from = 0; ; from += step) {
      const to = Math.min(from + length, total)
      windows.push([from, to])
      if (to === total) return windows
    }
  }
  for (let to = total; ; to -= step) {
    const from = Math.max(to - length, 0)
    windows.push([from, to])
    if (from === 0) return windows
  }
}
