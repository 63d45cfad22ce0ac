/** @file A checkpoint: tensors by name, whichever files hold them. */
import { CorruptCheckpointError, FileNotFoundError, MissingTensorError } from './errors'
import { containerOf, readerOf, spelledInShard } from './formats'
import { decodeEntry, type TensorEntry, type TensorFile } from './tensor-entry'

export interface Checkpoint {
  readonly entries: ReadonlyMap<string, TensorEntry>
  readonly metadata: Readonly<Record<string, string>>
  /** A tensor's numbers, row by row and little endian, read now. @throws {MissingTensorError} */
  bytes(name: string): Promise<Uint8Array<ArrayBuffer>>
}

/**
 * Open a checkpoint from its files: one of any container, or an index and its shards. Only headers are read.
 * Like `safetensors.safe_open` in Python, for PyTorch's, TensorFlow's, Flax's and GGUF's files as well; their tensors get the
 * names and the layout they have in PyTorch.
 * @example
 * const checkpoint = await openCheckpoint({ 'model.safetensors': blob })
 * checkpoint.entries.get('embeddings.LayerNorm.bias')?.shape // [384]
 * @throws {TruncatedFileError} @throws {CorruptCheckpointError} @throws {UnsafeCheckpointError}
 * @throws {FileNotFoundError} when the index names a shard that is not among the files
 */
export async function openCheckpoint(files: Readonly<Record<string, Blob>>): Promise<Checkpoint> {
  const index = Object.keys(files).find((name) => INDEX.test(name))
  const { entries: found, metadata } = await (index ? openShards(index, files) : openWhole(files))
  const entries = new Map(found.map((entry) => [entry.name, entry]))
  return {
    entries,
    metadata,
    async bytes(name) {
      const entry = entries.get(name)
      if (!entry)
        throw new MissingTensorError(
          `The checkpoint (${Object.keys(files).join(', ')}) has no tensor "${name}". It has ${entries.size}${nearby(name, entries)}.`,
        )
      const { blob, offset, length } = entry
      return decodeEntry(entry, new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()))
    },
  }
}

async function readFile(file: string, blob: Blob): Promise<TensorFile> {
  const read = await readerOf(file)
  return read(file, blob)
}

async function openWhole(files: Readonly<Record<string, Blob>>): Promise<TensorFile> {
  const names = Object.keys(files)
  const [name] = names
  if (name === undefined || names.length > 1)
    throw new FileNotFoundError(
      `No checkpoint among the files given (${names.join(', ') || 'none'}). Expected one file, or shards with their index.`,
    )
  return readFile(name, files[name]!)
}

async function openShards(index: string, files: Readonly<Record<string, Blob>>): Promise<TensorFile> {
  const places = parseIndex(index, await files[index]!.text())
  const shards = new Map<string, TensorFile>()
  for (const shard of new Set(places.values())) {
    const blob = files[shard]
    if (!blob)
      throw new FileNotFoundError(
        `"${index}" names the shard "${shard}", which is not among the files given: ${Object.keys(files).join(', ')}.`,
      )
    shards.set(shard, await readFile(shard, blob))
  }
  const entries = [...shards].flatMap(([shard, { entries }]) =>
    entries.filter((entry) => places.get(spelled(entry)) === shard),
  )
  const found = new Set(entries.map(spelled))
  for (const [name, shard] of places) {
    if (!found.has(name))
      throw new CorruptCheckpointError(
        `"${index}" says that tensor "${name}" is in "${shard}", which does not hold it. Both must come from one commit; download them again.`,
      )
  }
  return { entries, metadata: Object.assign({}, ...[...shards.values()].map(({ metadata }) => metadata)) }
}

/** An index lists the names that its shards use. */
const spelled = ({ name, originalName = name }: TensorEntry) => originalName

/** `model.safetensors.index.json`, and `model.safetensors.index.fp16.json` of a variant. */
const INDEX = /\.([a-z0-9]+)\.index(\.[\w-]+)?\.json$/
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

/** A few names that end alike, since a wrong prefix is the usual reason. */
function nearby(name: string, entries: ReadonlyMap<string, TensorEntry>): string {
  const ending = name.split('.').slice(-2).join('.')
  const alike = [...entries.keys()].filter((key) => key.endsWith(ending)).slice(0, 3)
  return alike.length > 0 ? `, among them ${alike.join(', ')}` : ''
}
