/** @file What the cache holds, for whoever shows it or makes room. */
import { delMany, entries, keys, values } from 'idb-keyval'
import { browserStores, deleteBlobs, FileCache, type Pointer, type Snapshot, type Stores } from './cache'
import { joinPath } from './files'
import { type FileOptions, type Source, settle } from './options'
import { locate } from './place'

/** One repository at one commit, with the files that are here in whole. */
export interface CachedRepository {
  /** Its full address, e.g. `'https://huggingface.co/org/name'`. */
  repository: string
  /** Empty where there is none (folders). */
  commit: string
  files: { path: string; size: number }[]
}

type Where = Pick<FileOptions, 'endpoint'>

/** The contents of these stores; `cache` is that of the browser's. */
export function contentsOf(open: () => Stores | undefined) {
  async function list(): Promise<CachedRepository[]> {
    const stores = open()
    if (!stores) return []
    const pointers = new Map(await entries<string, Pointer>(stores.blobs))
    const snapshots = await entries<[string, string], Snapshot>(stores.snapshots)
    return snapshots.map(([[repository, commit], { files }]) => ({
      repository,
      commit,
      files: [...files].flatMap(([path, entry]) => {
        const pointer = entry ? pointers.get(entry.blob) : undefined
        return pointer ? [{ path, size: pointer.size }] : []
      }),
    }))
  }

  /** Bytes of whole files; what two commits share counts once. */
  async function size(): Promise<number> {
    const stores = open()
    const pointers = stores ? await values<Pointer>(stores.blobs) : []
    return pointers.reduce((sum, pointer) => sum + pointer.size, 0)
  }

  /** Remove one source with all its commits, or everything. Files that another repository shares stay. */
  async function remove(source?: Source, options: Where = {}): Promise<void> {
    const stores = open()
    if (!stores) return
    const key = source === undefined ? undefined : locate(source, settle(options)).key
    const goes = ([repository]: [string, string]) => source === undefined || repository === key
    const snapshots = await entries<[string, string], Snapshot>(stores.snapshots)
    const blobsOf = (chosen: typeof snapshots) =>
      new Set(chosen.flatMap(([, { files }]) => [...files.values()].flatMap((entry) => entry?.blob ?? [])))
    const going = snapshots.filter(([place]) => goes(place))
    const staying = blobsOf(snapshots.filter(([place]) => !goes(place)))
    const downloads = await entries<[string, string], string>(stores.downloads)
    const begun = downloads.flatMap(([place, blob]) => (goes(place) ? [blob] : []))
    for (const store of [stores.refs, stores.snapshots, stores.downloads, stores.derived]) {
      const places = await keys<[string, string]>(store)
      await delMany(places.filter(goes), store)
    }
    await deleteBlobs(
      [...blobsOf(going), ...begun].filter((blob) => !staying.has(blob)),
      stores,
    )
  }

  return { list, size, remove }
}

/**
 * What the browser's cache holds. Like `scan_cache_dir` in Python.
 * @example
 * await cache.list() // [{ repository: 'https://huggingface.co/org/name', commit: '8b3219a…', files: [{ path, size }, …] }]
 * await cache.remove('org/name')
 */
export const cache = /* @__PURE__ */ contentsOf(browserStores)

/**
 * Whether a file, or without a path anything at all, of this revision is in the cache. No request is made.
 * Like `try_to_load_from_cache` in Python.
 * @example
 * await isCached('sentence-transformers/all-MiniLM-L6-v2', 'model.safetensors') // true
 */
export async function isCached(
  source: Source,
  path?: string,
  options: Pick<FileOptions, 'revision' | 'subfolder' | 'endpoint'> = {},
  files = new FileCache(browserStores()),
): Promise<boolean> {
  const settings = settle(options)
  const place = locate(source, settings)
  if (place.kind === 'directory') return false
  const snapshot = await files.snapshot(place.key, place.kind === 'hub' ? settings.revision : '')
  const entries =
    path === undefined
      ? [...(snapshot?.files.values() ?? [])]
      : [snapshot?.files.get(joinPath(settings.subfolder, path))]
  for (const entry of entries) if (entry && (await files.blob(entry.blob))) return true
  return false
}
