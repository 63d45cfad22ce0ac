/** @file Files with one JSON object a line. */
import { breather } from '@webformers/hub'
import { DatasetError } from '../errors'
import { show } from './collators/collate'
import type { Row } from './rows'
import { type DataSource, type SourceOptions, textOf } from './source'

export interface ReadOptions extends SourceOptions {
  /** Default: `'utf-8'`. */
  encoding?: string
}

/**
 * The objects of a file, line by line; empty lines are passed over.
 * @throws {DatasetError} naming the line that is no JSON object.
 */
export async function* readJsonLines(source: DataSource, options: ReadOptions): AsyncGenerator<Row, void> {
  const breathe = breather(options.signal)
  let number = 0
  for await (const line of lines(textOf(source, options))) {
    number++
    await breathe()
    if (line.trim() === '') continue
    yield parse(line, number)
  }
}

function parse(line: string, number: number): Row {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    const hint =
      number === 1 && /^\s*[[{]\s*$/.test(line) ? ' The file seems to be one JSON value over many lines.' : ''
    throw new DatasetError(
      `Line ${number} is ${show(line)}, but must be a JSON object: ${(cause as Error).message}.${hint}`,
      {
        cause,
      },
    )
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row
  throw new DatasetError(
    `Line ${number} is ${show(value)}, but must be a JSON object, such as {"text": "…", "label": 1}.` +
      (Array.isArray(value) ? ' For a list of rows: Dataset.from(JSON.parse(text)).' : ''),
  )
}

async function* lines(texts: AsyncIterable<string>): AsyncGenerator<string, void> {
  let begun: string[] = []
  for await (const text of texts) {
    const [first, ...rest] = text.split('\n')
    begun.push(first!)
    for (const next of rest) {
      yield begun.join('')
      begun = [next]
    }
  }
  if (begun.length > 0) yield begun.join('')
}
