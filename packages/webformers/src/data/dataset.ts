/** @file A dataset in memory: rows by index. */
import { breather } from '@webformers/hub'
import { DatasetError, OptionError } from '../errors'
import type { CsvOptions } from './csv'
import { Generator } from './generator'
import type { ReadOptions } from './json-lines'
import type { ParquetOptions } from './parquet'
import {
  type ColumnsOf,
  type MapOptions,
  type Mapped,
  mapRows,
  type Result,
  type Row,
  type RowFunction,
  renamed,
  rowsOfColumns,
  type ShuffleOptions,
  without,
} from './rows'
import type { DataSource } from './source'

/** Columns of class numbers, with the classes' names. Like `ClassLabel` in Python. */
export type Features = Readonly<Record<string, { readonly names: readonly string[] }>>

export interface SplitOptions extends ShuffleOptions {
  /** How many rows to hold out, or which share of them. Default: 0.25. */
  testSize?: number
  /** Default: true. */
  shuffle?: boolean
}

/**
 * Rows in memory. Like `datasets.Dataset` in Python; methods give a new dataset and leave this one as it is.
 * @example
 * const dataset = await Dataset.fromCsv('mails.csv')
 * const { train, test } = dataset.classEncodeColumn('label').trainTestSplit({ testSize: 0.1, seed: 42 })
 * const encoded = await train.map(({ text }) => tokenizer(text, { truncation: true }), { removeColumns: ['text'] })
 */
export class Dataset<R extends object = Row> {
  private constructor(
    private readonly rows: readonly object[],
    /** Which of the rows, in which order; all as they stand, if undefined. */
    private readonly order?: Int32Array<ArrayBuffer>,
    /** What makes a row of what is kept: rows are shared with the datasets that this one was made of. */
    private readonly view: (row: object) => R = (row) => row as R,
    /** The columns that `classEncodeColumn` made. */
    readonly features: Features = {},
  ) {}

  /** Like `Dataset.from_list`. */
  static from<R extends object>(rows: Iterable<R>): Dataset<R> {
    return new Dataset([...rows])
  }

  /**
   * A dataset of columns. Like `Dataset.from_dict`.
   * @example
   * Dataset.fromDict({ text: ['Fine.', 'Bad.'], label: [1, 0] }).at(1) // { text: 'Bad.', label: 0 }
   * @throws {DatasetError} when columns differ in length.
   */
  static fromDict<R extends object = Row>(columns: { [Name in keyof R]: ArrayLike<R[Name]> }): Dataset<R> {
    return new Dataset([...rowsOfColumns(columns as Record<string, ArrayLike<unknown>>)])
  }

