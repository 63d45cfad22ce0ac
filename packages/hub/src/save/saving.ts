/** @file What every way of saving is told, and how files are handed on piece by piece. */
import type { Progress } from '../options'
import type { Tell } from '../progress'

export interface SaveFilesOptions {
  onProgress?: (progress: Progress) => void
  signal?: AbortSignal
}

/** What each kind of target is told: where to report, when to stop, and which files there the new ones make obsolete. */
export interface Saving {
  readonly tell: Tell
  readonly signal: AbortSignal | undefined
  readonly obsolete: (present: Iterable<string>) => string[]
}

/** Pieces of this size are written at a time, so that progress is told and an abort is heard in between. */
const PIECE = 16 * 2 ** 20

/** Hand a file on piece by piece. */
export async function inPieces(
  file: string,
  blob: Blob,
  { tell, signal }: Pick<Saving, 'tell' | 'signal'>,
  write: (piece: Blob, begin: number) => Promise<unknown>,
  size = PIECE,
): Promise<void> {
  tell({ file, loaded: 0, total: blob.size })
  for (let begin = 0; begin < blob.size; begin += size) {
    signal?.throwIfAborted()
    const end = Math.min(begin + size, blob.size)
    await write(blob.slice(begin, end), begin)
    tell({ file, loaded: end, total: blob.size })
  }
  signal?.throwIfAborted()
}
