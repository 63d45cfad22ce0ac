/** @file The links of an HDF5 group: in a B-tree with a heap of names, as h5py writes them, or as messages of its header. */
import { btreeChildren } from './btree'
import type { Fields, Pages } from './fields'
import { type HeaderMessages, Message } from './objects'

export interface Link {
  readonly name: string
  /** Where the header of the group or dataset lies. */
  readonly address: number
}

const MOST_NAME = 1024
const SOFT = 2 // the cache type of a symbolic link: it holds a path, no place

/** Every link of a group to a group or a dataset of this file; `undefined` for what is no group. */
export async function readLinks(
  pages: Pages,
  messages: HeaderMessages,
  seen: Set<number>,
): Promise<Link[] | undefined> {
  const [table] = messages.get(Message.symbolTable) ?? []
  if (table) return symbolTable(pages, table.place(), table.place(), seen)
  const [info] = messages.get(Message.linkInfo) ?? []
  if (!info) return undefined
  info.version(info.u8(), 0)
  if (info.u8() & 1) info.skip(8) // the order in which links were made
  if (info.address() !== undefined)
    throw pages.unsupported('keeps the links of a group in a fractal heap (libver="latest")')
  return (messages.get(Message.link) ?? []).flatMap((message) => linkOf(message) ?? [])
}

function linkOf(message: Fields): Link | undefined {
  message.version(message.u8(), 1)
  const flags = message.u8()
  const kind = flags & 8 ? message.u8() : 0
  if (flags & 4) message.skip(8) // when it was made
  if (flags & 16) message.skip(1) // the name's character set
  const name = checkedName(message, message.uint(1 << (flags & 3)))
  return kind === 0 ? { name, address: message.place() } : undefined
}

function checkedName(fields: Fields, length: number): string {
  if (length > MOST_NAME)
    throw fields.pages.corrupt(`a name at byte ${fields.start} has ${length} characters`)
  const at = fields.skip(length)
  return new TextDecoder().decode(fields.bytes.subarray(at, at + length))
}

async function symbolTable(pages: Pages, tree: number, heap: number, seen: Set<number>): Promise<Link[]> {
  const header = await pages.fields(heap, 8 + 2 * pages.lengthSize + pages.addressSize, 'a heap of names')
  header.expect('HEAP')
  header.version(header.u8(), 0)
  header.skip(3)
  const size = header.length()
  header.length() // the first gap
  const names = await pages.fields(header.place(), size, 'a heap of names')
  const links: Link[] = []
  for await (const { address } of btreeChildren(pages, tree, { kind: 0, keySize: pages.lengthSize, seen }))
    links.push(...(await symbols(pages, address, names)))
  return links
}

async function symbols(pages: Pages, address: number, names: Fields): Promise<Link[]> {
  const head = await pages.fields(address, 8, 'a node of symbols')
  head.expect('SNOD')
  head.version(head.u8(), 1)
  head.skip(1)
  const count = head.u16()
  const size = 2 * pages.addressSize + 24
  const entries = await pages.fields(address + 8, count * size, 'a node of symbols')
  const links: Link[] = []
  for (let i = 0; i < count; i++) {
    const name = nameAt(names, entries.uint(pages.addressSize))
    const object = entries.address()
    const cacheType = entries.u32()
    entries.skip(20)
    if (object !== undefined && cacheType !== SOFT) links.push({ name, address: object })
  }
  return links
}

function nameAt(names: Fields, offset: number): string {
  const from = names.bytes.subarray(offset, offset + MOST_NAME + 1)
  const end = from.indexOf(0)
  if (end < 0)
    throw names.pages.corrupt(
      `the heap of names at byte ${names.start} has no name of at most ${MOST_NAME} characters at its byte ${offset}`,
    )
  return new TextDecoder().decode(from.subarray(0, end))
}
