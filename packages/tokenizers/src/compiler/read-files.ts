/** @file A tokenizer's files from their bytes: JSON parsed, SentencePiece's models as bytes, the others as text; and those in a GGUF file. */
import { CorruptFileError, readGgufMetadata } from '@webformers/hub'
import type { TokenizerFiles } from '../pretrained/files'

/** @throws {CorruptFileError} when a JSON file is none, or a GGUF file. */
export async function readFiles(blobs: Readonly<Record<string, Blob>>): Promise<TokenizerFiles> {
  for (const [path, blob] of Object.entries(blobs)) {
    if (!path.endsWith('.gguf')) continue
    const { ggufFiles } = await import('../converters/gguf')
    return ggufFiles(await readGgufMetadata(path, blob))
  }
  const entries = Object.entries(blobs).map(
    async ([path, blob]) => [path, await readFile(path, blob)] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}

async function readFile(path: string, blob: Blob): Promise<unknown> {
  if (/\.(model|spm)$/.test(path)) return new Uint8Array(await blob.arrayBuffer())
  const text = await blob.text()
  if (!path.endsWith('.json')) return text
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new CorruptFileError(
      `"${path}" is no JSON (${(cause as SyntaxError).message}). It begins with: ${text.slice(0, 60)}`,
      { cause },
    )
  }
}
