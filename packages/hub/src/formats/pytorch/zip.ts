/**
 * @file Where the entries of a zip archive lie in a Blob. Our own, because a tensor is used where it lies: the libraries that read
 * zip (zip.js 2.24, unzipit 2.1) tell where an entry's bytes begin only once they have read all of them, and check neither
 * that entries lie apart nor, as we need it, that their two headers agree. The tail and the directory are all that is read.
 */
import { type Problems, quoted } from './problems'
import type { BlobWindow } from './window'

export interface ZipEntry {
  readonly name: string
  readonly deflated: boolean
  /** Bytes in the file, and bytes once inflated. */
  readonly compressed: number
  readonly size: number
  /** The byte at which its own header begins. */
  readonly header: number
}

export interface ZipDirectory {
  readonly entries: ReadonlyMap<string, ZipEntry>
  /** The byte at which the directory begins, and entries end. */
  readonly begin: number
}

const END = 0x06054b50
const END_LENGTH = 22
const MOST_COMMENT = 0xffff
const END64 = 0x06064b50
const END64_LENGTH = 56
const LOCATOR64 = 0x07064b50
const LOCATOR64_LENGTH = 20
const ENTRY = 0x02014b50
const ENTRY_LENGTH = 46
const LOCAL = 0x04034b50
const LOCAL_LENGTH = 30
const EXTRA64 = 1
const IN_EXTRA64 = 0xffffffff
const MOST_DIRECTORY = 2 ** 26

const ENCRYPTED = 1 // a bit of the flags
const STORED = 0
const DEFLATED = 8

/**
 * Read an archive's directory.
 * @throws {TruncatedFileError} @throws {CorruptCheckpointError}
 */
export async function readDirectory(
  blob: Blob,
  window: BlobWindow,
  problems: Problems,
): Promise<ZipDirectory> {
  const { count, begin, length, end } = await findDirectory(blob, window, problems)
  if (begin + length !== end)
    throw problems.corrupt(`its directory of ${length} bytes at byte ${begin} does not end at byte ${end}`)
  if (length > MOST_DIRECTORY || count * ENTRY_LENGTH > length)
    throw problems.corrupt(`its directory of ${length} bytes is said to list ${count} entries`)
  const view = new DataView(await blob.slice(begin, end).arrayBuffer())
  const entries = new Map<string, ZipEntry>()
  let at = 0
  for (let i = 0; i < count; i++) {
    const { entry, next } = parseEntry(view, at, begin + at, problems)
    if (entries.has(entry.name)) throw problems.corrupt(`it has ${quoted(entry.name)} twice`)
    entries.set(entry.name, entry)
    at = next
  }
  if (at !== length) throw problems.corrupt(`its directory's ${count} entries end at byte ${begin + at}`)
  return { entries, begin }
}

/** The end of the archive says where its directory lies: in 32 bits, and in 64 where there is a second end before it. */
async function findDirectory(blob: Blob, window: BlobWindow, problems: Problems) {
  const tail = Math.max(0, blob.size - END_LENGTH - MOST_COMMENT)
  const view = new DataView(await blob.slice(tail).arrayBuffer())
  let at = view.byteLength - END_LENGTH
  // The comment after it may be anything, but it has to end with the file.
  const isEnd = () =>
    view.getUint32(at, true) === END && at + END_LENGTH + view.getUint16(at + 20, true) === view.byteLength
  while (at >= 0 && !isEnd()) at--
  if (at < 0) throw problems.truncated(`it has ${blob.size} bytes and no zip directory at their end`)
  const end = tail + at
  const inOne = view.getUint32(at + 4, true) === 0 // no other disks
  const small = {
    count: view.getUint16(at + 10, true),
    length: view.getUint32(at + 12, true),
    begin: view.getUint32(at + 16, true),
    end,
  }
  const locator = await window.read(Math.max(0, end - LOCATOR64_LENGTH), LOCATOR64_LENGTH)
  const is64 = locator.byteLength === LOCATOR64_LENGTH && locator.getUint32(0, true) === LOCATOR64
  if (!inOne) throw problems.corrupt('its zip archive goes on in other files')
  if (!is64) return small
  const end64 = uint64(locator, 8)
  const record = end64 + END64_LENGTH <= end ? await window.read(end64, END64_LENGTH) : undefined
  if (record?.getUint32(0, true) !== END64)
    throw problems.corrupt(`its zip directory is said to end at byte ${end64}, where it does not`)
  const large = { count: uint64(record, 32), length: uint64(record, 40), begin: uint64(record, 48) }
  const agrees = (given: number, saturated: number, wide: number) => given === saturated || given === wide
  if (
    !agrees(small.count, 0xffff, large.count) ||
    !agrees(small.length, IN_EXTRA64, large.length) ||
    !agrees(small.begin, IN_EXTRA64, large.begin)
  )
    throw problems.corrupt('the two ends of its zip archive contradict each other')
  return { ...large, end: end64 }
}

