/** @file A checkpoint in as many safetensors files as it needs, split as Python's `save_pretrained` splits it. */
import { SaveError } from '../errors'
import { pythonJson } from '../python-json'
import { countOf } from '../tensor-entry'
import { byteLength, type SavedTensor, writeSafetensors } from './write-safetensors'

export interface ShardOptions {
  /** The bytes of a file's tensors, as a number or as `'200MB'`, `'5GB'`, `'1GiB'`. Default: `'5GB'`. */
  maxShardSize?: number | string
  /** `'fp16'` makes the file `model.fp16.safetensors`. */
  variant?: string
}

/** Units of sizes: those of Python, and those of 1024. */
const UNITS: Readonly<Record<string, number>> = {
  TB: 1e12,
  GB: 1e9,
  MB: 1e6,
  KB: 1e3,
  TIB: 2 ** 40,
  GIB: 2 ** 30,
  MIB: 2 ** 20,
  KIB: 2 ** 10,
}

/**
 * A size in bytes.
 * @example parseSize('200MB') // 200000000
 * @throws {SaveError} when it has no unit that is known, or is no size.
 */
export function parseSize(size: number | string): number {
  const [, digits, unit] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(String(size)) ?? []
  const bytes =
    typeof size === 'number'
      ? size
      : Math.floor(Number(digits) * (UNITS[unit?.toUpperCase() ?? ''] ?? Number.NaN))
  if (bytes > 0) return bytes
  throw new SaveError(
    `maxShardSize is ${JSON.stringify(size)}. Expected bytes as a positive number, or a number with one of ${Object.keys(UNITS).join(', ')}, as "200MB".`,
  )
}

/**
 * The files of a checkpoint: one, or shards with their index. Like `save_pretrained` in Python, whose files have these very bytes.
 * @param tensors in the order of `state_dict()`, each once
 * @example
 * Object.keys(writeCheckpoint(tensors, { maxShardSize: '200MB' }))
 * // ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors', 'model.safetensors.index.json']
 * @throws {SaveError} when `maxShardSize` is no size.
 */
export function writeCheckpoint(
  tensors: readonly SavedTensor[],
  { maxShardSize = '5GB', variant }: ShardOptions = {},
): Record<string, Blob> {
  const infix = variant ? `.${variant}` : ''
  const shards = split(tensors, parseSize(maxShardSize))
  if (shards.length <= 1) return { [`model${infix}.safetensors`]: writeSafetensors(tensors) }
  const number = (n: number) => String(n).padStart(5, '0')
  const named = shards.map(
    (shard, i) => [`model${infix}-${number(i + 1)}-of-${number(shards.length)}.safetensors`, shard] as const,
  )
  const places = named.flatMap(([file, shard]) => shard.map(({ name }) => [name, file] as const))
  const sum = (count: (tensor: SavedTensor) => number) =>
    tensors.reduce((total, tensor) => total + count(tensor), 0)
  const total_parameters = sum(({ shape, buffer }) => (buffer ? 0 : countOf(shape)))
  const index = {
    metadata: { total_parameters, total_size: sum(byteLength) },
    weight_map: Object.fromEntries(places),
  }
  return {
    ...Object.fromEntries(named.map(([file, shard]) => [file, writeSafetensors(shard)])),
    [`model.safetensors.index${infix}.json`]: new Blob([...pythonJson(index, { ascii: true })]),
  }
}

/** In the order given: a shard ends before the tensor that would make it too large; one larger by itself has its own. */
function split(tensors: readonly SavedTensor[], most: number): SavedTensor[][] {
  const shards: SavedTensor[][] = []
  let current: SavedTensor[] = []
  let size = 0
  for (const tensor of tensors) {
    const bytes = byteLength(tensor)
    if (bytes > most) {
      shards.push([tensor])
      continue
    }
    if (size + bytes > most) {
      shards.push(current)
      current = []
      size = 0
    }
    current.push(tensor)
    size += bytes
  }
  return current.length > 0 ? [...shards, current] : shards
}

/** Files of an earlier checkpoint of the same variant that the one written now leaves behind. */
export function staleFiles(present: Iterable<string>, written: Readonly<Record<string, Blob>>): string[] {
  const variants = Object.keys(written).flatMap((path) => CHECKPOINT.exec(path)?.slice(1).join('') ?? [])
  return [...present].filter((path) => {
    const found = CHECKPOINT.exec(path)
    return found && !(path in written) && variants.includes(found.slice(1).join(''))
  })
}

/** The names above: the variant stands in front of the shard's number, and behind the index. */
const CHECKPOINT =
  /^model(?:\.([\w-]+?))?(?:-\d{5}-of-\d{5})?\.safetensors$|^model\.safetensors\.index(?:\.([\w-]+))?\.json$/
