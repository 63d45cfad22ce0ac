/** @file A cache as a safetensors file: its keys and values, and the tokens that they are of. */
import type { CacheEntry } from '@webformers/graph'
import { openCheckpoint, type SavedTensor, type TensorEntry, writeSafetensors } from '@webformers/hub'
import { CacheError } from '../../errors'
import { arrayOf, type PlainTensor, type PlainTensors, sizeOf } from '../../tensor'
import type { KeptCache } from './kept-cache'
import type { Text } from './prefix'

/** The tensors that hold the tokens, and which of them count. */
const [TOKENS, KEEP, CHECKSUM] = ['input_ids', 'attention_mask', 'checksum'] as const

/** What a file holds. */
export interface RestoredCache {
  readonly texts: readonly Text[]
  /** Keys and values by the names of the inputs that hold them. */
  readonly past: PlainTensors
}

const bytesOf = ({ data }: PlainTensor) =>
  new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)

/** What a cache holds, or the first `length` tokens of it, as a file; nothing where it is empty. */
export async function savedCache(kept: KeptCache, length?: number): Promise<Blob | undefined> {
  if (length !== undefined) kept.crop(length)
  if (kept.length === 0) return undefined
  const texts = kept.texts
  const shape = [texts.length, kept.length]
  const rows = (of: keyof Text) => Int32Array.from(texts.flatMap((text) => Array.from(text[of])))
  const past = Object.entries(await kept.tensors()).map(
    ([name, tensor]): SavedTensor => ({
      name,
      dtype: 'F32',
      shape: tensor.shape,
      bytes: bytesOf(tensor),
    }),
  )
  const whole = (name: string, own: readonly number[], data: Int32Array): SavedTensor => ({
    name,
    dtype: 'I32',
    shape: own,
    bytes: bytesOf({ dtype: 'int32', shape: own, data }),
  })
  const tensors = [whole(TOKENS, shape, rows('tokens')), whole(KEEP, shape, rows('keep')), ...past]
  const sums = tensors.map(({ bytes }) => checksum(bytes as Uint8Array<ArrayBuffer>))
  return writeSafetensors([...tensors, whole(CHECKSUM, [1], Int32Array.of(sums.reduce(together, 0)))])
}

/** Changes with each bit of a tensor. */
function checksum({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): number {
  let sum = 0
  for (const word of new Int32Array(buffer, byteOffset, byteLength / 4)) sum = Math.imul(sum ^ word, 16777619)
  return sum
}
/** The sum of tensors in any order. */
const together = (sum: number, next: number) => (sum + next) | 0

/**
 * What a file holds, as far as its header tells.
 * @throws {TruncatedFileError} @throws {CorruptCheckpointError} when it is no file of a cache
 */
export async function openSavedCache(file: Blob): Promise<{ rows: number; length: number }> {
  const { entries } = await openCheckpoint({ [FILE]: file })
  const tokens = entries.get(TOKENS)
  const [rows = 0, length = 0] = tokens?.shape ?? []
  if (tokens?.dtype !== 'I32' || entries.get(KEEP)?.dtype !== 'I32' || rows === 0 || length === 0)
    throw new CacheError(
      `The file has ${[...entries.keys()].slice(0, 3).join(', ') || 'no tensors'}, expected ${TOKENS} and ${KEEP} [rows, tokens] beside keys and values: it is no saved cache.`,
    )
  return { rows, length }
}

/** The name of the file. */
export const FILE = 'cache.safetensors'

/**
 * What a file holds, as what a model remembers.
 * @param expected the model's keys and values
 * @throws {CacheError} when it is of a model of other layers or heads
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
  const [tokens, keep] = [new Int32Array(await read(TOKENS)), new Int32Array(await read(KEEP))]
  const texts = Array.from({ length: rows }, (_, i) => ({
    tokens: tokens.slice(i * length, (i + 1) * length),
    keep: keep.slice(i * length, (i + 1) * length),
  }))
  const past: Record<string, PlainTensor> = {}
  for (const {
    past: name,
    shape: [, heads, , size],
  } of expected) {
    const shape = [rows, Number(heads), length, Number(size)]
    const entry = entries.get(name)
    if (!fits(entry, shape))
      throw new CacheError(
        `The saved cache has ${entry ? `${entry.dtype} [${entry.shape}]` : 'nothing'} as ${name}, but this model keeps F32 [${shape}]: it is another model's. Give the prompt without it.`,
      )
    past[name] = { dtype: 'float32', shape, data: arrayOf('float32', await read(name)) }
  }
  if (entries.size !== expected.length + 3)
    throw new CacheError(
      `The saved cache has ${entries.size - 3} keys and values, but this model keeps ${expected.length}: it is another model's. Give the prompt without it.`,
    )
  if (new Int32Array(await read(CHECKSUM))[0] !== sum)
    throw new CacheError(
      'The saved cache was changed since it was saved, or its file was damaged. Give the prompt without it.',
    )
  return { texts, past }
}

const fits = (entry: TensorEntry | undefined, shape: readonly number[]) =>
  entry?.dtype === 'F32' && String(entry.shape) === String(shape) && entry.length === 4 * sizeOf(shape)
