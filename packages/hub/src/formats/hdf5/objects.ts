/** @file Object headers of HDF5, both editions: the messages that tell what a group or a dataset is. */
import type { Fields, Pages } from './fields'

/** The kinds of messages that are read. */
export const Message = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
} as const

/** An object's messages by their kind. */
export type HeaderMessages = ReadonlyMap<number, readonly Fields[]>

const SHARED = 2 // a flag of a message that lies elsewhere
const MOST_BLOCKS = 256

/** The messages of the object whose header lies at `address`. */
export async function readMessages(pages: Pages, address: number): Promise<HeaderMessages> {
  const head = await pages.upTo(address, 16, 'an object header')
  const blocks = [head.bytes[0] === 0x4f ? await openSecond(pages, address) : await openFirst(pages, head)]
  const seen = new Set([address])
  const messages = new Map<number, Fields[]>()
  for (let i = 0; i < blocks.length; i++) {
    const { fields, edition } = blocks[i]!
    for (const { kind, flags, body } of edition(fields)) {
      if (kind === Message.continuation) {
        const next = body.place()
        const length = body.length()
        if (seen.has(next) || blocks.length === MOST_BLOCKS)
          throw pages.corrupt(`the object header at byte ${address} goes on at byte ${next} without end`)
        seen.add(next)
        blocks.push({ edition, fields: await continuation(pages, next, length, edition !== first) })
        continue
      }
      if (flags & SHARED && kind <= Message.filters)
        throw pages.unsupported(
          `has an object at byte ${address} that shares a message of kind ${kind} with others`,
        )
      const alike = messages.get(kind)
      if (alike) alike.push(body)
      else messages.set(kind, [body])
    }
  }
  return messages
}

interface HeaderMessage {
  readonly kind: number
  readonly flags: number
  readonly body: Fields
}
type Edition = (fields: Fields) => Generator<HeaderMessage>
interface Block {
  readonly fields: Fields
  readonly edition: Edition
}

async function openFirst(pages: Pages, fields: Fields): Promise<Block> {
  fields.version(fields.u8(), 1)
  fields.skip(1)
  fields.u16() // how many messages: the block's size tells where they end
  fields.u32() // how many links lead here
  const size = fields.u32()
  return { edition: first, fields: await pages.fields(fields.start + 16, size, 'an object header') }
}

async function openSecond(pages: Pages, address: number): Promise<Block> {
  const fields = await pages.upTo(address, 34, 'an object header')
  fields.expect('OHDR')
  fields.version(fields.u8(), 2)
  const flags = fields.u8()
  if (flags & 0x20) fields.skip(16) // times
  if (flags & 0x10) fields.skip(4) // when attributes move elsewhere
  const size = fields.uint(1 << (flags & 3))
  const block = await pages.fields(address + fields.next, size, 'an object header')
  return { edition: flags & 4 ? ordered : second, fields: block }
}

async function continuation(pages: Pages, address: number, length: number, marked: boolean): Promise<Fields> {
  const block = await pages.fields(address, length, 'the rest of an object header')
  if (!marked) return block
  block.expect('OCHK')
  return block.part(Math.max(0, block.left - 4), block.what) // a checksum ends it
}

function* first(fields: Fields): Generator<HeaderMessage> {
  while (fields.left >= 8) {
    const [kind, size, flags] = [fields.u16(), fields.u16(), fields.u8()]
    fields.skip(3)
    yield { kind, flags, body: fields.part(size, 'a message of an object header') }
  }
}

function* second(fields: Fields): Generator<HeaderMessage> {
  while (fields.left >= 4) {
    const [kind, size, flags] = [fields.u8(), fields.u16(), fields.u8()]
    yield { kind, flags, body: fields.part(size, 'a message of an object header') }
  }
}

/** With the order in which the messages were made. */
function* ordered(fields: Fields): Generator<HeaderMessage> {
  while (fields.left >= 6) {
    const [kind, size, flags] = [fields.u8(), fields.u16(), fields.u8()]
    fields.skip(2)
    yield { kind, flags, body: fields.part(size, 'a message of an object header') }
  }
}
