/** @file A dataset of HDF5: the type and the shape of its numbers, and the bytes they are made of. */
import { type CheckpointDType, countOf, itemSize } from '../../tensor-entry'
import type { Fields, Pages } from './fields'
import { type HeaderMessages, Message } from './objects'

export interface NumberType {
  readonly dtype: CheckpointDType
  readonly bigEndian: boolean
}

/** Where the numbers lie: in one piece, or in chunks of one shape that a B-tree finds. */
export type Layout =
  | { readonly kind: 'whole'; readonly offset: number; readonly length: number }
  | { readonly kind: 'chunks'; readonly tree: number | undefined; readonly chunk: readonly number[] }

export interface Dataset extends NumberType {
  readonly shape: readonly number[]
  readonly layout: Layout
  /** What was done to the bytes of each chunk, by the numbers HDF5 gives to filters, in that order. */
  readonly filters: readonly number[]
}

/** What the messages of a dataset's header say; `undefined` for what is no dataset. */
export function readDataset(pages: Pages, messages: HeaderMessages, name: string): Dataset | undefined {
  const [layout] = messages.get(Message.layout) ?? []
  if (!layout) return undefined
  const needed = (kind: number, what: string): Fields => {
    const [message] = messages.get(kind) ?? []
    if (message) return message
    throw pages.corrupt(`the dataset "${name}" does not tell its ${what}`)
  }
  if (messages.has(Message.externalFiles))
    throw pages.unsupported(`keeps the numbers of "${name}" in another file`)
  const type = numberType(needed(Message.datatype, 'type'), name)
  const shape = sizes(needed(Message.dataspace, 'shape'))
  const bytes = countOf(shape) * itemSize[type.dtype]
  const [filters] = messages.get(Message.filters) ?? []
  return {
    ...type,
    shape,
    layout: readLayout(layout, { name, rank: shape.length, bytes, size: itemSize[type.dtype] }),
    filters: filters ? readFilters(filters) : [],
  }
}

const MOST_AXES = 32

function sizes(fields: Fields): number[] {
  const version = fields.u8()
  fields.version(version, 1, 2)
  const rank = fields.u8()
  if (rank > MOST_AXES)
    throw fields.pages.corrupt(`a dataset has ${rank} axes, expected at most ${MOST_AXES}`)
  fields.skip(version === 1 ? 6 : 2) // flags: whether the sizes may grow
  if (version === 2 && fields.bytes[3] === 2)
    throw fields.pages.unsupported('has a dataset of no shape at all')
  return Array.from({ length: rank }, () => fields.length())
}

const FIXED = 0
const FLOAT = 1
const ENUM = 8
/** IEEE's and Google's floating points: bytes, bits of the exponent and of the mantissa. */
const floats: Readonly<Record<string, CheckpointDType>> = {
  '2 5 10': 'F16',
  '2 8 7': 'BF16',
  '4 8 23': 'F32',
  '8 11 52': 'F64',
}
const integers: Readonly<Record<string, CheckpointDType>> = {
  'signed 1': 'I8',
  'signed 2': 'I16',
  'signed 4': 'I32',
  'signed 8': 'I64',
  'unsigned 1': 'U8',
  'unsigned 2': 'U16',
  'unsigned 4': 'U32',
  'unsigned 8': 'U64',
}

function numberType(fields: Fields, name: string): NumberType {
  const first = fields.u8()
  const kind = first & 15
  fields.version(first >> 4, 1, 2, 3)
  const bits = fields.u8()
  fields.skip(2)
  const size = fields.u32()
  const bigEndian = (bits & 1) === 1
  let known: CheckpointDType | undefined
  if (kind === FIXED) known = integers[`${bits & 8 ? 'signed' : 'unsigned'} ${size}`]
  if (kind === ENUM && size === 1) known = 'BOOL' // as h5py writes numpy's
  if (kind === FLOAT && !(bits & 0x40)) {
    fields.skip(5) // where the bits and the exponent begin
    const exponent = fields.u8()
    fields.skip(1)
    known = floats[`${size} ${exponent} ${fields.u8()}`]
  }
  if (known) return { dtype: known, bigEndian: kind !== ENUM && bigEndian }
  throw fields.pages.unsupported(
    `has "${name}" of HDF5's type ${kind} in ${size} bytes, expected numbers of 1 to 8 bytes,`,
  )
}

const COMPACT = 0
const CONTIGUOUS = 1
const CHUNKED = 2

function readLayout(
  fields: Fields,
  { name, rank, bytes, size }: { name: string; rank: number; bytes: number; size: number },
): Layout {
  const { pages } = fields
  const version = fields.u8()
  fields.version(version, 3, 4)
  const kind = fields.u8()
  const place = (offset: number, length: number): Layout => {
    if (length !== bytes)
      throw pages.corrupt(
        `the dataset "${name}" takes ${length} bytes, expected ${bytes} for its type and shape`,
      )
    if (offset + length > pages.blob.size)
      throw pages.corrupt(
        `the dataset "${name}" lies at bytes ${offset} to ${offset + length}, beyond the file's ${pages.blob.size}`,
      )
    return { kind: 'whole', offset, length }
  }
  if (kind === COMPACT) {
    const length = fields.u16()
    return place(fields.start + fields.skip(length), length)
  }
  if (kind === CONTIGUOUS) {
    const offset = fields.address()
    if (offset !== undefined) return place(offset, fields.length())
    if (bytes > 0) throw pages.corrupt(`the numbers of the dataset "${name}" were never written`)
    return { kind: 'whole', offset: 0, length: 0 }
  }
  if (kind !== CHUNKED || version === 4)
    throw pages.unsupported(`lays out "${name}" as its format's newer versions do (libver="latest")`)
  const axes = fields.u8() - 1
  const tree = fields.address()
  if (axes !== rank || rank === 0)
    throw pages.corrupt(`the chunks of "${name}" have ${axes} axes, expected ${rank}`)
  const chunk = Array.from({ length: rank }, () => fields.u32())
  const unit = fields.u32()
  if (chunk.includes(0) || unit !== size)
    throw pages.corrupt(`the chunks of "${name}" have the shape [${chunk.join(', ')}] of ${unit} bytes each`)
  return { kind: 'chunks', tree, chunk }
}

function readFilters(fields: Fields): number[] {
  const version = fields.u8()
  fields.version(version, 1, 2)
  const count = fields.u8()
  if (version === 1) fields.skip(6)
  return Array.from({ length: count }, () => {
    const id = fields.u16()
    const named = version === 1 || id >= 256 ? fields.u16() : 0
    fields.skip(2) // flags
    const values = fields.u16()
    fields.skip(version === 1 ? Math.ceil(named / 8) * 8 : named)
    fields.skip(4 * (version === 1 ? values + (values % 2) : values))
    return id
  })
}
