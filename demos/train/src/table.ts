/** @file A CSV file as texts with labels: which columns they are in, and what is wrong with them. */
import { Dataset } from 'webformers'
import type { Labelled } from '../../shared/classification'

/** The file is no list of labelled texts; the message says why. */
export class TableError extends Error {
  override readonly name = 'TableError'
}

export interface Table {
  readonly name: string
  readonly rows: Dataset
}

export interface Columns {
  readonly text: string
  readonly label: string
}

export interface LabelledTexts {
  readonly rows: Dataset<Labelled>
  /** The labels by their numbers. */
  readonly names: readonly string[]
  /** How many texts have each. */
  readonly counts: readonly number[]
}

/** More are no classes, but a column of something else. */
const MOST_LABELS = 200
/** So many rows tell what a column is. */
const LOOKED_AT = 500

/** @throws {DatasetError} when it is no CSV file @throws {TableError} when it has less than two columns or rows */
export async function readTable(name: string, source: Blob, signal?: AbortSignal): Promise<Table> {
  const rows = await Dataset.fromCsv(source, { signal })
  if (rows.columnNames.length < 2 || rows.length < 10) {
    throw new TableError(
      `${name} has ${rows.length} rows and the columns ${rows.columnNames.join(', ') || 'none'}. ` +
        'Expected at least 10 rows, with a column of texts and one of labels, named in the first line.',
    )
  }
  return { name, rows }
}

/** The columns that are likely meant: by their names, else the longest values and the fewest different ones. */
export function guessColumns({ rows }: Table): Columns {
  const sample = [...rows.take(Math.min(rows.length, LOOKED_AT))]
  const values = (column: string) =>
    sample.map((row) => String((row as Record<string, unknown>)[column] ?? ''))
  const length = (column: string) => values(column).join('').length
  const different = (column: string) => new Set(values(column)).size
  const columns = rows.columnNames
  const label =
    columns.find((column) => /^(labels?|class|category|target|sentiment)$/i.test(column)) ??
    columns.toSorted((a, b) => different(a) - different(b)).find((column) => different(column) > 1) ??
    columns[0]!
  const others = columns.filter((column) => column !== label)
  const text =
    others.find((column) => /^(text|sentence|content|message|review)$/i.test(column)) ??
    others.toSorted((a, b) => length(b) - length(a))[0]!
  return { text, label }
}

/** @throws {TableError} when the columns hold no labelled texts */
export function labelledTexts({ name, rows }: Table, { text, label }: Columns): LabelledTexts {
  if (text === label) throw new TableError(`Texts and labels can’t both be in “${text}”.`)
  const given = [...rows].map((row) => {
    const { [text]: words, [label]: meant } = row as Record<string, unknown>
    return { text: String(words ?? '').trim(), label: String(meant ?? '').trim() }
  })
  const whole = given.filter((row) => row.text !== '' && row.label !== '')
  const names = [...new Set(whole.map((row) => row.label))].toSorted()
  if (names.length < 2)
    throw new TableError(
      `“${label}” of ${name} has ${names.length} label; a model needs two or more to choose among.`,
    )
  if (names.length > MOST_LABELS)
    throw new TableError(
      `“${label}” of ${name} has ${names.length} different values, too many for labels. Choose another column.`,
    )
  const numbers = new Map(names.map((each, i) => [each, i]))
  const counts = names.map((each) => whole.filter((row) => row.label === each).length)
  const numbered = whole.map((row) => ({ text: row.text, label: numbers.get(row.label)! }))
  return { rows: Dataset.from(numbered), names, counts }
}
