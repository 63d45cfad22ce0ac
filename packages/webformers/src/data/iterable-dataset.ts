/** @file A dataset that is read as it is needed: nothing but what is worked on is in memory. */
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
  type ShuffleOptions,
  without,
} from './rows'
import type { DataSource } from './source'

export interface StreamShuffleOptions extends ShuffleOptions {
  /** How many rows are held to choose from. Default: 1000. */
  bufferSize?: number
}
type Stream<R> = AsyncIterable<R> | Iterable<R>

/**
 * Rows one after the other, read anew in each epoch. Like `datasets.IterableDataset` in Python; methods give a new
 * dataset, and do their work when it is read.
 * @example
 * const mails = IterableDataset.fromCsv(file).shuffle({ seed: 42, bufferSize: 5000 })
 * const encoded = mails.map(({ text }) => tokenizer(text, { truncation: true }), { removeColumns: ['text'] })
 * for await (const { input_ids, label } of encoded.take(3)) console.log(input_ids, label)
 */
export class IterableDataset<R extends object = Row> {
  private epoch = 0
  private constructor(private readonly open: (epoch: number) => Stream<R>) {}

  /**
   * A dataset of what can be gone through, or of what a function opens. Like `IterableDataset.from_generator`.
   * @example
   * IterableDataset.from(async function* () { for (const id of ids) yield await load(id) })
   */
  static from<R extends object>(rows: Stream<R> | (() => Stream<R>)): IterableDataset<R> {
    if (typeof rows === 'function') return new IterableDataset(rows)
    let isUsed = false
    return new IterableDataset(() => {
      if (isUsed && givesItselfOnce(rows)) {
        throw new DatasetError(
          'The rows were read already, and an iterator gives them once. Give a function that opens it anew: ' +
            'IterableDataset.from(() => …).',
        )
      }
      isUsed = true
      return rows
    })
  }

  /**
   * The rows of a CSV file, whatever its size.
   * @throws {DatasetError} while it is read, naming the line, when it is no CSV file. @throws {NetworkError}
   */
  static fromCsv<R extends object = Row>(source: DataSource, options: CsvOptions = {}): IterableDataset<R> {
    return new IterableDataset(async function* () {
      const { readCsv } = await import('./csv')
      yield* readCsv(source, options) as AsyncIterable<R>
    })
  }

  /** The rows of a file with one JSON object a line. @throws as `fromCsv` does. */
  static fromJsonLines<R extends object = Row>(
    source: DataSource,
    options: ReadOptions = {},
  ): IterableDataset<R> {
    return new IterableDataset(async function* () {
      const { readJsonLines } = await import('./json-lines')
      yield* readJsonLines(source, options) as AsyncIterable<R>
    })
  }

  /** The rows of a Parquet file; of an address only the parts that are read are fetched. @throws as `fromCsv` does. */
  static fromParquet<R extends object = Row>(
    source: DataSource,
    options: ParquetOptions = {},
  ): IterableDataset<R> {
    return new IterableDataset(async function* () {
      const { readParquet } = await import('./parquet')
      yield* readParquet(source, options) as AsyncIterable<R>
    })
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<R, void> {
    yield* this.open(this.epoch)
  }

  /** Which epoch is read next: `shuffle` gives each another order. Like `set_epoch`. */
  setEpoch(epoch: number): void {
    this.epoch = epoch
  }

  /** Rows with what a function gives, as `Dataset.map`. @throws {DatasetError} while it is read */
  map<Out extends object = Record<never, never>, Removed extends keyof R & string = never>(
    fn: (row: R, index: number) => Result<Out>,
    options?: MapOptions<Removed> & { batched?: false },
  ): IterableDataset<Mapped<R, Removed, Out>>
  map(
    fn: (columns: ColumnsOf<R>, indices: number[]) => Result<object>,
    options: MapOptions<keyof R & string> & { batched: true },
  ): IterableDataset
  map(fn: unknown, options: MapOptions = {}): unknown {
    return this.derived((rows) => mapRows(rows, fn as RowFunction, options))
  }

  /** The rows for which a function says so. Like `filter` in Python. */
  filter(fn: (row: R, index: number) => boolean | Promise<boolean>): IterableDataset<R> {
    return this.derived(async function* (rows) {
      const breathe = breather()
      let index = 0
      for await (const row of rows) {
        if (await fn(row, index++)) yield row
        await breathe()
      }
    })
  }

  /**
   * The rows in about random order: each is drawn from those that the buffer holds. Like `shuffle` in Python, with
   * torch's random numbers in the place of numpy's.
   * @throws {OptionError} when the buffer is no whole number from 1 on.
   */
  shuffle({ seed, bufferSize = 1000 }: StreamShuffleOptions = {}): IterableDataset<R> {
    if (!Number.isInteger(bufferSize) || bufferSize < 1) {
      throw new OptionError(`bufferSize is ${bufferSize}, but must be a whole number from 1 on.`)
    }
    const first = seed ?? Number(new Generator().randomSeed() >> 16n)
    return this.derived(async function* (rows, epoch) {
      const generator = new Generator(first + epoch)
      const buffer: R[] = []
      for await (const row of rows) {
        if (buffer.length < bufferSize) {
          buffer.push(row)
          continue
        }
        const drawn = generator.randint(bufferSize)
        yield buffer[drawn]!
        buffer[drawn] = row
      }
      for (const drawn of generator.randperm(buffer.length)) yield buffer[drawn]!
    })
  }

  /** The first rows. Like `take`. */
  take(n: number): IterableDataset<R> {
    return this.derived(async function* (rows) {
      let left = n
      if (left <= 0) return
      for await (const row of rows) {
        yield row
        if (--left === 0) return
      }
    })
  }

  /** All but the first rows, which are read all the same. Like `skip`. */
  skip(n: number): IterableDataset<R> {
    return this.derived(async function* (rows) {
      const breathe = breather()
      let left = n
      for await (const row of rows) {
        if (left > 0) left--
        else yield row
        await breathe()
      }
    })
  }

  /** Like `remove_columns`. */
  removeColumns<Name extends keyof R & string>(names: readonly Name[]): IterableDataset<Omit<R, Name>> {
    const removed = new Set<string>(names)
    return this.derived(async function* (rows) {
      for await (const row of rows) yield without(row, removed) as Omit<R, Name>
    })
  }

  /** Like `rename_column`. */
  renameColumn<From extends keyof R & string, To extends string>(
    from: From,
    to: To,
  ): IterableDataset<Omit<R, From> & Record<To, R[From]>> {
    return this.derived(async function* (rows) {
      for await (const row of rows) yield renamed(row, from, to) as Omit<R, From> & Record<To, R[From]>
    })
  }

  private derived<Other extends object>(
    step: (rows: Stream<R>, epoch: number) => Stream<Other>,
  ): IterableDataset<Other> {
    return new IterableDataset((epoch) => step(this.open(epoch), epoch))
  }
}

/** An iterator is its own iterable, and used up after one reading. */
function givesItselfOnce(rows: Stream<object>): boolean {
  const iterator = Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]()
  return (iterator as object) === rows
}