  /**
   * All that a stream gives, such as an `IterableDataset`. Like `Dataset.from_generator`.
   * @throws what the stream throws; the signal's reason when it aborts.
   */
  static async fromAsync<R extends object>(
    rows: AsyncIterable<R> | Iterable<R>,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Dataset<R>> {
    const breathe = breather(signal)
    const all: R[] = []
    for await (const row of rows) {
      all.push(row)
      await breathe()
    }
    return new Dataset(all)
  }

  /**
   * The rows of a CSV file, all at once; `IterableDataset.fromCsv` reads a larger one as it goes. Like `Dataset.from_csv`.
   * @throws {DatasetError} naming the line, when it is no CSV file. @throws {NetworkError} when it can't be had.
   */
  static async fromCsv<R extends object = Row>(
    source: DataSource,
    options: Omit<CsvOptions, 'inferRows'> = {},
  ): Promise<Dataset<R>> {
    const { readCsv } = await import('./csv')
    return Dataset.fromAsync(
      readCsv(source, { ...options, inferRows: Number.POSITIVE_INFINITY }) as AsyncIterable<R>,
    )
  }

  /** The rows of a file with one JSON object a line. Like `Dataset.from_json`. @throws as `fromCsv` does. */
  static async fromJsonLines<R extends object = Row>(
    source: DataSource,
    options: ReadOptions = {},
  ): Promise<Dataset<R>> {
    const { readJsonLines } = await import('./json-lines')
    return Dataset.fromAsync(readJsonLines(source, options) as AsyncIterable<R>)
  }

  /** The rows of a Parquet file. Like `Dataset.from_parquet`. @throws as `fromCsv` does. */
  static async fromParquet<R extends object = Row>(
    source: DataSource,
    options: ParquetOptions = {},
  ): Promise<Dataset<R>> {
    const { readParquet } = await import('./parquet')
    return Dataset.fromAsync(readParquet(source, options) as AsyncIterable<R>)
  }

  /** How many rows there are. Like `num_rows`. */
  get length(): number {
    return (this.order ?? this.rows).length
  }

  /** The columns of the first row. Like `column_names`. */
  get columnNames(): string[] {
    return this.length === 0 ? [] : Object.keys(this.row(0))
  }

  /** A row; a negative index counts from the end. Like `dataset[i]`. @throws {DatasetError} when there is none. */
  at(index: number): R {
    return this.row(this.checkedIndex(index))
  }

  /** The values of a column. Like `dataset['label']`. @throws {DatasetError} when there is no such column. */
  column<Name extends keyof R & string>(name: Name): R[Name][] {
    this.checkColumns([name])
    return Array.from({ length: this.length }, (_, i) => this.row(i)[name])
  }

  *[Symbol.iterator](): IterableIterator<R> {
    for (let i = 0; i < this.length; i++) yield this.row(i)
  }

  /**
   * Rows with what a function of each gives, added or in the place of what had that name. Like `map` in Python.
   * @example
   * await dataset.map(({ text }) => tokenizer(text, { truncation: true }))
   * await dataset.map(({ text }) => tokenizer.callAsync(text, { truncation: true }), { batched: true }) // many a time
   * @throws {DatasetError} when there is no column to remove, or a batched function's columns differ in length.
   */
  map<Out extends object = Record<never, never>, Removed extends keyof R & string = never>(
    fn: (row: R, index: number) => Result<Out>,
    options?: MapOptions<Removed> & { batched?: false; signal?: AbortSignal },
  ): Promise<Dataset<Mapped<R, Removed, Out>>>
  map(
    fn: (columns: ColumnsOf<R>, indices: number[]) => Result<object>,
    options: MapOptions<keyof R & string> & { batched: true; signal?: AbortSignal },
  ): Promise<Dataset>
  async map(fn: unknown, options: MapOptions & { signal?: AbortSignal } = {}): Promise<unknown> {
    this.checkColumns(options.removeColumns ?? [])
    return Dataset.fromAsync(mapRows(this, fn as RowFunction, options), options)
  }

  /** The rows for which a function says so. Like `filter` in Python. */
  async filter(
    fn: (row: R, index: number) => boolean | Promise<boolean>,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Dataset<R>> {
    const breathe = breather(signal)
    const kept: number[] = []
    for (let index = 0; index < this.length; index++) {
      if (await fn(this.row(index), index)) kept.push(index)
      await breathe()
    }
    return this.select(kept)
  }

  /** The rows of these numbers, in this order. Like `select`. @throws {DatasetError} when there is no such row. */
  select(indices: Iterable<number>): Dataset<R> {
    const order = Int32Array.from(indices, (index) => this.place(this.checkedIndex(index)))
    return new Dataset(this.rows, order, this.view, this.features)
  }

  /** The first rows. Like `take`. */
  take(n: number): Dataset<R> {
    return this.slice(0, n)
  }

  /** All but the first rows. Like `skip`. */
  skip(n: number): Dataset<R> {
    return this.slice(n, this.length)
  }

  /** The rows in random order: that of `torch.randperm`, where Python's `shuffle` draws numpy's. */
  shuffle({ seed }: ShuffleOptions = {}): Dataset<R> {
    return this.select(new Generator(seed).randperm(this.length))
  }

  /**
   * Two datasets, one of them held out. Like `train_test_split`, with another order.
   * @example
   * Dataset.from(mails).trainTestSplit({ testSize: 1000, seed: 42 }).test.length // 1000
   * @throws {OptionError} when one of them would have no row.
   */
  trainTestSplit({ testSize = 0.25, shuffle = true, seed }: SplitOptions = {}): {
    train: Dataset<R>
    test: Dataset<R>
  } {
    const held = testSize < 1 ? Math.ceil(testSize * this.length) : testSize
    if (!Number.isInteger(held) || held < 1 || held >= this.length) {
      throw new OptionError(
        `testSize is ${testSize}, but must leave rows to both parts of ${this.length}: a share below 1, or a whole number.`,
      )
    }
    const rest = this.length - held
    if (!shuffle) return { train: this.take(rest), test: this.skip(rest) }
    const order = new Generator(seed).randperm(this.length)
    return { train: this.select(order.subarray(held)), test: this.select(order.subarray(0, held)) }
  }

  /**
   * A column's values as numbers of classes, whose names, sorted, are in `features`. Like `class_encode_column`.
   * @example
   * const dataset = Dataset.fromDict({ label: ['spam', 'ham', 'spam'] }).classEncodeColumn('label')
   * dataset.column('label') // [1, 0, 1]
   * dataset.features.label.names // ['ham', 'spam']
   * @throws {DatasetError} when there is no such column.
   */
  classEncodeColumn<Name extends keyof R & string>(
    name: Name,
  ): Dataset<Omit<R, Name> & Record<Name, number | null>> {
    const values = this.column(name)
    const isNull = (value: unknown) => value === null || value === undefined
    const names = [...new Set(values.filter((value) => !isNull(value)).map(String))].toSorted()
    const numbers = new Map(names.map((label, i) => [label, i]))
    const encode = (value: unknown) => (isNull(value) ? null : numbers.get(String(value))!)
    const features = { ...this.features, [name]: { names } }
    return this.viewed((row) => ({ ...row, [name]: encode(row[name]) }) as never, features)
  }

  /** Like `remove_columns`. @throws {DatasetError} when there is no such column. */
  removeColumns<Name extends keyof R & string>(names: readonly Name[]): Dataset<Omit<R, Name>> {
    this.checkColumns(names)
    const removed = new Set<string>(names)
    return this.viewed((row) => without(row, removed) as Omit<R, Name>)
  }

  /** Like `rename_column`. @throws {DatasetError} when there is no such column, or one of the new name. */
  renameColumn<From extends keyof R & string, To extends string>(
    from: From,
    to: To,
  ): Dataset<Omit<R, From> & Record<To, R[From]>> {
    this.checkColumns([from])
    if (this.columnNames.includes(to)) {
      throw new DatasetError(`There is a column "${to}" already: remove it first, or choose another name.`)
    }
    const { [from]: feature, ...features } = this.features
    return this.viewed(
      (row) => renamed(row, from, to) as never,
      feature ? { ...features, [to]: feature } : features,
    )
  }

  /** Where a row's values lie. */
  private place(index: number): number {
    return this.order ? this.order[index]! : index
  }

  private row(index: number): R {
    return this.view(this.rows[this.place(index)]!)
  }

  private slice(from: number, to: number): Dataset<R> {
    const order = this.order ?? Int32Array.from(this.rows.keys())
    return new Dataset(this.rows, order.subarray(from, to), this.view, this.features)
  }

  private viewed<Other extends object>(view: (row: R) => Other, features = this.features): Dataset<Other> {
    return new Dataset(this.rows, this.order, (row) => view(this.view(row)), features)
  }

  private checkedIndex(index: number): number {
    const positive = index < 0 ? index + this.length : index
    if (Number.isInteger(index) && positive >= 0 && positive < this.length) return positive
    throw new DatasetError(`There is no row ${index}: the dataset has ${this.length}.`)
  }

  private checkColumns(names: readonly string[]): void {
    const known = this.columnNames
    const unknown = names.find((name) => !known.includes(name))
    if (unknown === undefined || this.length === 0) return
    throw new DatasetError(`There is no column "${unknown}". The dataset has ${known.join(', ') || 'none'}.`)
  }
}
