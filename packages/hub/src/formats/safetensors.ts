/** @file The safetensors container: a JSON header that says where each tensor's bytes lie, then the bytes. */
import { CorruptCheckpointError, TruncatedFileError } from '../errors'
import { type CheckpointDType, countOf, itemSize, type TensorFile } from '../tensor-entry'

const PREFIX = 8 // the header's length, u64 little endian
const MAX_HEADER = 100_000_000 // the format's own limit

/**
 * Read the header of a safetensors file; the tensors stay where they are.
 * @throws {TruncatedFileError} @throws {CorruptCheckpointError}
 */
export async function readSafetensors(file: string, blob: Blob): Promise<TensorFile> {
  const { text, end } = await readHeader(file, blob)
  const corrupt = (what: string, cause?: unknown) =>
    new CorruptCheckpointError(`"${file}" is no valid safetensors file: ${what}. Download it again.`, {
      cause,
    })
  const header = parse(text, corrupt)
  const { __metadata__: metadata = {}, ...tensors } = header
  if (!isObject(metadata) || Object.values(metadata).some((value) => typeof value !== 'string'))
    throw corrupt('"__metadata__" is no object of strings')

  const entries = Object.entries(tensors)
    .map(([name, tensor]) => ({ ...describe(name, tensor, corrupt), blob, file }))
    .sort((a, b) => a.offset - b.offset || a.length - b.length)
  let next = 0
  for (const { name, offset, length } of entries) {
    if (offset !== next)
      throw corrupt(
        `tensor "${name}" begins at byte ${end + offset}, expected ${end + next}, where the one before ends`,
      )
    next = offset + length
  }
  if (end + next > blob.size)
    throw new TruncatedFileError(
      `"${file}" has ${blob.size} bytes, expected ${end + next}: tensor "${entries.at(-1)?.name}" is cut off. Download it again.`,
    )
  if (end + next < blob.size)
    throw corrupt(`it has ${blob.size} bytes, but its tensors end at byte ${end + next}`)
  return {
    entries: entries.map((entry) => ({ ...entry, offset: end + entry.offset })),
    metadata: metadata as Record<string, string>,
  }
}

/** The header's text, and the byte at which it ends. */
async function readHeader(file: string, blob: Blob): Promise<{ text: string; end: number }> {
  const truncated = (expected: number) =>
    new TruncatedFileError(
      `"${file}" has ${blob.size} bytes, but its safetensors header ends at byte ${expected}. Download it again.`,
    )
  if (blob.size < PREFIX) throw truncated(PREFIX)
  const length = new DataView(await blob.slice(0, PREFIX).arrayBuffer()).getBigUint64(0, true)
  if (length > MAX_HEADER)
    throw new CorruptCheckpointError(
      `"${file}" is no valid safetensors file: its first 8 bytes announce a header of ${length} bytes, expected at most ${MAX_HEADER}.`,
    )
  const end = PREFIX + Number(length)
  if (end > blob.size) throw truncated(end)
  const bytes = await blob.slice(PREFIX, end).arrayBuffer()
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), end }
  } catch (cause) {
    throw new CorruptCheckpointError(
      `"${file}" is no valid safetensors file: its header (bytes 8 to ${end}) is no UTF-8 text.`,
      { cause },
    )
  }
}

type Corrupt = (what: string, cause?: unknown) => CorruptCheckpointError

function parse(text: string, corrupt: Corrupt): Record<string, unknown> {
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch (cause) {
    throw corrupt('its header at byte 8 is no JSON', cause)
  }
  if (!isObject(header)) throw corrupt(`its header at byte 8 is no JSON object: ${text.slice(0, 40)}`)
  const twice = repeatedKey(text)
  if (twice !== undefined) throw corrupt(`its header names "${twice}" twice`)
  return header
}

/** `JSON.parse` keeps the last of two equal keys without a word, so the outermost keys are read again. */
function repeatedKey(json: string): string | undefined {
  const seen = new Set<string>()
  let depth = 0
  for (const [token, key] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*(?=:)|"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (key !== undefined && depth === 1) {
      const name: string = JSON.parse(key)
      if (seen.has(name)) return name
      seen.add(name)
    }
  }
  return undefined
}

/** One tensor's line of the header, checked; its offset is still relative to the header's end. */
function describe(name: string, tensor: unknown, corrupt: Corrupt) {
  const { dtype, shape, data_offsets: range } = isObject(tensor) ? tensor : {}
  if (!isDType(dtype))
    throw corrupt(
      `tensor "${name}" has dtype ${JSON.stringify(dtype)}, expected one of ${Object.keys(itemSize).join(', ')}`,
    )
  if (!isSizes(shape))
    throw corrupt(`tensor "${name}" has shape ${JSON.stringify(shape)}, expected whole numbers from 0`)
  if (!isSizes(range) || range.length !== 2 || range[0]! > range[1]!)
    throw corrupt(`tensor "${name}" has data_offsets ${JSON.stringify(range)}, expected [begin, end]`)
  const [offset, end] = range as [number, number]
  const length = end - offset
  const expected = countOf(shape) * itemSize[dtype]
  if (length !== expected)
    throw corrupt(
      `tensor "${name}" takes ${length} bytes, expected ${expected} for ${dtype} [${shape.join(', ')}]`,
    )
  return { name, dtype, shape, offset, length }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isDType = (value: unknown): value is CheckpointDType =>
  typeof value === 'string' && Object.hasOwn(itemSize, value)

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0)
