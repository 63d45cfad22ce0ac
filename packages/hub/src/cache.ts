/** @file The cache, laid out as Python's: a ref names a commit, a snapshot its files, a blob their bytes. Kept in IndexedDB. */
import { createStore, del, delMany, get, promisifyRequest, set, type UseStore, update } from 'idb-keyval'

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
}

/** What was made of files, with what told their content from another's. */
export interface Derived {
  version: string
  value: unknown
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
    downloads: store('downloads'),
    derived: store('derived'),
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
    return this.quietly(async (stores) => {
      const pointer = await get<Pointer>(id, stores.blobs)
      const blob = pointer && new Blob(await storedChunks(id, stores))
      return blob?.size === pointer?.size ? blob : undefined
    })
  }

  derived(repository: string, name: string): Promise<Derived | undefined> {
    return this.quietly(({ derived }) => get<Derived>([repository, name], derived))
  }

  /** Keep what was made of a repository's files, in place of what was made of earlier ones. */
  async keepDerived(repository: string, name: string, made: Derived): Promise<void> {
    await this.store(`The ${name} of ${repository}`, ({ derived }) => set([repository, name], made, derived))
  }

  async removeBlob(id: string): Promise<void> {
    await this.quietly((stores) => deleteBlobs([id], stores))
  }

  /** How many bytes of a file an earlier download left. */
  async startedSize(repository: string, path: string): Promise<number> {
    const size = await this.quietly(async (stores) => {
      const id = await get<string>([repository, path], stores.downloads)
      return id === undefined ? 0 : new Blob(await storedChunks(id, stores)).size
    })
    return size ?? 0
  }

  /**
   * Store a blob chunk by chunk while it is downloaded, after the chunks that an earlier download left.
   * The id must pin the content: chunks that come at different times make one file.
   */
  async writer(repository: string, path: string, id: string): Promise<BlobWriter> {
    const place = [repository, path]
    let fine = await this.store(path, async (stores) => {
      const before = await get<string>(place, stores.downloads)
      // The file has changed since: of what it was, only a whole copy is worth keeping.
      if (before !== undefined && before !== id && !(await get(before, stores.blobs)))
        await deleteBlobs([before], stores)
      await set(place, id, stores.downloads)
      await del(id, stores.blobs)
    })
    const stored = (fine && (await this.quietly((stores) => storedChunks(id, stores)))) || []
    let { size } = new Blob(stored)
    let writing: Promise<unknown> = Promise.resolve()
    const discard = async () => {
      await writing
      await this.quietly(async (stores) => {
        await deleteBlobs([id], stores)
        await del(place, stores.downloads)
      })
    }
    return {
      stored,
      write: (chunk, begin) => {
        const written = writing.then(async () => {
          let kept = chunk
          fine &&= await this.store(path, async ({ chunks }) => {
            await set([id, begin], chunk, chunks)
            kept = (await get<Blob>([id, begin], chunks)) ?? chunk
          })
          return kept
        })
        size += chunk.size
        writing = written
        return written
      },
      pause: async () => {
        await writing
      },
      finish: async () => {
        await writing
        fine &&= await this.store(path, async ({ blobs, downloads }) => {
          await set(id, { size }, blobs)
          await del(place, downloads)
        })
        if (!fine) await discard()
      },
      discard,
    }
  }

  /** Do the work while no other tab does the same: the second to come finds in the cache what the first put there. */
  async alone<T>(id: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const locks = this.stores && globalThis.navigator?.locks
    // A sandboxed frame has locks that refuse to serve.
    const usable = await locks?.query().catch(() => undefined)
    return locks && usable ? await locks.request(`webformers ${id}`, { signal }, work) : work()
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
        `webformers: ${what} is used without being cached, because ${reason}; the next load does without.`,
      )
      return false
    }
  }
}

export interface BlobWriter {
  /** The blob's beginning, as far as it is here. */
  readonly stored: Blob[]
  /** Store a chunk at its place in the file; gives it back from the disk, where it fills no memory. */
  write(chunk: Blob, begin: number): Promise<Blob>
  /** Wait for every chunk, and leave them for another download to go on from. */
  pause(): Promise<void>
  /** Wait for every chunk, then let the blob be found; discard it when one could not be stored. */
  finish(): Promise<void>
  discard(): Promise<void>
}

/** The places of a blob's chunks. */
const chunksOf = (id: string) => IDBKeyRange.bound([id], [id, []])

/** The chunks that join up from the first byte on; one that overlaps is an older download's. */
async function storedChunks(id: string, { chunks }: Stores): Promise<Blob[]> {
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
