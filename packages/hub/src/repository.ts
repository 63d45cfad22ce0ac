/** @file A repository: the files of one model at one commit, wherever they live. */
import type { FileOptions, Progress, Source } from './options'

/** What one call may say for itself; the rest was said when the repository was opened. */
export interface ReadOptions {
  onProgress?: (progress: Progress) => void
  signal?: AbortSignal
}

export interface Repository {
  /** `'org/name'`, the folder's address, or the directory's name. */
  readonly name: string
  /** The commit every file comes from; `undefined` where there is none (folders). */
  readonly commit: string | undefined
  /** @throws {FileNotFoundError} */
  file(path: string, options?: ReadOptions): Promise<Blob>
  /** @throws {FileNotFoundError} @throws {CorruptFileError} when it is no JSON */
  json<T>(path: string, options?: ReadOptions): Promise<T>
  /** @throws {FileNotFoundError} */
  text(path: string, options?: ReadOptions): Promise<string>
  /** Whether the file is there; nothing is downloaded. */
  has(path: string, options?: ReadOptions): Promise<boolean>
  /** The file's bytes, where they are known without downloading it. @throws {FileNotFoundError} */
  size(path: string, options?: ReadOptions): Promise<number | undefined>
}

export async function openRepository(_source: Source, _options: FileOptions = {}): Promise<Repository> {
  throw new Error('Being written.')
}
