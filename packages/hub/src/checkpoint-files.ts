/** @file Which files of a repository make its checkpoint, and their download as one. */
import { parseIndex } from './checkpoint'
import { FileNotFoundError } from './errors'
import type { ReadOptions } from './files'
import type { Repository } from './repository'

const WHOLE = 'model.safetensors'
const INDEX = 'model.safetensors.index.json'
/** Shards that are downloaded side by side: more connections bring no more bytes. */
const AT_ONCE = 3
const UNREAD = ['pytorch_model.bin', 'pytorch_model.bin.index.json', 'tf_model.h5', 'flax_model.msgpack']

/**
 * Download the files of a repository's checkpoint. Progress is told as of one file, `model.safetensors`,
 * however many shards there are.
 * @example
 * const files = await checkpointFiles(repository) // { 'model.safetensors': Blob }
 * const checkpoint = await openCheckpoint(files)
 * @throws {FileNotFoundError} when there is no checkpoint we can read; it lists what was looked for.
 */
export async function checkpointFiles(
  repository: Repository,
  options: ReadOptions = {},
): Promise<Record<string, Blob>> {
  if (await repository.has(WHOLE, options)) return { [WHOLE]: await repository.file(WHOLE, options) }
  if (await repository.has(INDEX, options)) return shardFiles(repository, options)
  const unread: string[] = []
  for (const name of UNREAD) if (await repository.has(name, options)) unread.push(name)
  throw new FileNotFoundError(
    `${repository.name} has no checkpoint we can read. Looked for ${WHOLE} and ${INDEX}. ` +
      (unread.length > 0
        ? `It has ${unread.join(', ')}, which we do not read yet: save it as safetensors (save_pretrained in Python).`
        : 'Check the repository and the subfolder.'),
  )
}

async function shardFiles(
  repository: Repository,
  { onProgress, signal }: ReadOptions,
): Promise<Record<string, Blob>> {
  const index = await repository.file(INDEX, { signal })
  const shards = [...new Set(parseIndex(INDEX, await index.text()).values())]
  const sizes = await Promise.all(shards.map((shard) => repository.size(shard, { signal })))
  const total = sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, size) => sum + size!, 0)
  const files: Record<string, Blob> = { [INDEX]: index }
  const loaded = new Map<string, number>()
  const report: ReadOptions['onProgress'] =
    onProgress &&
    ((progress) => {
      loaded.set(progress.file, progress.loaded)
      onProgress({ file: WHOLE, loaded: [...loaded.values()].reduce((sum, bytes) => sum + bytes), total })
    })
  // One that fails stops the others.
  const failure = new AbortController()
  const signals = [failure.signal, signal].filter((signal) => signal !== undefined)
  const options = { onProgress: report, signal: AbortSignal.any(signals) }
  const waiting = shards.values()
  const fetchSome = async () => {
    for (const shard of waiting) files[shard] = await repository.file(shard, options)
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, fetchSome))
  } catch (error) {
    failure.abort(error)
    throw error
  }
  return files
}
