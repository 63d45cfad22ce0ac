/** @file CSV files as rows, with the types that their columns have. */
import { breather } from '@webformers/hub'
import { DatasetError, OptionError } from '../errors'
import { show } from './collators/collate'
import { CsvParser, type CsvRecord } from './csv-records'
import type { ReadOptions } from './json-lines'
import type { Row } from './rows'
import { type DataSource, textOf } from './source'

export type ColumnType = 'string' | 'number' | 'boolean'

export interface CsvOptions extends ReadOptions {
  /** Default: `','`; `'\t'` for TSV. */
  delimiter?: string
  /** Default: `'"'`; `''` where quotes mean nothing. */
  quote?: string
  /** Of a file whose first line is a row already. Default: the first line has them. */
  columnNames?: readonly string[]
  /** What columns hold. Default: what all the first rows fit; an empty number or boolean is null. */
  types?: Readonly<Record<string, ColumnType>>
  /** How many rows tell the types. Default: 1000. */
  inferRows?: number
}

/**
 * The rows of a file; empty lines are passed over.
 * @throws {DatasetError} naming the line and the column, when it is no CSV file, or a value is of another type.
 * @throws {OptionError} when the separator or the quote is no single character.
 */
export async function* readCsv(source: DataSource, options: CsvOptions): AsyncGenerator<Row, void> {
  const { delimiter = ',', quote = '"', types, inferRows = 1000 } = options
  if (delimiter.length !== 1 || quote.length > 1 || delimiter === quote) {
    throw new OptionError(
      `delimiter is ${JSON.stringify(delimiter)} and quote ${JSON.stringify(quote)}, but must be single characters, and two different ones.`,
    )
  }
  let names = options.columnNames && checkedNames(options.columnNames, 1)
  let columns: Column[] | undefined
  let inference = names && new Inference(names, types)
  for await (const record of recordsOf(
    textOf(source, options),
    new CsvParser(delimiter, quote),
    options.signal,
  )) {
    if (!names) {
      names = checkedNames(record.fields, record.line)
      inference = new Inference(names, types)
      continue
    }
    if (record.fields.length !== names.length) throw uneven(record, names, delimiter)
    if (columns) {
      yield rowOf(record, columns)
      continue
    }
    inference!.add(record)
    if (inference!.records.length < inferRows) continue
    columns = inference!.columns()
    for (const first of inference!.records.splice(0)) yield rowOf(first, columns)
  }
  columns ??= inference?.columns() ?? []
  for (const record of inference?.records ?? []) yield rowOf(record, columns)
}

async function* recordsOf(
  texts: AsyncIterable<string>,
  parser: CsvParser,
  signal: AbortSignal | undefined,
): AsyncGenerator<CsvRecord, void> {
  const breathe = breather(signal)
  for await (const text of texts) {
    for (const record of parser.push(text)) {
      yield record
      await breathe()
    }
  }
  yield* parser.end()
}

/** Names as pandas gives them to columns without one. */
function checkedNames(given: readonly string[], line: number): string[] {
  const names = given.map((name, i) => (name === '' ? `Unnamed: ${i}` : name))
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice === undefined) return names
  throw new DatasetError(
    `Line ${line} names two columns "${twice}". Give names of your own: { columnNames: [...] }.`,
  )
}

function uneven({ line, fields }: CsvRecord, names: readonly string[], delimiter: string): DatasetError {
  const listed = names.length > 8 ? `${names.slice(0, 8).join(', ')}, …` : names.join(', ')
  return new DatasetError(
    `Line ${line} has ${fields.length} fields, but there are ${names.length} columns (${listed}). ` +
      `A field with ${JSON.stringify(delimiter)} in it is written in quotes; another separator is given as { delimiter }.`,
  )
}

interface Column {
  readonly name: string
  readonly type: ColumnType
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const BOOLEAN = /^(true|false)$/i

/** What of a text is of a type, undefined where it is not. */
const parsers: { [T in ColumnType]: (text: string) => unknown } = {
  string: (text) => text,
  boolean: (text) => {
    if (text === '') return null
    return BOOLEAN.test(text) ? text.toLowerCase() === 'true' : undefined
  },
  number: (text) => {
    const trimmed = text.trim()
    if (trimmed === '') return null
    // Whole numbers that a number can't hold are identifiers.
    const isWide = /^[+-]?\d+$/.test(trimmed) && !Number.isSafeInteger(Number(trimmed))
    return NUMBER.test(trimmed) && !isWide ? Number(trimmed) : undefined
  },
}

/** What columns hold, as far as the records so far tell. */
class Inference {
  readonly records: CsvRecord[] = []
  private readonly candidates: Set<ColumnType>[]
  private readonly isEmpty: boolean[]

  /** @throws {OptionError} when a type is given to a column that is not there. */
  constructor(
    private readonly names: readonly string[],
    private readonly types: Readonly<Record<string, ColumnType>> = {},
  ) {
    this.candidates = names.map(() => new Set(['number', 'boolean']))
    this.isEmpty = names.map(() => true)
    const unknown = Object.keys(types).find((name) => !names.includes(name))
    if (unknown === undefined) return
    throw new OptionError(`types names a column "${unknown}", but the file has ${names.join(', ')}.`)
  }

  add(record: CsvRecord): void {
    this.records.push(record)
    record.fields.forEach((text, i) => {
      if (text !== '') this.isEmpty[i] = false
      for (const type of this.candidates[i]!) {
        if (parsers[type](text) === undefined) this.candidates[i]!.delete(type)
      }
    })
  }

  /** The first type that all values fit, where there is a value. */
  columns(): Column[] {
    return this.names.map((name, i) => {
      const [fitting = 'string'] = this.candidates[i]!
      return { name, type: this.types[name] ?? (this.isEmpty[i] ? 'string' : fitting) }
    })
  }
}

function rowOf({ line, fields }: CsvRecord, columns: readonly Column[]): Row {
  const row: Row = {}
  columns.forEach(({ name, type }, i) => {
    const value = parsers[type](fields[i]!)
    if (value === undefined) {
      throw new DatasetError(
        `Line ${line} has ${show(fields[i])} in column "${name}", but a ${type} was expected. ` +
          `If the column is text: { types: { ${JSON.stringify(name)}: 'string' } }.`,
      )
    }
    row[name] = value
  })
  return row
}
