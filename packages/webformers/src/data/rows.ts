/** @file What datasets in memory and streams have in common: rows, and functions over them. */
import { DatasetError } from '../errors'
import { show } from './collators/collate'

/** An item of a dataset: values by column. */
export type Row = Record<string, unknown>
/** Values by column, of several rows. */
export type ColumnsOf<R extends object> = { [Name in keyof R]: R[Name][] }
/** A row after `map`: what the function gave is added to it, and stands in the place of what had that name. */
export type Mapped<R extends object, Removed extends keyof R, Out extends object> = Omit<
  R,
  Removed | keyof Out
> &
  Out
// biome-ignore lint/suspicious/noConfusingVoidType: a function that only looks at rows returns nothing
export type Result<Out> = Out | undefined | void | Promise<Out | undefined | void>

export interface MapOptions<Removed extends PropertyKey = string> {
  /** Give the function the columns of several rows at once. Default: false. */
  batched?: boolean
  /** How many rows. Default: 1000. */
  batchSize?: number
  /** Columns that are left out of the result, unless the function gives them anew. */
  removeColumns?: readonly Removed[]
}
export interface ShuffleOptions {
  /** The same seed gives the same order. Default: one that nobody can guess. */
  seed?: number
}
/** A function of one row, or of the columns of several, with their numbers. */
export type RowFunction = (row: Row & ColumnsOf<Row>, index: number & number[]) => Result<object>

/** Rows after a function was called with each, or with some at a time, as Python's `map` does it. */
export async function* mapRows(
  rows: Iterable<object> | AsyncIterable<object>,
  fn: RowFunction,
  { batched = false, batchSize = 1000, removeColumns = [] }: MapOptions,
): AsyncGenerator<object, void> {
  const removed = new Set<string>(removeColumns)
  let index = 0
  if (!batched) {
    for await (const row of rows) {
      const result = await fn(row as never, index++ as never)
      yield { ...without(row, removed), ...result }
    }
    return
  }
  for await (const group of grouped(rows, batchSize)) {
    const columns = columnsOfRows(group)
    const numbers = group.map(() => index++)
    const result = await fn(columns as never, numbers as never)
    yield* rowsOfColumns({ ...without(columns, removed), ...result } as Record<string, ArrayLike<unknown>>)
  }
}

/** @throws {DatasetError} when columns differ in length. */
export function* rowsOfColumns(columns: Readonly<Record<string, ArrayLike<unknown>>>): Generator<Row, void> {
  const entries = Object.entries(columns)
  const [first] = entries
  for (const [name, values] of entries) {
    if (typeof values?.length !== 'number') {
      throw new DatasetError(
        `Column "${name}" is ${show(values)}, but must be a list with a value for each row.`,
      )
    }
    if (values.length === first![1].length) continue
    throw new DatasetError(
      `Column "${first![0]}" has ${first![1].length} values, but column "${name}" has ${values.length}; every row needs one. ` +
        'A batched map that gives more or fewer rows has to leave out the old columns: { removeColumns: [...] }.',
    )
  }
  const length = first?.[1].length ?? 0
  for (let i = 0; i < length; i++)
    yield Object.fromEntries(entries.map(([name, values]) => [name, values[i]]))
}

/** A row without some of its columns. */
export function without(row: object, removed: ReadonlySet<string>): object {
  if (removed.size === 0) return row
  const rest: Row = {}
  for (const name of Object.keys(row)) if (!removed.has(name)) rest[name] = (row as Row)[name]
  return rest
}

/** A row with a column under another name, in its place. */
export function renamed(row: object, from: string, to: string): object {
  const result: Row = {}
  for (const name of Object.keys(row)) result[name === from ? to : name] = (row as Row)[name]
  return result
}

function columnsOfRows(rows: readonly object[]): Row {
  const names = Object.keys(rows[0] ?? {})
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => (row as Row)[name])]))
}

async function* grouped<T>(items: Iterable<T> | AsyncIterable<T>, size: number): AsyncGenerator<T[], void> {
  let group: T[] = []
  for await (const item of items) {
    group.push(item)
    if (group.length < size) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}
