/** @file CSV as RFC 4180 has it, in pieces of any size: quotes, and line breaks within them. */
import { DatasetError } from '../errors'
import { show } from './collators/collate'

export interface CsvRecord {
  /** The line it begins on, from 1 on. */
  readonly line: number
  readonly fields: readonly string[]
}

const LF = 10
const CR = 13
/** A quoted field this long, in characters, has lost its closing quote. */
const LONGEST = 2 ** 26

/** Takes text piece by piece, and gives the records that are complete. */
export class CsvParser {
  private line = 1
  private begun = 1
  private fields: string[] = []
  private field = ''
  private state: 'start' | 'plain' | 'quoted' | 'closed' = 'start'
  private afterReturn = false
  private quotedOn = 0
  private readonly delimiter: number
  private readonly quote: number

  constructor(
    delimiter: string,
    private readonly quoteText: string,
  ) {
    this.delimiter = delimiter.charCodeAt(0)
    this.quote = quoteText === '' ? -1 : quoteText.charCodeAt(0)
  }

  /** @throws {DatasetError} when text follows a closing quote. */
  push(text: string): CsvRecord[] {
    const records: CsvRecord[] = []
    let at = 0
    while (at < text.length) {
      const code = text.charCodeAt(at)
      if (this.afterReturn) {
        this.afterReturn = false
        if (code === LF) {
          at++
          continue
        }
      }
      if (this.state === 'quoted') {
        at = this.quoted(text, at)
      } else if (code === this.delimiter) {
        this.endField()
        at++
      } else if (code === LF || code === CR) {
        this.afterReturn = code === CR
        this.endRecord(records)
        at++
      } else if (code === this.quote && this.state !== 'plain') {
        at = this.openOrDouble(at)
      } else if (this.state === 'closed') {
        throw new DatasetError(
          `Line ${this.line}: ${show(text.slice(at, at + 20))} follows a closing quote, but only a separator or the end of the line may. ` +
            'A quote within quotes is written twice.',
        )
      } else {
        at = this.plain(text, at)
      }
    }
    return records
  }

  /** What is left when the text has ended. @throws {DatasetError} when a quote is still open. */
  end(): CsvRecord[] {
    if (this.state === 'quoted') throw this.unclosed()
    const records: CsvRecord[] = []
    if (this.state !== 'start' || this.fields.length > 0) this.endRecord(records)
    return records
  }

  private plain(text: string, from: number): number {
    let at = from
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === this.delimiter || code === LF || code === CR) break
    }
    this.field += text.slice(from, at)
    this.state = 'plain'
    return at
  }

  private quoted(text: string, from: number): number {
    const found = text.indexOf(this.quoteText, from)
    const end = found < 0 ? text.length : found
    const part = text.slice(from, end)
    for (let i = part.indexOf('\n'); i >= 0; i = part.indexOf('\n', i + 1)) this.line++
    this.field += part
    if (this.field.length > LONGEST) throw this.unclosed()
    if (found < 0) return end
    this.state = 'closed'
    return end + 1
  }

  /** A quote at a field's start opens it; after a closing one, both stand for one. */
  private openOrDouble(at: number): number {
    if (this.state === 'closed') this.field += this.quoteText
    else this.quotedOn = this.line
    this.state = 'quoted'
    return at + 1
  }

  private endField(): void {
    this.fields.push(this.field)
    this.field = ''
    this.state = 'start'
  }

  /** Empty lines are passed over. */
  private endRecord(records: CsvRecord[]): void {
    const isEmpty = this.state === 'start' && this.fields.length === 0
    this.endField()
    if (!isEmpty) records.push({ line: this.begun, fields: this.fields })
    this.fields = []
    this.begun = ++this.line
  }

  private unclosed(): DatasetError {
    return new DatasetError(
      `The quote that opens on line ${this.quotedOn} is not closed: the field has ${this.field.length} characters up to the end. ` +
        'Without quotes in the file, say { quote: "" }.',
    )
  }
}
