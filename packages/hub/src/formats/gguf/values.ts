/** @file The values of GGUF's metadata: numbers, truths and texts as they come, arrays when they are asked for. */
import { type NumberType, numberSize, Window } from './window'

export type GgufScalar = number | boolean | string

/** An array's values; of arrays in arrays, these. */
export type GgufItem = GgufScalar | readonly GgufItem[]

/** An array that stays in the file: vocabularies have hundreds of thousands of texts. */
export interface GgufArray {
  readonly count: number
  /** @throws {CorruptCheckpointError} when a text is no UTF-8. */
  read(): Promise<readonly GgufItem[]>
}

export type GgufValue = GgufScalar | GgufArray

/** By the number that the file gives them. */
const TYPES = [
  'u8',
  'i8',
  'u16',
  'i16',
  'u32',
  'i32',
  'f32',
  'bool',
  'text',
  'array',
  'u64',
  'i64',
  'f64',
] as const
type Type = (typeof TYPES)[number]

/** The least that a value of the type takes: an empty text its length, an empty array its type and length. */
const leastSize: Readonly<Record<Type, number>> = { ...numberSize, bool: 1, text: 8, array: 12 }

/** No file is known with arrays in arrays at all. */
const DEEPEST = 4
/** Far above any chat template and any vocabulary: what is longer would be made at once, for nobody. */
const LONGEST = 2 ** 24

/** @throws {CorruptCheckpointError} when there is no such type. */
export async function readType(window: Window, of: string): Promise<Type> {
  await window.need(4, `the type of ${of}`)
  const code = window.number('u32')
  const type = TYPES[code]
  if (type) return type
  throw window.corrupt(`${of} is of type ${code}, expected one from 0 to ${TYPES.length - 1}`)
}

/** @throws {TruncatedFileError} @throws {CorruptCheckpointError} */
export async function readText(window: Window, what: string, longest = LONGEST): Promise<string> {
  await window.need(8, `the length of ${what}`)
  const length = window.number('u64')
  if (length > longest) throw window.corrupt(`${what} has ${length} bytes, expected at most ${longest}`)
  await window.need(length, what)
  return window.text(length)
}

/** @throws {TruncatedFileError} @throws {CorruptCheckpointError} */
export async function readValue(window: Window, of: string): Promise<GgufValue> {
  const type = await readType(window, of)
  if (type === 'array') return skipArray(window, of)
  if (type === 'text') return readText(window, of)
  await window.need(leastSize[type], of)
  return scalar(window, type)
}

/** The type and the count of an array, as many as there is room for. */
async function readArrayHead(window: Window, of: string): Promise<{ type: Type; count: number }> {
  const type = await readType(window, `the array ${of}`)
  await window.need(8, `the length of the array ${of}`)
  const count = window.number('u64')
  window.expect(count * leastSize[type], `the array ${of} of ${count} values`)
  return { type, count }
}

/** Goes to the end of an array, and remembers where it began. */
async function skipArray(window: Window, of: string): Promise<GgufArray> {
  const { file, blob, offset } = window
  const { count } = await skipItems(window, of, 0)
  const end = window.offset
  return { count, read: () => readItems(new Window(file, blob, offset, end), of) }
}

async function skipItems(window: Window, of: string, depth: number): Promise<{ count: number }> {
  if (depth > DEEPEST) throw window.corrupt(`${of} has arrays in arrays, more than ${DEEPEST} deep`)
  const { type, count } = await readArrayHead(window, of)
  if (type === 'array') for (let i = 0; i < count; i++) await skipItems(window, of, depth + 1)
  else if (type !== 'text') window.offset += count * leastSize[type]
  else
    for (let i = 0; i < count; i++) {
      if (window.ready < 8) await window.need(8, `text ${i} of ${of}`)
      const length = window.number('u64')
      if (length > window.left) window.expect(length, `text ${i} of ${of}`)
      window.offset += length
    }
  return { count }
}

/** An array's values, once it is known to have them all. */
async function readItems(window: Window, of: string): Promise<readonly GgufItem[]> {
  const { type, count } = await readArrayHead(window, of)
  if (count > LONGEST) throw window.corrupt(`${of} has ${count} values, expected at most ${LONGEST}`)
  const items = new Array<GgufItem>(count)
  for (let i = 0; i < count; i++) {
    if (type === 'array') items[i] = await readItems(window, of)
    else if (type === 'text') {
      if (window.ready < 8) await window.need(8, of)
      const length = window.number('u64')
      if (window.ready < length) await window.need(length, of)
      items[i] = window.text(length)
    } else {
      if (window.ready < leastSize[type]) await window.need(leastSize[type], of)
      items[i] = scalar(window, type)
    }
  }
  return items
}

const scalar = (window: Window, type: NumberType | 'bool'): number | boolean =>
  type === 'bool' ? window.number('u8') !== 0 : window.number(type)
