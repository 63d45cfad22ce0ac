/** @file What a caller may say about fetching files, and the defaults `configure` sets once. */
import { InvalidSourceError } from './errors'

/**
 * Where a model lives: `'org/name'` on the Hub, the address of a folder (`'https://…'`, `'/…'`, `'./…'`, a `URL`), a picked
 * directory, files by path, as an `<input type="file" webkitdirectory>` or a drop gives them, or `'indexeddb://name'`, where
 * `savePretrained` put it.
 */
export type Source = string | URL | FileSystemDirectoryHandle | GivenFiles

/** Files that are here already. Of a `File` that came with its folder, the path inside that folder counts. */
export type GivenFiles =
  | FileList
  | readonly File[]
  | ReadonlyMap<string, Blob>
  | Readonly<Record<string, Blob>>

/** How far a download has come, in bytes; a `total` is unknown where the server does not say. */
export interface Progress {
  file: string
  loaded: number
  total: number | undefined
  /** Bytes a second, over the last seconds; 0 where nothing comes from the network. */
  rate: number
  /** The same of all files that the load has asked for by now, those that were cached included. */
  totals: { files: number; loaded: number; total: number | undefined; rate: number }
}

export interface FileOptions {
  /** A branch, a tag, a pull request (`'refs/pr/3'`) or a full commit. Default: `'main'`. */
  revision?: string
  /** A folder inside the repository in which every path is looked up. */
  subfolder?: string
  /** Sent to the endpoint's origin only; where it redirects to another one, the browser leaves it out. */
  token?: string
  /** Default: `'https://huggingface.co'`. */
  endpoint?: string
  /** Never touch the network. Like `local_files_only=True`. */
  localFilesOnly?: boolean
  /** Download again what is cached. Like `force_download=True`. */
  forceDownload?: boolean
  /** `false` neither reads nor fills the cache. Default: `true`. */
  cache?: boolean
  /** When the disk is full, remove the repositories that were not used for longest. Default: `false`, go on uncached. */
  evict?: boolean
  fetch?: typeof fetch
  onProgress?: (progress: Progress) => void
  signal?: AbortSignal
}

/** What can be set once for all loads; an option given to a call wins. */
export type Defaults = Pick<
  FileOptions,
  'token' | 'endpoint' | 'localFilesOnly' | 'cache' | 'evict' | 'fetch'
>

const builtin = { revision: 'main', subfolder: '', endpoint: 'https://huggingface.co', cache: true }
let defaults: Defaults = {}

/**
 * Set defaults for every later load. Like `HF_ENDPOINT`, `HF_TOKEN` and `HF_HUB_OFFLINE` in Python.
 * @example
 * configure({ endpoint: 'https://hub.example.org' })
 */
export function configure(changes: Defaults): void {
  defaults = { ...defaults, ...changes }
}

/** The options with every default filled in. */
export type Settings = Omit<FileOptions, 'fetch'> &
  Required<Pick<FileOptions, 'revision' | 'subfolder' | 'endpoint' | 'cache' | 'fetch'>>

/** Fill in what was configured, and the library's own defaults. */
export function settle(options: FileOptions): Settings {
  const given = (values: object) =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
  const settings: Settings = { ...builtin, fetch: globalThis.fetch, ...given(defaults), ...given(options) }
  return { ...settings, endpoint: absolute(settings.endpoint) }
}

/** An address without its last slash; a relative one is relative to the page, or to a worker's own script. */
export function absolute(address: string | URL): string {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href
  if (!URL.canParse(address, base))
    throw new InvalidSourceError(`"${address}" is no address. Expected one like "https://huggingface.co".`)
  return new URL(address, base).href.replace(/\/+$/, '')
}