function parseEntry(view: DataView, at: number, place: number, problems: Problems) {
  const fits = at + ENTRY_LENGTH <= view.byteLength && view.getUint32(at, true) === ENTRY
  const variable = fits ? [28, 30, 32].map((field) => view.getUint16(at + field, true)) : []
  const [nameLength = 0, extraLength = 0] = variable
  const next = variable.reduce((sum, length) => sum + length, at + ENTRY_LENGTH)
  if (!fits || next > view.byteLength)
    throw problems.corrupt(`byte ${place} begins no entry of its directory`)
  const name = text(view, at + ENTRY_LENGTH, nameLength)
  if (LEADS_OUT.test(name)) throw problems.corrupt(`it has an entry ${quoted(name)}, which leads out of it`)
  const method = view.getUint16(at + 10, true)
  if (view.getUint16(at + 8, true) & ENCRYPTED || (method !== STORED && method !== DEFLATED))
    throw problems.corrupt(
      `${quoted(name)} is encrypted or compressed by method ${method}, expected stored (0) or deflated (8)`,
    )
  const [size, compressed, header] = wide(
    [24, 20, 42].map((field) => view.getUint32(at + field, true)),
    new DataView(view.buffer, view.byteOffset + at + ENTRY_LENGTH + nameLength, extraLength),
  )
  if (size === undefined || compressed === undefined || header === undefined)
    throw problems.corrupt(`${quoted(name)} is larger than its directory says`)
  const deflated = method === DEFLATED
  if (!deflated && compressed !== size)
    throw problems.corrupt(
      `${quoted(name)} is stored as it is, in ${compressed} bytes, and said to have ${size}`,
    )
  return { entry: { name, deflated, compressed, size, header }, next }
}

/** A name is looked up and no more; an archive with one like these was made to harm whoever unpacks it. */
const LEADS_OUT = /^[/\\]|^[a-z]:|\\|\0|(^|\/)\.\.(\/|$)/i

/** Numbers that take 64 bits are in an extra field, in this order; `undefined` where they are not. */
function wide(values: readonly number[], extra: DataView): (number | undefined)[] {
  let at = 0
  let left: DataView | undefined
  while (at + 4 <= extra.byteLength) {
    const length = extra.getUint16(at + 2, true)
    if (at + 4 + length > extra.byteLength) break
    if (extra.getUint16(at, true) === EXTRA64)
      left ??= new DataView(extra.buffer, extra.byteOffset + at + 4, length)
    at += 4 + length
  }
  let field = 0
  return values.map((value) => {
    if (value !== IN_EXTRA64) return value
    field += 8
    return left && field <= left.byteLength ? uint64(left, field - 8) : undefined
  })
}

/**
 * The byte at which an entry's own bytes begin, behind its header there.
 * @throws {CorruptCheckpointError} when that header tells of another entry than the directory does
 */
export async function beginOf(
  { name, deflated, compressed, size, header }: ZipEntry,
  { begin: limit }: ZipDirectory,
  window: BlobWindow,
  problems: Problems,
): Promise<number> {
  const corrupt = () =>
    problems.corrupt(`at byte ${header} there is no ${quoted(name)} as its directory tells of it`)
  if (header + LOCAL_LENGTH > limit) throw corrupt()
  const fixed = await window.read(header, LOCAL_LENGTH)
  const nameLength = fixed.getUint16(26, true)
  const begin = header + LOCAL_LENGTH + nameLength + fixed.getUint16(28, true)
  if (fixed.getUint32(0, true) !== LOCAL || begin + compressed > limit) throw corrupt()
  const method = deflated ? DEFLATED : STORED
  const agrees =
    fixed.getUint16(8, true) === method &&
    (fixed.getUint16(6, true) & ENCRYPTED) === 0 &&
    // Whoever writes as it goes knows the sizes only later, and leaves 0 here.
    [0, IN_EXTRA64, compressed].includes(fixed.getUint32(18, true)) &&
    [0, IN_EXTRA64, size].includes(fixed.getUint32(22, true))
  if (!agrees || text(await window.read(header + LOCAL_LENGTH, nameLength), 0, nameLength) !== name)
    throw corrupt()
  return begin
}

const utf8 = new TextDecoder()
const text = (view: DataView, at: number, length: number) =>
  utf8.decode(new Uint8Array(view.buffer, view.byteOffset + at, length))

/** Beyond 2⁵³ it is rounded: no file has so many bytes, so that it is found too large either way. */
const uint64 = (view: DataView, at: number) =>
  view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32
