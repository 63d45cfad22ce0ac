/** @file The configuration in a GGUF file; what reads it is fetched when there is one. */
import type { GgufItem } from './formats/gguf/values'

/**
 * What a `config.json` beside a GGUF file would say. Like `AutoConfig.from_pretrained(…, gguf_file=…)` in Python.
 * @example
 * await readGgufConfig('model.gguf', blob) // { model_type: 'llama', hidden_size: 576, … }
 * @throws {CorruptCheckpointError} @throws {TruncatedFileError} @throws {UnsupportedCheckpointError}
 */
export async function readGgufConfig(file: string, blob: Blob): Promise<Record<string, GgufItem>> {
  const [{ readGgufMetadata }, { ggufConfig }] = await Promise.all([
    import('./formats/gguf/metadata'),
    import('./formats/gguf/config'),
  ])
  return ggufConfig(await readGgufMetadata(file, blob))
}
