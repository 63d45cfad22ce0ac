/** @file What every kind of source can do: give a file, or tell its size. */
import { InvalidSourceError } from './errors'
import type { Progress } from './options'
import type { Tell } from './progress'

/** What one call may say for itself; the rest was said when the repository was opened. */
export interface ReadOptions {
  onProgress?: (progress: Progress) => void
  signal?: AbortSignal
}

/** The same, as the sources hear it. */
export interface TellOptions {
  onProgress?: Tell
  signal?: AbortSignal
}

/** The files of one source. Both calls throw a `FileNotFoundError` for a file that is not there. */
export interface Files {
  readonly name: string
  readonly commit: string | undefined
  /** The paths of all files, where the source tells them. */
  list(): Promise<readonly string[] | undefined>
  file(path: string, options: TellOptions): Promise<Blob>
  size(path: string, options: TellOptions): Promise<number | undefined>
  /** What tells the content of a file that was read from another's; undefined where nothing does. */
  version(path: string): Promise<string | undefined>
}

/** The path inside the source, refused when it could lead out of it. */
export function joinPath(subfolder: string, path: string): string {
  const joined = [subfolder.replace(/^\/+|\/+$/g, ''), path].filter(Boolean).join('/')
  const refused = joined.split('/').some((part) => part === '' || part === '.' || part === '..')
  if (refused || joined.includes('\\'))
    throw new InvalidSourceError(
      `"${joined}" is no path inside a repository. Expected names joined by "/", without "." or ".." among them.`,
    )
  return joined
}

/** A path as part of a URL: each name escaped, the slashes kept. */
export const escapePath = (path: string) => path.split('/').map(encodeURIComponent).join('/')
