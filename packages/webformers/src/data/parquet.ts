/** @file Parquet files as rows, decoded in a worker: a column of a row group is decoded in one go. */
import { breather, WebformersError } from '@webformers/hub'
import { DatasetError } from '../errors'
import type { Answer, Question } from './parquet-messages'
import type { Row } from './rows'
import { bytesOf, type DataSource, request, type SourceOptions, streamOf } from './source'
import { spawnParquet } from './spawn-parquet'

export interface ParquetOptions extends SourceOptions {
  /** Default: all. */
  columns?: readonly string[]
}

/** Bytes by position; what is never asked for is never read. */
export interface RandomAccess {
  readonly byteLength: number
  slice(start: number, end?: number): Promise<ArrayBuffer>
}

/** Rows that cross from the worker at a time. */
const AT_ONCE = 250

/**
 * The rows of a file; of an address only the parts that are read are fetched, where its server knows ranges. Whole numbers
 * of 64 bits become numbers where these can hold them.
 * @throws {DatasetError} when it is no Parquet file, or lacks a column. @throws {NetworkError} when it can't be had.
 */
export async function* readParquet(source: DataSource, options: ParquetOptions): AsyncGenerator<Row, void> {
  const { columns, signal } = options
  const file = await accessTo(source, options)
  const rows = await openRows(file, columns)
  const breathe = breather(signal)
  try {
    for (let start = 0; ; ) {
      const group = await rows.rows(start, AT_ONCE)
      if (group.length === 0) return
      for (const row of group) {
        yield row
        await breathe()
      }
      start += group.length
    }
  } finally {
    rows.close()
  }
}

interface OpenRows {
  close(): void
  rows(start: number, most: number): Promise<Row[]>
}

async function openRows(file: RandomAccess, columns: readonly string[] | undefined): Promise<OpenRows> {
  if (typeof Worker === 'undefined') {
    const { ParquetRows } = await import('./parquet-rows')
    const opened = await ParquetRows.open(file, columns).catch(rethrow)
    return {
      rows: (start, most) => opened.rows(start, most).catch(rethrow),
      close: () => {},
    }
  }
  const worker = spawnParquet()
  const ask = conversation(worker, file)
  const rows = {
    rows: (start: number, most: number) => ask({ kind: 'rows', start, most }),
    close: () => worker.terminate(),
  }
  try {
    await ask({ kind: 'open', byteLength: file.byteLength, columns })
    return rows
  } catch (error) {
    rows.close()
    throw error
  }
}

/** Asks the worker one thing at a time, and reads for it what it needs of the file. */
function conversation(worker: Worker, file: RandomAccess): (question: Question) => Promise<Row[]> {
  let settle = { resolve: (_: Row[]) => {}, reject: (_: unknown) => {} }
  worker.onmessage = async ({ data }: MessageEvent<Answer>) => {
    if (data.kind === 'rows') return settle.resolve(data.rows)
    if (data.kind === 'error') return settle.reject(invalid(data.message))
    try {
      const bytes = await file.slice(data.start, data.end)
      const answer: Question = { kind: 'bytes', id: data.id, bytes }
      worker.postMessage(answer, [bytes])
    } catch (error) {
      settle.reject(error)
    }
  }
  worker.onerror = ({ message }) => settle.reject(invalid(message || 'its worker could not be loaded'))
  worker.onmessageerror = () => settle.reject(invalid('its rows could not be handed over'))
  return (question) =>
    new Promise((resolve, reject) => {
      settle = { resolve, reject }
      worker.postMessage(question)
    })
}

const invalid = (message: string, cause?: unknown) =>
  new DatasetError(`The Parquet file can't be read: ${message}`, { cause })

function rethrow(cause: unknown): never {
  throw cause instanceof WebformersError ? cause : invalid((cause as Error).message, cause)
}

/** @throws {NetworkError} when the address can't be read. */
async function accessTo(source: DataSource, options: ParquetOptions): Promise<RandomAccess> {
  if (typeof source === 'string' || source instanceof URL) return remote(source, options)
  const blob = source instanceof Blob ? source : await new Response(await streamOf(source, options)).blob()
  return {
    byteLength: blob.size,
    slice: (start, end = blob.size) => bytesOf(blob.slice(start, end).stream(), end - start),
  }
}

/** A file's parts by range; the whole at once, where the server knows no ranges. */
async function remote(address: string | URL, options: ParquetOptions): Promise<RandomAccess> {
  const first = await request(address, { range: 'bytes=0-0' }, options)
  const size = first.headers.get('content-range')?.split('/')[1]
  if (first.status !== 206 || !size || size === '*') return accessTo(await first.blob(), options)
  await first.body?.cancel()
  const byteLength = Number(size)
  return {
    byteLength,
    slice: async (start, end = byteLength) => {
      const { body } = await request(address, { range: `bytes=${start}-${end - 1}` }, options)
      return bytesOf(body!, end - start)
    },
  }
}
