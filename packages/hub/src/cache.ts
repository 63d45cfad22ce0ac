/** @file The cache, laid out as Python's: a ref names a commit, a snapshot its files, a blob their bytes. Kept in IndexedDB. */
import {
  createStore,
  del,
  delMany,
  get,
  getMany,
  promisifyRequest,
  set,
  type UseStore,
  update,
} from 'idb-keyval'

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
  chunks: number
}

/** A database each, since idb-keyval gives a database a single store. */
export interface Stores {
  /** `[repository, revision]` → commit */
  refs: UseStore
  /** `[repository, commit]` → `Snapshot` */
  snapshots: UseStore
  /** blob's id → `Pointer` */
  blobs: UseStore
  /** `[blob's id, index]` → `Blob` */
  chunks: UseStore
}

let opened: Stores | undefined

/** The browser's stores; none where there is no IndexedDB. */
export function browserStores(): Stores | undefined {
  if (typeof indexedDB === 'undefined') return undefined
  const store = (name: string) => createStore(`webformers-${name}`, name)
  opened ??= {
    refs: store('refs'),
    snapshots: store('snapshots'),
    blobs: store('blobs'),
    chunks: store('chunks'),
  }
  return opened
}

/** A cache never makes a load fail: what it cannot read is not cached, what it cannot store is warned of. */
export class FileCache {
  constructor(private readonly stores: Stores | undefined) {}

  /** The snapshot of a branch, tag or commit. */
  snapshot(repository: string, revision: string): Promise<Snapshot | undefined> {
    return this.quietly(async ({ refs, snapshots }) => {
      const commit = (await get<string>([repository, revision], refs)) ?? revision
      return get<Snapshot>([repository, commit], snapshots)
    })
  }

  async keepSnapshot(repository: string, revision: string, snapshot: Snapshot): Promise<void> {
    await this.store(`The list of files of ${repository}`, async ({ refs, snapshots }) => {
      await set([repository, snapshot.commit], snapshot, snapshots)
      await set([repository, revision], snapshot.commit, refs)
    })
  }

  /** Note one file of a source that has neither commits nor a list of its files. */
  async keepEntry(repository: string, path: string, entry: FileEntry | null): Promise<void> {
    const note = (known?: Snapshot) => ({ commit: '', files: new Map(known?.files).set(path, entry) })
    await this.store(path, ({ snapshots }) => update<Snapshot>([repository, ''], note, snapshots))
  }

  blob(id: string): Promise<Blob | undefined> {
    return this.quietly(async ({ blobs, chunks }) => {
      const pointer = await get<Pointer>(id, blobs)
      if (!pointer) return undefined
      const keys = Array.from({ length: pointer.chunks }, (_, index) => [id, index])
      const parts = await getMany<Blob>(keys, chunks)
      const blob = new Blob(parts.filter((part) => part !== undefined))
      return blob.size === pointer.size ? blob : undefined
    })
  }

  async removeBlob(id: string): Promise<void> {
    await this.quietly((stores) => deleteBlobs([id], stores))
  }

  /** Store a blob chunk by chunk while it is downloaded. */
  writer(id: string, file: string): BlobWriter {
    let size = 0
    let count = 0
    // An older copy goes first, or its pointer would vouch for a mixture of both.
    let stored = this.store(file, ({ blobs }) => del(id, blobs))
    const discard = async () => {
      await stored
      await this.removeBlob(id)
    }
    return {
      write: (chunk) => {
        const key = [id, count++]
        size += chunk.size
        stored = stored.then((fine) => fine && this.store(file, ({ chunks }) => set(key, chunk, chunks)))
      },
      finish: async () => {
        const pointer = { size, chunks: count }
        const fine = (await stored) && (await this.store(file, ({ blobs }) => set(id, pointer, blobs)))
        if (fine) return this.blob(id)
        await discard()
        return undefined
      },
      discard,
    }
  }

  private async quietly<T>(operation: (stores: Stores) => Promise<T>): Promise<T | undefined> {
    try {
      return this.stores && (await operation(this.stores))
    } catch {
      return undefined
    }
  }

  private async store(what: string, operation: (stores: Stores) => Promise<void>): Promise<boolean> {
    if (!this.stores) return false
    try {
      await operation(this.stores)
      return true
    } catch (error) {
      const reason =
        error instanceof DOMException && error.name === 'QuotaExceededError' ? 'the disk is full' : error
      console.warn(
        `webformers: ${what} is used without being cached, because ${reason}; it will be downloaded again.`,
      )
      return false
    }
  }
}

export interface BlobWriter {
  write(chunk: Blob): void
  /** Wait for every chunk, then let the blob be found; `undefined` when it could not be stored. */
  finish(): Promise<Blob | undefined>
  discard(): Promise<void>
}

/** Remove blobs with their chunks, the pointers first: what is half removed is not there. */
export async function deleteBlobs(ids: string[], { blobs, chunks }: Stores): Promise<void> {
  await delMany(ids, blobs)
  await chunks('readwrite', (store) => {
    for (const id of ids) store.delete(IDBKeyRange.bound([id], [id, []]))
    return promisifyRequest(store.transaction)
  })
}
