/** @file Which of the kinds of source a source is, and the name the cache knows it by. */
import { InvalidSourceError } from './errors'
import { absolute, type GivenFiles, type Settings, type Source } from './options'

/** Where a source lives; `key` is its name in the cache, which holds nothing that is on this machine anyway. */
export type Place =
  | { kind: 'hub'; name: string; key: string }
  | { kind: 'folder'; key: string }
  | { kind: 'local'; key: string }
  | { kind: 'directory'; directory: FileSystemDirectoryHandle; key?: undefined }
  | { kind: 'files'; files: GivenFiles; key?: undefined }

const ADDRESS = /^(https?:\/\/|\.{0,2}\/)/
const HUB_NAME = /^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/

/** What `savePretrained('indexeddb://my-model')` saved in this browser, for good. */
export const LOCAL_NAME = /^indexeddb:\/\/[\w-][\w.-]*(\/[\w-][\w.-]*)*$/

export function locate(source: Source, { endpoint }: Settings): Place {
  if (source instanceof URL || (typeof source === 'string' && ADDRESS.test(source)))
    return { kind: 'folder', key: absolute(source) }
  if (typeof source === 'object' && source !== null)
    return isDirectory(source) ? { kind: 'directory', directory: source } : { kind: 'files', files: source }
  if (LOCAL_NAME.test(source)) return { kind: 'local', key: source }
  if (typeof source === 'string' && HUB_NAME.test(source))
    return { kind: 'hub', name: source, key: `${endpoint}/${source}` }
  throw new InvalidSourceError(
    `"${source}" is no repository. Expected "org/name", an address that starts with "https://", "/" or "./", "indexeddb://name", a directory handle, or files.`,
  )
}

const isDirectory = (source: FileSystemDirectoryHandle | GivenFiles): source is FileSystemDirectoryHandle =>
  'getFileHandle' in source && typeof source.getFileHandle === 'function'
