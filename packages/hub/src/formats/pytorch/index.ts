/**
 * @file PyTorch's checkpoints, `pytorch_model.bin` and whatever else `torch.save` wrote of a state dictionary. Their pickle is
 * read, never run, and their tensors stay where they are.
 */
import type { TensorFile } from '../../tensor-entry'
import { readArchive } from './archive'
import { readLegacy } from './legacy'
import { problemsOf, quoted } from './problems'

/**
 * Read where the tensors of a PyTorch checkpoint lie. Like `torch.load(file, weights_only=True)`.
 * @throws {UnsafeCheckpointError} when it names or does what no tensor needs; nothing of it was run
 * @throws {UnsupportedCheckpointError} when a tensor is complex, quantized, sparse or the like
 * @throws {TruncatedFileError} @throws {CorruptCheckpointError}
 */
export async function readPytorch(file: string, blob: Blob): Promise<TensorFile> {
  const start = new Uint8Array(await blob.slice(0, 32).arrayBuffer())
  const begins = (...bytes: number[]) => bytes.every((byte, i) => start[i] === byte)
  if (begins(0x50, 0x4b, 3, 4)) return { entries: await readArchive(file, blob), metadata: {} }
  if (begins(0x80)) return { entries: await readLegacy(file, blob), metadata: {} }
  if (start.length === 0) throw problemsOf(file).truncated('it is empty')
  throw problemsOf(file).corrupt(
    `it begins with ${quoted(new TextDecoder().decode(start))}, expected a zip archive or a pickle`,
  )
}
