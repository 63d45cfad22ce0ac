/** @file A checkpoint: tensors by name, whichever files hold them. */
import { CorruptCheckpointError, FileNotFoundError, MissingTensorError } from './errors'
import { readerOf } from './formats'
import { isIndex, parseIndex } from './shard-index'
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
  const index = Object.keys(files).find(isIndex)
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

/** A few names that end alike, since a wrong prefix is the usual reason. */
function nearby(name: string, entries: ReadonlyMap<string, TensorEntry>): string {
  const ending = name.split('.').slice(-2).join('.')
  const alike = [...entries.keys()].filter((key) => key.endsWith(ending)).slice(0, 3)
  return alike.length > 0 ? `, among them ${alike.join(', ')}` : ''
}
