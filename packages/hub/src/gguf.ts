/** @file What a GGUF file says of itself; what reads it is fetched when there is one. */
import type { readGgufMetadata as read } from './formats/gguf/metadata'
import type { GgufItem } from './formats/gguf/values'
import type { StoredBlocks } from './tensor-entry'

/**
 * What a `config.json` beside a GGUF file would say. Like `AutoConfig.from_pretrained(…, gguf_file=…)` in Python.
 * @example
 * await readGgufConfig('model.gguf', blob) // { model_type: 'llama', hidden_size: 576, … }
 * @throws {CorruptCheckpointError} @throws {TruncatedFileError} @throws {UnsupportedCheckpointError}
 */
export async function readGgufConfig(file: string, blob: Blob): Promise<Record<string, GgufItem>> {
  const [metadata, { ggufConfig }] = await Promise.all([
    readGgufMetadata(file, blob),
    import('./formats/gguf/config'),
  ])
  return ggufConfig(metadata)
}

/**
 * Read the keys of a GGUF file; arrays and tensors stay where they are.
 * @example
 * const metadata = await readGgufMetadata('smollm2.gguf', blob)
 * metadata.values.get('general.architecture') // 'llama'
 * @throws {TruncatedFileError} @throws {CorruptCheckpointError}
 * @throws {UnsupportedCheckpointError} when it is of the first version, or written on a big-endian machine.
 */
export const readGgufMetadata: typeof read = async (...given) =>
  (await import('./formats/gguf/metadata')).readGgufMetadata(...given)

/**
 * The tensors of a GGUF file whose blocks a kernel may take as they are, by their names in PyTorch, with the type of the blocks.
 * @example
 * (await readGgufBlocks('smollm2.gguf', blob)).get('model.layers.0.mlp.up_proj.weight') // 'Q4_1'
 * @throws {TruncatedFileError} @throws {CorruptCheckpointError} @throws {UnsupportedCheckpointError}
 */
export async function readGgufBlocks(
  file: string,
  blob: Blob,
): Promise<ReadonlyMap<string, StoredBlocks['type']>> {
  const { readGguf } = await import('./formats/gguf/read')
  const { entries } = await readGguf(file, blob)
  return new Map(entries.flatMap(({ name, blocks }) => (blocks ? [[name, blocks.type] as const] : [])))
}
