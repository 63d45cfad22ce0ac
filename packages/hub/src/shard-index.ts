/** @file The index of a sharded checkpoint: which file holds which tensor. */
import { CorruptCheckpointError } from './errors'

/** `model.safetensors.index.json`, and `model.safetensors.index.fp16.json` of a variant. */
const INDEX = /\.([a-z0-9]+)\.index(\.[\w-]+)?\.json$/
export const isIndex = (file: string): boolean => INDEX.test(file)

/** A shard lies beside its index: a name with a folder in it would lead elsewhere. */
const BESIDE = /^[^/\\]+$/

/** A sharded checkpoint's table: tensor → the file that holds it. @throws {CorruptCheckpointError} */
export function parseIndex(index: string, text: string): Map<string, string> {
  const corrupt = (what: string, cause?: unknown) =>
    new CorruptCheckpointError(`"${index}" is no index of shards: ${what}.`, { cause })
  let table: unknown
  try {
    table = JSON.parse(text)?.weight_map
  } catch (cause) {
    throw corrupt('it is no JSON', cause)
  }
  if (typeof table !== 'object' || table === null || Array.isArray(table))
    throw corrupt('it has no object "weight_map"')
  const [, container] = INDEX.exec(index) ?? []
  const places = Object.entries(table as Record<string, unknown>)
  for (const [name, shard] of places) {
    const fits = typeof shard === 'string' && BESIDE.test(shard) && containerOf(shard) === container
    if (!fits)
      throw corrupt(
        `tensor "${name}" is said to be in ${JSON.stringify(shard)}, expected a .${container} file in the same folder`,
      )
  }
  return new Map(
    (places as [string, string][]).map(([name, shard]) => [spelledInShard(container!, name), shard]),
  )
}

/** The container a file's name tells. */
export const containerOf = (file: string): string => file.slice(file.lastIndexOf('.') + 1)

/** How a shard spells a name of its index: TensorFlow's leave out the model's class, other than of names with `model.`. */
const spelledInShard = (container: string, name: string): string =>
  container === 'h5' && !name.includes('model.') ? name.replace(/^[^/]*\//, '') : name
