/** @file Parquet → rows, wherever the bytes come from. It decodes whole columns at once, so it belongs in a worker. */
import type { AsyncBuffer, Compressors, DecodedArray, FileMetaData } from 'hyparquet'
import { parquetMetadataAsync, parquetScan, parquetSchema } from 'hyparquet'
import type { Row } from './rows'

/** What `hyparquet` reads without help. */
const BUILT_IN = new Set(['UNCOMPRESSED', 'SNAPPY'])

/** A Parquet file, opened. */
export class ParquetRows {
  private held: { group: Group; columns: DecodedArray[] } | undefined

  private constructor(
    /** The columns that are read. */
    private readonly columns: readonly string[],
    private readonly groups: readonly Group[],
    private readonly read: (column: string, group: Group) => Promise<DecodedArray>,
  ) {}

  /** @throws {Error} when it is no Parquet file, or lacks a column. */
  static async open(file: AsyncBuffer, wanted: readonly string[] | undefined): Promise<ParquetRows> {
    const metadata = await parquetMetadataAsync(file)
    const known = parquetSchema(metadata).children.map(({ element }) => element.name)
    const missing = wanted?.find((name) => !known.includes(name))
    if (missing !== undefined) throw new Error(`There is no column "${missing}", but ${known.join(', ')}.`)
    const columns = wanted ?? known
    const scan = await parquetScan({
      file,
      metadata,
      columns: [...columns],
      compressors: await codecs(metadata),
    })
    return new ParquetRows(columns, scan.ranges, (column, { rowStart, rowEnd }) =>
      scan.readColumn({ column, rowStart, rowEnd }),
    )
  }

  get length(): number {
    return this.groups.at(-1)?.rowEnd ?? 0
  }

  /** Rows from one on, of one row group, `most` at a time. */
  async rows(start: number, most: number): Promise<Row[]> {
    const group = this.groups.find(({ rowEnd }) => start < rowEnd)
    if (!group) return []
    if (this.held?.group !== group) {
      // One row group at a time: what was held before goes first.
      this.held = undefined
      const columns: DecodedArray[] = []
      for (const name of this.columns) columns.push(await this.read(name, group))
      this.held = { group, columns }
    }
    const { columns } = this.held
    const length = Math.min(most, group.rowEnd - start)
    return Array.from({ length }, (_, i) =>
      Object.fromEntries(
        this.columns.map((name, column) => [name, plain(columns[column]![start + i - group.rowStart])]),
      ),
    )
  }
}

interface Group {
  readonly rowStart: number
  readonly rowEnd: number
}

async function codecs({ row_groups }: FileMetaData): Promise<Compressors> {
  const used = row_groups.flatMap(({ columns }) =>
    columns.map(({ meta_data }) => meta_data?.codec ?? 'UNCOMPRESSED'),
  )
  if (used.every((codec) => BUILT_IN.has(codec))) return {}
  const { SNAPPY: _, ...compressors } = (await import('hyparquet-compressors')).compressors
  return compressors
}

/** 64-bit numbers as JavaScript's where these hold them, and what is not there as null. */
function plain(value: unknown): unknown {
  if (value === undefined) return null
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || value instanceof Date || ArrayBuffer.isView(value))
    return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
}
