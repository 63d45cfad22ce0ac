/** @file For tests: zip archives as no program would write them, and larger than memory. */
import { LongBlob } from './long-blob'

export interface WrittenEntry {
  name: string
  data: Blob | Uint8Array<ArrayBuffer>
  /** 8 where the data is deflated, which is up to the caller. */
  method?: number
  flags?: number
  /** What the headers say, where that is not so. */
  size?: number
  compressed?: number
  header?: number
  local?: { name?: string; method?: number; size?: number; flags?: number; extra?: Uint8Array<ArrayBuffer> }
}

const u16 = (value: number) => [value & 255, (value >> 8) & 255]
const u32 = (value: number) => [...u16(value & 0xffff), ...u16(value >>> 16)]
const u64 = (value: number) => [...u32(value % 2 ** 32), ...u32(Math.floor(value / 2 ** 32))]
const LARGE = 0xffffffff
const encode = (text: string) => new TextEncoder().encode(text)

/** The archive, its sizes and offsets in 64 bits where they need them or `zip64` asks for it. */
export function writeZip(
  entries: readonly WrittenEntry[],
  { zip64 = false, comment = '', change = (end: Record<string, number>) => end } = {},
): Blob {
  const parts: (Blob | Uint8Array<ArrayBuffer>)[] = []
  let at = 0
  const add = (part: Blob | Uint8Array<ArrayBuffer>) => {
    parts.push(part)
    at += part instanceof Blob ? part.size : part.length
  }
  const directory: Uint8Array<ArrayBuffer>[] = []
  for (const entry of entries) {
    const { name, data, method = 0, flags = 0, local = {} } = entry
    const length = data instanceof Blob ? data.size : data.length
    const { size = length, compressed = length, header = at } = entry
    const extra = local.extra ?? new Uint8Array(0)
    const localName = encode(local.name ?? name)
    const fields = [LARGE, LARGE].map((most, i) => Math.min(most, [compressed, local.size ?? size][i]!))
    const version = [
      ...u16(20),
      ...u16(local.flags ?? flags),
      ...u16(local.method ?? method),
      ...u32(0),
      ...u32(0),
    ]
    const lengths = [...u16(localName.length), ...u16(extra.length)]
    add(
      new Uint8Array([
        ...u32(0x04034b50),
        ...version,
        ...fields.flatMap(u32),
        ...lengths,
        ...localName,
        ...extra,
      ]),
    )
    add(data)
    const wide = [size, compressed, header].filter((value) => value >= LARGE || zip64)
    const values = [compressed, size].map((value) => (value >= LARGE || zip64 ? LARGE : value))
    const extra64 = wide.length > 0 ? [...u16(1), ...u16(8 * wide.length), ...wide.flatMap(u64)] : []
    const central = [...u16(20), ...u16(20), ...u16(flags), ...u16(method), ...u32(0), ...u32(0)]
    const spelled = encode(name)
    const place = header >= LARGE || zip64 ? LARGE : header
    const tail = [
      ...u16(spelled.length),
      ...u16(extra64.length),
      ...u16(0),
      ...u16(0),
      ...u16(0),
      ...u32(0),
      ...u32(place),
    ]
    directory.push(
      new Uint8Array([
        ...u32(0x02014b50),
        ...central,
        ...values.flatMap(u32),
        ...tail,
        ...spelled,
        ...extra64,
      ]),
    )
  }
  const begin = at
  for (const entry of directory) add(entry)
  const written = { count: entries.length, length: at - begin, begin, disk: 0 }
  const end = { ...written, ...change(written) }
  const end64 = at
  if (zip64 || begin >= LARGE) {
    add(
      new Uint8Array([
        ...[...u32(0x06064b50), ...u64(44), ...u16(45), ...u16(45), ...u32(0), ...u32(0)],
        ...[end.count, end.count, end.length, end.begin].flatMap(u64),
        ...[...u32(0x07064b50), ...u32(0), ...u64(end64), ...u32(1)],
      ]),
    )
  }
  const short = [Math.min(0xffff, end.count), Math.min(0xffff, end.count)].flatMap(u16)
  const long = [Math.min(LARGE, end.length), Math.min(LARGE, end.begin)].flatMap(u32)
  const closing = [...u32(0x06054b50), ...u16(end.disk), ...u16(0), ...short, ...long, ...u16(comment.length)]
  add(new Uint8Array([...closing, ...encode(comment)]))
  return at < 2 ** 31
    ? new Blob(parts)
    : new LongBlob(parts.map((part) => (part instanceof Blob ? part : new Blob([part]))))
}
