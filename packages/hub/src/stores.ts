/** @file IndexedDB as the cache uses it, laid out as Python's cache: a ref names a commit, a snapshot its files, a blob their bytes. */
import { createStore, delMany, promisifyRequest, type UseStore } from 'idb-keyval'

/** One file of a snapshot: the id of the blob with its content, and its bytes where known. */
export interface FileEntry {
  blob: string
  size: number | undefined
}

/** The files at one commit. `null` is a file known to be missing, where no complete list tells. */
export interface Snapshot {
  commit: string
  files: Map<string, FileEntry | null>
}

/** Written when every chunk is stored: a blob without one is not there. */
export interface Pointer {
  size: number
}

/** What was made of files, with what told their content from another's. */
export interface Derived {
  version: string
  value: unknown
}

/** A database each, since idb-keyval gives a database a single store. */
export interface Stores {
  /** `[repository, revision]` → commit */
  refs: UseStore
  /** `[repository, commit]` → `Snapshot` */
  snapshots: UseStore
  /** blob's id → `Pointer` */
  blobs: UseStore
  /** `[blob's id, its first byte's place in the file]` → `Blob` */
  chunks: UseStore
  /** `[repository, path]` → id of the blob that is being downloaded, or was when something broke off */
  downloads: UseStore
  /** `[repository, name]` → `Derived` */
  derived: UseStore
  /** repository → when a file of it was last read, in milliseconds since 1970 */
  uses: UseStore
}

/** Stores under one prefix; the tests have theirs. */
export function storesNamed(prefix: string): Stores {
  const store = (name: string) => createStore(`${prefix}-${name}`, name)
  return {
    refs: store('refs'),
    snapshots: store('snapshots'),
    blobs: store('blobs'),
    chunks: store('chunks'),
    downloads: store('downloads'),
    derived: store('derived'),
    uses: store('uses'),
  }
}

let opened: Stores | undefined

/** The browser's stores; none where there is no IndexedDB. */
export function browserStores(): Stores | undefined {
  if (typeof indexedDB === 'undefined') return undefined
  opened ??= storesNamed('webformers')
  return opened
}

/** The places of a blob's chunks. */
const chunksOf = (id: string) => IDBKeyRange.bound([id], [id, []])

/** The chunks that join up from the first byte on; one that overlaps is an older download's. */
export async function storedChunks(id: string, { chunks }: Stores): Promise<Blob[]> {
  const [places, blobs] = await chunks('readonly', (store) =>
    Promise.all([
      promisifyRequest(store.getAllKeys(chunksOf(id))),
      promisifyRequest<Blob[]>(store.getAll(chunksOf(id))),
    ]),
  )
  let end = 0
  return blobs.filter((blob, index) => {
    const [, begin] = places[index] as [string, number]
    const joins = begin === end
    if (joins) end += blob.size
    return joins
  })
}

/** Remove blobs with their chunks, the pointers first: what is half removed is not there. */
export async function deleteBlobs(ids: string[], { blobs, chunks }: Stores): Promise<void> {
  await delMany(ids, blobs)
  await chunks('readwrite', (store) => {
    for (const id of ids) store.delete(chunksOf(id))
    return promisifyRequest(store.transaction)
  })
}

/** What the lock of a blob's download is called, among all tabs. */
export const lockOf = (blob: string) => `webformers ${blob}`

/** The blobs that some tab downloads at this moment. */
export async function blobsBeingDownloaded(): Promise<Set<string>> {
  // A sandboxed frame has locks that refuse to serve.
  const state = await globalThis.navigator?.locks?.query().catch(() => undefined)
  const names = (state?.held ?? []).flatMap(({ name }) => name ?? [])
  const prefix = lockOf('')
  return new Set(names.flatMap((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : [])))
}
