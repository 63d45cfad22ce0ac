/** @file Which files of a repository make its checkpoint, in Python's order of preference, and their download as one. */
import { FileNotFoundError } from './errors'
import type { ReadOptions } from './files'
import type { Repository } from './repository'
import { parseIndex } from './shard-index'

/** Which of a repository's checkpoints is meant. */
export interface CheckpointOptions {
  /** `'fp16'` means `model.fp16.safetensors`. */
  variant?: string
  /** `true` takes nothing but safetensors, `false` no safetensors. Default: safetensors first, else `pytorch_model.bin`. */
  useSafetensors?: boolean
  /** Take TensorFlow's `tf_model.h5`. */
  fromTf?: boolean
  /** Take `flax_model.msgpack`. */
  fromFlax?: boolean
  /** Take this GGUF file, with its own configuration and tokenizer. */
  ggufFile?: string
}

/** A checkpoint's name whole, and that of its index where it is in several files. */
type Names = readonly [whole: string, index: string]

const SAFETENSORS: Names = ['model.safetensors', 'model.safetensors.index.json']
const PYTORCH: Names = ['pytorch_model.bin', 'pytorch_model.bin.index.json']
const TENSORFLOW: Names = ['tf_model.h5', 'tf_model.h5.index.json']
const FLAX: Names = ['flax_model.msgpack', 'flax_model.msgpack.index.json']

/** The names to look for, best first. */
function candidates({ variant, useSafetensors, fromTf, fromFlax, ggufFile }: CheckpointOptions): string[] {
  if (ggufFile !== undefined) return [ggufFile]
  if (fromTf) return [...TENSORFLOW]
  if (fromFlax) return [...FLAX]
  const names = [...(useSafetensors === false ? [] : SAFETENSORS), ...(useSafetensors ? [] : PYTORCH)]
  return variant ? names.map((name) => name.replace(/\.(?=\w+$)/, `.${variant}.`)) : names
}

/** The first of the names that the repository has. */
async function firstOf(
  names: readonly string[],
  repository: Repository,
  options: ReadOptions,
): Promise<string | undefined> {
  for (const name of names) if (await repository.has(name, options)) return name
  return undefined
}

/**
 * The file that holds a repository's checkpoint, or its index where there are several.
 * @throws {FileNotFoundError} when there is none of that kind; it lists what was looked for, and what is there instead.
 */
export async function findCheckpoint(
  repository: Repository,
  options: CheckpointOptions & ReadOptions = {},
): Promise<string> {
  const names = candidates(options)
  const found = await firstOf(names, repository, options)
  if (found) return found
  const others = {
    useSafetensors: SAFETENSORS,
    'useSafetensors: false': PYTORCH,
    fromTf: TENSORFLOW,
    fromFlax: FLAX,
  }
  const hints: string[] = []
  for (const [option, kind] of Object.entries(others)) {
    const other = await firstOf(kind, repository, options)
    if (other && !names.includes(other))
      hints.push(`${other} (load it with ${option.includes(':') ? option : `${option}: true`})`)
  }
  throw new FileNotFoundError(
    `${repository.name} has no checkpoint to load. Looked for ${names.join(' and ')}. ` +
      (hints.length > 0
        ? `It has ${hints.join(', ')}.`
        : 'Check the repository, the subfolder and the variant.'),
  )
}

/**
 * Download the files of a repository's checkpoint. Progress is told of each shard; its `totals` count all of them.
 * @example
 * const files = await checkpointFiles(repository) // { 'model.safetensors': Blob }
 * const checkpoint = await openCheckpoint(files)
 * @throws {FileNotFoundError} when there is no such checkpoint; it lists what was looked for.
 */
export async function checkpointFiles(
  repository: Repository,
  options: CheckpointOptions & ReadOptions = {},
): Promise<Record<string, Blob>> {
  const found = await findCheckpoint(repository, options)
  return found.endsWith('.json')
    ? shardFiles(repository, found, options)
    : { [found]: await repository.file(found, options) }
}

async function shardFiles(
  repository: Repository,
  indexName: string,
  { onProgress, signal }: ReadOptions,
): Promise<Record<string, Blob>> {
  // Of a table nobody wants to see how it comes: bars would be full before the first shard begins.
  const index = await repository.file(indexName, { onProgress: () => {}, signal })
  const shards = [...new Set(parseIndex(indexName, await index.text()).values())]
  return { [indexName]: index, ...(await repository.files(shards, { onProgress, signal })) }
}
