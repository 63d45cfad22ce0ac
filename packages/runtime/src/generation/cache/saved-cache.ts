/** @file A cache as a safetensors file: its keys and values, and the tokens that they are of. */
import type { CacheEntry } from '@webformers/graph'
import { openCheckpoint, type SavedTensor, type TensorEntry, writeSafetensors } from '@webformers/hub'
import { CacheError } from '../../errors'
import { arrayOf, type PlainTensor, type PlainTensors, sizeOf } from '../../tensor'
import type { Remembered } from './cache'
import type { KeptCache } from './kept-cache'
import type { Text } from './prefix'

/** The name of the file. */
export const FILE = 'cache.safetensors'

/** The tensors that hold the tokens, which of them count, and a sum of all others. */
const [TOKENS, KEEP, CHECKSUM] = ['input_ids', 'attention_mask', 'checksum'] as const
/** What holds the first keys or values of those that were forgotten. */
const beginningOf = (past: string) => `beginning.${past}`

/** What a file holds. */
export interface RestoredCache extends Remembered {
  readonly texts: readonly Text[]
  readonly length: number
}

/** What a cache holds, or the first `length` tokens of it, as a file; nothing where it is empty. */
export async function savedCache(kept: KeptCache, length?: number): Promise<Blob | undefined> {
  if (length !== undefined) kept.crop(length)
  if (kept.length === 0) return undefined
  const { texts } = kept
  const rows = (of: keyof Text): PlainTensor => ({
    dtype: 'int32',
    shape: [texts.length, kept.length],
    data: Int32Array.from(texts.flatMap((text) => Array.from(text[of]))),
  })
  const { past, beginnings } = await kept.tensors()
  const named = Object.entries(beginnings).map(([name, tensor]) => [beginningOf(name), tensor] as const)
  const all = { [TOKENS]: rows('tokens'), [KEEP]: rows('keep'), ...past, ...Object.fromEntries(named) }
  const sum = Int32Array.of(Object.values(all).map(bytesOf).map(checksum).reduce(together, 0))
  const tensors = Object.entries<PlainTensor>({
    ...all,
    [CHECKSUM]: { dtype: 'int32', shape: [1], data: sum },
  })
  return writeSafetensors(
    tensors.map(([name, tensor]): SavedTensor => {
      const dtype = tensor.dtype === 'int32' ? 'I32' : 'F32'
      return { name, dtype, shape: tensor.shape, bytes: bytesOf(tensor) }
    }),
  )
}

const bytesOf = ({ data }: PlainTensor) =>
  new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)

/** Changes with each bit of a tensor. */
function checksum({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): number {
  let sum = 0
  for (const word of new Int32Array(buffer, byteOffset, byteLength / 4)) sum = Math.imul(sum ^ word, 16777619)
  return sum
}
/** Of tensors in any order. */
const together = (sum: number, next: number) => (sum + next) | 0

/**
 * How many tokens a file holds, as its header tells.
 * @throws {TruncatedFileError} @throws {CorruptCheckpointError}
 * @throws {CacheError} when it is no file of a cache
 */
export async function openSavedCache(file: Blob): Promise<{ rows: number; length: number }> {
  const { entries } = await openCheckpoint({ [FILE]: file })
  const [rows = 0, length = 0] = entries.get(TOKENS)?.shape ?? []
  const sound = [TOKENS, KEEP].every((name) => fits(entries.get(name), 'I32', [rows, length]))
  if (!sound || rows === 0 || length === 0 || !fits(entries.get(CHECKSUM), 'I32', [1]))
    throw new CacheError(
      `The file has ${[...entries.keys()].slice(0, 3).join(', ') || 'no tensors'}, expected ${TOKENS} and ${KEEP} [rows, tokens] beside keys and values: it is no saved cache.`,
    )
  return { rows, length }
}

const fits = (entry: TensorEntry | undefined, dtype: 'I32' | 'F32', shape: readonly number[]) =>
  entry?.dtype === dtype && String(entry.shape) === String(shape) && entry.length === 4 * sizeOf(shape)

/**
 * What a file holds, as what a model remembers.
 * @param expected the model's keys and values
 * @throws {CacheError} when it is of a model of other layers or heads, or is not what was saved
 */
export async function restoredCache(file: Blob, expected: readonly CacheEntry[]): Promise<RestoredCache> {
  const { rows, length } = await openSavedCache(file)
  const { entries, bytes } = await openCheckpoint({ [FILE]: file })
  let sum = 0
  const read = async (name: string) => {
    const found = await bytes(name)
    if (name !== CHECKSUM) sum = together(sum, checksum(found))
    return found.buffer
  }
  const rowsOf = async (name: string) => {
    const all = new Int32Array(await read(name))
    return Array.from({ length: rows }, (_, i) => all.slice(i * length, (i + 1) * length))
  }
  const [tokens, keep] = [await rowsOf(TOKENS), await rowsOf(KEEP)]
  const past: PlainTensors = {}
  const beginnings: PlainTensors = {}
  for (const { past: name, shape, window } of expected) {
    const [, heads, , size] = shape.map(Number)
    const tensor = async (named: string, keys: number): Promise<PlainTensor> => {
      const entry = entries.get(named)
      const own = [rows, heads!, keys, size!]
      if (fits(entry, 'F32', own))
        return { dtype: 'float32', shape: own, data: arrayOf('float32', await read(named)) }
      throw another(
        `has ${entry ? `${entry.dtype} [${entry.shape}]` : 'nothing'} as ${named}, but this model keeps F32 [${own}]`,
      )
    }
    const keysOf = (named: string) => Math.min(length, entries.get(named)?.shape[2] ?? length)
    past[name] = await tensor(name, window === undefined ? length : keysOf(name))
    if (past[name].shape[2]! < length)
      beginnings[name] = await tensor(beginningOf(name), keysOf(beginningOf(name)))
  }
  const known = 3 + expected.length + Object.keys(beginnings).length
  if (entries.size !== known) throw another(`has ${entries.size} tensors, but this model keeps ${known}`)
  if (new Int32Array(await read(CHECKSUM))[0] !== sum)
    throw new CacheError(
      'The saved cache is not what was saved: its file was changed or damaged. Give the prompt without it.',
    )
  return { texts: tokens.map((row, i) => ({ tokens: row, keep: keep[i]! })), past, beginnings, length }
}

const another = (how: string) =>
  new CacheError(`The saved cache ${how}: it is another model's. Give the prompt without it.`)
