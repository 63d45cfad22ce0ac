/** @file The cache as a download uses it: it reads and keeps snapshots, blobs and what was made of them. */
import { del, get, set, update } from 'idb-keyval'
import { askForPersistence } from './persistence'
import {
  type Derived,
  deleteBlobs,
  type FileEntry,
  lockOf,
  type Pointer,
  type Snapshot,
  type Stores,
  storedChunks,
} from './stores'

/** Frees so many bytes for a file of `repository`, which itself stays; false where nothing more can go. */
export type MakeRoom = (bytes: number, repository: string) => Promise<boolean>

/** A cache never makes a load fail: what it cannot read is not cached, what it cannot store is warned of. */
export class FileCache {
  /** @param makeRoom where a full disk shall cost other repositories their place, and not this one its own */
  constructor(
    private readonly stores: Stores | undefined,
    private readonly makeRoom?: MakeRoom,
  ) {}

  /** The snapshot of a branch, tag or commit. */
  snapshot(repository: string, revision: string): Promise<Snapshot | undefined> {
    return this.quietly(async ({ refs, snapshots }) => {
      const commit = (await get<string>([repository, revision], refs)) ?? revision
      return get<Snapshot>([repository, commit], snapshots)
    })
  }

  async keepSnapshot(repository: string, revision: string, snapshot: Snapshot): Promise<void> {
    await this.store(`The list of files of ${repository}`, repository, async ({ refs, snapshots }) => {
      await set([repository, snapshot.commit], snapshot, snapshots)
      await set([repository, revision], snapshot.commit, refs)
    })
  }

  /** Note one file of a source that has neither commits nor a list of its files. */
  async keepEntry(repository: string, path: string, entry: FileEntry | null): Promise<void> {
    const note = (known?: Snapshot) => ({ commit: '', files: new Map(known?.files).set(path, entry) })
    await this.store(path, repository, ({ snapshots }) => update<Snapshot>([repository, ''], note, snapshots))
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

  /** Note that a repository was used, for whoever has to choose which one goes. */
  async keepUse(repository: string): Promise<void> {
    await this.quietly(({ uses }) => set(repository, Date.now(), uses))
  }

  /** Keep what was made of a repository's files, in place of what was made of earlier ones. */
  async keepDerived(repository: string, name: string, made: Derived): Promise<void> {
    await this.store(`The ${name} of ${repository}`, repository, ({ derived }) =>
      set([repository, name], made, derived),
    )
  }

  async removeBlob(id: string): Promise<void> {
    await this.quietly((stores) => deleteBlobs([id], stores))
  }

  /** The blob that an earlier download of a file began, and how many bytes of it are here. */
  started(repository: string, path: string): Promise<{ blob: string; size: number } | undefined> {
    return this.quietly(async (stores) => {
      const blob = await get<string>([repository, path], stores.downloads)
      return blob === undefined ? undefined : { blob, size: new Blob(await storedChunks(blob, stores)).size }
    })
  }

  /**
   * Store a blob chunk by chunk while it is downloaded, after the chunks that an earlier download left.
   * The id must pin the content: chunks that come at different times make one file.
   */
  async writer(repository: string, path: string, id: string): Promise<BlobWriter> {
    const place = [repository, path]
    if (this.stores) askForPersistence()
    let fine = await this.store(path, repository, async (stores) => {
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
          fine &&= await this.store(
            path,
            repository,
            async ({ chunks }) => {
              await set([id, begin], chunk, chunks)
              kept = (await get<Blob>([id, begin], chunks)) ?? chunk
            },
            chunk.size,
          )
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
        fine &&= await this.store(path, repository, async ({ blobs, downloads }) => {
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
    return locks && usable ? await locks.request(lockOf(id), { signal }, work) : work()
  }

  private async quietly<T>(operation: (stores: Stores) => Promise<T>): Promise<T | undefined> {
    try {
      return this.stores && (await operation(this.stores))
    } catch {
      return undefined
    }
  }

  /** Write; when the disk is full, again after others have made room, as long as there are any. */
  private async store(
    what: string,
    repository: string,
    operation: (stores: Stores) => Promise<void>,
    bytes = 1,
  ): Promise<boolean> {
    if (!this.stores) return false
    try {
      await operation(this.stores)
      return true
    } catch (error) {
      const full = error instanceof Error && error.name === 'QuotaExceededError'
      if (full && (await this.makeRoom?.(bytes, repository).catch(() => false)))
        return this.store(what, repository, operation, bytes)
      const reason = full ? 'the disk is full (cache.makeRoom() or the option evict: true makes room)' : error
      console.warn(
        `webformers: ${what} is used without being cached, because ${reason}; the next load downloads it again.`,
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
