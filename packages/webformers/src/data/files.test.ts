/** @file Files as rows: CSV against Python's csv and pandas, Parquet against pyarrow, and what is wrong with a file. */
import { readFileSync } from 'node:fs'
import { NetworkError } from '@webformers/hub'
import { expect, test } from 'vitest'
import recorded from '../../fixtures/datasets.json'
import { DatasetError, OptionError } from '../errors'
import type { CsvOptions } from './csv'
import { CsvParser } from './csv-records'
import { Dataset } from './dataset'
import { IterableDataset } from './iterable-dataset'
import type { Row } from './rows'
import type { DataSource } from './source'

const csv = (text: string, options?: CsvOptions) => Dataset.fromCsv(new Blob([text]), options)
const parquet = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/data/${name}.parquet`, import.meta.url)))
async function list(items: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = []
  for await (const item of items) all.push(item)
  return all
}
/** The text in pieces that cut characters, quotes and line breaks. */
const pieces = (text: string, size: number) => {
  const bytes = new TextEncoder().encode(text)
  let at = 0
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      controller.enqueue(bytes.slice(at, at + size))
      at += size
    },
  })
}

test.each(recorded.csv)('CSV records of $text', ({ text, options, records }) => {
  const { delimiter = ',', quote = '"' } = options as CsvOptions
  const whole = new CsvParser(delimiter, quote)
  expect([...whole.push(text), ...whole.end()].map(({ fields }) => fields)).toEqual(records)
  const pieced = new CsvParser(delimiter, quote)
  const found = [...text].flatMap((character) => pieced.push(character))
  expect([...found, ...pieced.end()].map(({ fields }) => fields)).toEqual(records)
})

test('columns have the types that pandas gives them', async () => {
  const rows = recorded.typed.rows.map((row, i) => ({
    ...row,
    // Where pandas has whole numbers of any size, these stay text.
    wide: ['12345678901234567890123', '1', '2'][i],
  }))
  expect([...(await csv(recorded.typed.text))]).toEqual(rows)
  for (const size of [1, 7]) {
    expect(await list(IterableDataset.fromCsv(pieces(recorded.typed.text, size)))).toEqual(rows)
  }
})

test("what pandas can't know is said", async () => {
  const rows = await csv('\ufeff007,yes\n008,\n', {
    columnNames: ['id', 'answer'],
    types: { id: 'string' },
  })
  expect([...rows]).toEqual([
    { id: '007', answer: 'yes' },
    { id: '008', answer: '' },
  ])
  const latin = new Uint8Array([97, 10, 252, 10])
  expect([...(await Dataset.fromCsv(latin, { encoding: 'windows-1252' }))]).toEqual([{ a: 'ü' }])
  expect((await csv(',a\n0,1\n')).columnNames).toEqual(['Unnamed: 0', 'a'])
})

test('a file of which only the beginning is read is read no further', async () => {
  let made = 0
  const endless = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        made++
        controller.enqueue(new TextEncoder().encode(made === 1 ? 'x,y\n' : `${made},"a\nb"\n`))
      },
    },
    { highWaterMark: 0 },
  )
  expect(await list(IterableDataset.fromCsv(endless, { inferRows: 2 }).take(3))).toEqual([
    { x: 2, y: 'a\nb' },
    { x: 3, y: 'a\nb' },
    { x: 4, y: 'a\nb' },
  ])
  expect(made).toBe(4)
})

test.each<[string, string | Uint8Array, CsvOptions, string]>([
  ['too few fields', 'a,b\n1,2\n\n"x\ny"\n', {}, 'Line 4 has 1 fields, but there are 2 columns (a, b)'],
  ['line breaks of Windows', 'a,b\r\n1,2\r\n3\r\n', {}, 'Line 3 has 1 fields'],
  ['an open quote', 'a,b\n1,2\n3,"x\n5,6\n', {}, 'The quote that opens on line 3 is not closed'],
  ['text after a quote', 'a\n"x"y\n', {}, 'Line 2: the string "y\\n" follows a closing quote'],
  [
    'a later type',
    'a,b\n1,2\n3,x\n',
    { inferRows: 1 },
    'Line 3 has the string "x" in column "b", but a number was expected',
  ],
  [
    'a given type',
    'a\nmaybe\n',
    { types: { a: 'boolean' } },
    'Line 2 has the string "maybe" in column "a", but a boolean',
  ],
  ['a name twice', 'a,a\n', {}, 'Line 1 names two columns "a"'],
  ['another encoding', new Uint8Array([97, 10, 252, 10]), {}, 'The text is not in utf-8'],
])('a CSV file with %s is an error', async (_, text, options, message) => {
  const read = list(IterableDataset.fromCsv(new Blob([text as BlobPart]), options))
  await expect(read).rejects.toThrow(DatasetError)
  await expect(read).rejects.toThrow(message)
})

test('options that make no sense', async () => {
  await expect(csv('a\n1\n', { types: { b: 'string' } })).rejects.toThrow(OptionError)
  await expect(csv('a\n1\n', { delimiter: '||' })).rejects.toThrow(OptionError)
})

test('JSON Lines', async () => {
  const rows = [{ text: 'Zoë 😀\n', label: 1 }, { text: '', label: null }, { ids: [1, { a: 2 }] }]
  const text = `${rows.map((row) => JSON.stringify(row)).join('\r\n\n')}\n`
  expect([...(await Dataset.fromJsonLines(new Blob([text])))]).toEqual(rows)
  for (const size of [1, 5])
    expect(await list(IterableDataset.fromJsonLines(pieces(text, size)))).toEqual(rows)
})

test.each([
  ['{"a": 1}\n\n{"a": 2\n', 'Line 3 is the string "{\\"a\\": 2", but must be a JSON object'],
  ['[\n{"a": 1}\n]', 'The file seems to be one JSON value over many lines'],
  ['[{"a": 1}]', 'Line 1 is a list, but must be a JSON object'],
  ['{"a": 1}\n5', 'Line 2 is the number 5, but must be a JSON object'],
])('%j is no JSON Lines file', async (text, message) => {
  const read = Dataset.fromJsonLines(new Blob([text]))
  await expect(read).rejects.toThrow(DatasetError)
  await expect(read).rejects.toThrow(message)
})

test.each(['none', 'snappy', 'zstd', 'gzip', 'brotli', 'lz4', 'indexed'])('Parquet in %s', async (codec) => {
  const rows = recorded.parquet.map(({ wide, ...row }) => ({
    ...row,
    wide: typeof wide === 'string' ? BigInt(wide) : wide,
  }))
  expect([...(await Dataset.fromParquet(parquet(codec)))]).toEqual(rows)
  const some = IterableDataset.fromParquet(new Blob([parquet(codec)]), { columns: ['label', 'text'] })
  expect(await list(some.skip(2))).toEqual(rows.slice(2).map(({ label, text }) => ({ label, text })))
})

test.each([
  ['no Parquet', new TextEncoder().encode('a,b\n1,2\n'), {}],
  ['nothing', new Uint8Array(), {}],
  ['half a file', parquet('none').slice(0, 2000), {}],
  ['no such column', parquet('none'), { columns: ['texts'] }],
])('%s is an error', async (_, bytes, options) => {
  await expect(Dataset.fromParquet(bytes, options)).rejects.toThrow(DatasetError)
})

test('an address is fetched, Parquet by ranges', async () => {
  const bytes = parquet('none')
  const ranges: string[] = []
  const server =
    (knowsRanges: boolean): typeof fetch =>
    async (_, init) => {
      const headers = new Headers(init?.headers)
      expect(headers.get('authorization')).toBe('Bearer me')
      const range = knowsRanges && headers.get('range')?.match(/^bytes=(\d+)-(\d+)$/)
      if (!range) return new Response(bytes)
      ranges.push(headers.get('range')!)
      const part = bytes.slice(Number(range[1]), Number(range[2]) + 1)
      const contentRange = `bytes ${range[1]}-${range[2]}/${bytes.length}`
      return new Response(part, { status: 206, headers: { 'content-range': contentRange } })
    }
  const headers = { authorization: 'Bearer me' }
  const address = 'https://example.com/data.parquet'
  const labels = recorded.parquet.map(({ label }) => label)
  for (const knowsRanges of [true, false]) {
    const read = await Dataset.fromParquet(address, {
      headers,
      fetch: server(knowsRanges),
      columns: ['label'],
    })
    expect(read.column('label')).toEqual(labels)
  }
  expect(ranges[0]).toBe('bytes=0-0')
  expect(ranges.length).toBeGreaterThan(1)
  const text: typeof fetch = async () => new Response('a\n1\n')
  expect([...(await Dataset.fromCsv(new URL(address), { fetch: text }))]).toEqual([{ a: 1 }])
})

test.each<[string, typeof fetch, string]>([
  [
    'is not there',
    async () => new Response('', { status: 404, statusText: 'Not Found' }),
    'answered 404 Not Found',
  ],
  ['is out of reach', () => Promise.reject(new TypeError('Failed to fetch')), 'CORS'],
])('an address that %s is an error', async (_, fetch, message) => {
  for (const read of [Dataset.fromCsv, Dataset.fromJsonLines, Dataset.fromParquet]) {
    const failed = read('https://example.com/x', { fetch })
    await expect(failed).rejects.toThrow(NetworkError)
    await expect(failed).rejects.toThrow(message)
  }
})

test('a stream can be read once, a file again and again', async () => {
  const stream: DataSource = pieces('a\n1\n', 3)
  const once = IterableDataset.fromCsv(stream)
  expect(await list(once)).toEqual([{ a: 1 }])
  await expect(list(once)).rejects.toThrow('gives its bytes once')
  const again = IterableDataset.fromCsv(new Blob(['a\n1\n']))
  expect(await list(again)).toEqual(await list(again))
})
