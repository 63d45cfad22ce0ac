/** @file Room on a full disk: the repositories that were not used for longest go first, never one that is being loaded. */
import { entries } from 'idb-keyval'
import type { MakeRoom } from './cache'
import { LOCAL_NAME } from './place'
import { removeFrom } from './remove'
import { blobsBeingDownloaded, type Pointer, type Snapshot, type Stores } from './stores'

/** A repository that was removed to make room. */
export interface Evicted {
  /** Its full address. */
  repository: string
  /** The bytes of its files, those aside that another repository shares. */
  size: number
}

/**
 * Remove repositories until so many bytes are free that were not, or none is left that may go.
 * @param except a repository that stays in any case
 */
export async function evict(stores: Stores, bytes: number, except?: string): Promise<Evicted[]> {
  const gone: Evicted[] = []
  let freed = 0
  for (const repository of await leastRecentlyUsed(stores)) {
    if (freed >= bytes) break
    if (repository === except || (await isBeingLoaded(stores, repository))) continue
    const before = await storedBytes(stores)
    await removeFrom(stores, repository)
    const size = before - (await storedBytes(stores))
    freed += size
    gone.push({ repository, size })
  }
  return gone
}

/** For a download that finds the disk full. */
export const roomIn =
  (stores: Stores): MakeRoom =>
  async (bytes, repository) => {
    const gone = await evict(stores, bytes, repository)
    for (const { repository } of gone)
      console.info(`webformers: ${repository} was removed from the cache to make room.`)
    return gone.length > 0
  }

async function leastRecentlyUsed({ snapshots, downloads, uses }: Stores): Promise<string[]> {
  const times = new Map(await entries<string, number>(uses))
  const places = [
    ...(await entries<[string, string], Snapshot>(snapshots)),
    ...(await entries<[string, string], string>(downloads)),
  ]
  const repositories = [...new Set(places.map(([[repository]]) => repository))].filter(
    (repository) => !LOCAL_NAME.test(repository), // what was saved here is nowhere else
  )
  const time = (repository: string) => times.get(repository) ?? 0
  return repositories.sort((a, b) => time(a) - time(b))
}

/** Whether a tab, this one or another, downloads one of its files now. */
async function isBeingLoaded({ downloads }: Stores, repository: string): Promise<boolean> {
  const running = await blobsBeingDownloaded()
  const begun = await entries<[string, string], string>(downloads)
  return begun.some(([[owner], blob]) => owner === repository && running.has(blob))
}

/** Whole files and parts. */
async function storedBytes({ blobs, chunks }: Stores): Promise<number> {
  const pointers = new Map(await entries<string, Pointer>(blobs))
  const parts = await entries<[string, number], Blob>(chunks)
  const partial = parts.filter(([[blob]]) => !pointers.has(blob))
  const sum = (sizes: number[]) => sizes.reduce((all, size) => all + size, 0)
  return sum([...pointers.values()].map(({ size }) => size)) + sum(partial.map(([, blob]) => blob.size))
}
