/** @file Models saved in the browser under a name, beside the cache: what was saved is found whole, or as it was before. */
import { del, delMany, entries, get, set, setMany } from 'idb-keyval'
import type { FileCache } from '../cache'
import { CorruptFileError, FileNotFoundError, RepositoryNotFoundError } from '../errors'
import { type Files, joinPath } from '../files'
import { askForPersistence } from '../persistence'
import { deleteBlobs, lockOf, type Snapshot, type Stores } from '../stores'
import { inPieces, type Saving } from './saving'

/** Larger ones make reading slow, smaller ones many: as the cache's own. */
const CHUNK = 64 * 2 ** 20

type Place = [repository: string, path: string]

/** Save files under a name, beside those that are there. A tab that is closed meanwhile leaves nothing that can be found. */
export async function saveLocal(
  stores: Stores,
  name: string,
  files: Readonly<Record<string, Blob>>,
  saving: Saving,
): Promise<void> {
  askForPersistence()
  await alone(name, async () => {
    await forget(stores, await unfinished(stores, name))
    const id = crypto.randomUUID()
    const blobs = new Map(Object.keys(files).map((path) => [joinPath('', path), `${name}#${id}/${path}`]))
    const begun: [Place, string][] = [...blobs].map(([path, blob]) => [[name, path], blob])
    try {
      await setMany(begun, stores.downloads)
      for (const [path, file] of Object.entries(files)) {
        const write = (piece: Blob, at: number) => set([blobs.get(path)!, at], piece, stores.chunks)
        await inPieces(path, file, saving, write, CHUNK)
      }
      const pointers = [...blobs].map(([path, blob]): [string, { size: number }] => [
        blob,
        { size: files[path]!.size },
      ])
      await setMany(pointers, stores.blobs)
      await replace(stores, name, files, blobs, saving)
    } catch (error) {
      await forget(stores, begun)
      throw error
    }
    await delMany(
      begun.map(([place]) => place),
      stores.downloads,
    )
  })
}

/** The moment at which the new files are the ones that are found. */
async function replace(
  { snapshots, derived, ...stores }: Stores,
  name: string,
  files: Readonly<Record<string, Blob>>,
  blobs: ReadonlyMap<string, string>,
  { obsolete }: Saving,
): Promise<void> {
  const before = await get<Snapshot>([name, ''], snapshots)
  const kept = new Map(before?.files)
  for (const path of obsolete(kept.keys())) kept.delete(path)
  for (const [path, blob] of blobs) kept.set(path, { blob, size: files[path]!.size })
  await set([name, ''], { commit: '', files: kept } satisfies Snapshot, snapshots)
  const used = new Set([...kept.values()].map((entry) => entry?.blob))
  const gone = [...(before?.files.values() ?? [])].flatMap((entry) =>
    entry && !used.has(entry.blob) ? [entry.blob] : [],
  )
  await deleteBlobs(gone, { snapshots, derived, ...stores })
}

/** What a tab that was closed while it saved has left. */
const unfinished = async ({ downloads }: Stores, name: string) =>
  (await entries<Place, string>(downloads)).filter(([[owner]]) => owner === name)

async function forget(stores: Stores, begun: readonly [Place, string][]): Promise<void> {
  await deleteBlobs(
    begun.map(([, blob]) => blob),
    stores,
  )
  for (const [place] of begun) await del(place, stores.downloads)
}

/** One at a time, in all tabs. */
async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = globalThis.navigator?.locks
  // A sandboxed frame has locks that refuse to serve.
  const usable = await locks?.query().catch(() => undefined)
  return usable ? locks.request(lockOf(name), work) : work()
}

/** @throws {RepositoryNotFoundError} when nothing was saved under this name in this browser. */
export async function openLocal(name: string, cache: FileCache): Promise<Files> {
  const snapshot = await cache.snapshot(name, '')
  if (!snapshot)
    throw new RepositoryNotFoundError(
      `Nothing is saved as "${name}" in this browser. Save it with savePretrained("${name}"); cache.list() tells what there is.`,
    )
  const { files } = snapshot
  function find(path: string) {
    const entry = files.get(path)
    if (entry) return entry
    throw new FileNotFoundError(`"${name}" has no file "${path}". It has: ${[...files.keys()].join(', ')}.`)
  }
  return {
    name,
    commit: undefined,
    list: async () => [...files.keys()],
    async file(path, { onProgress }) {
      const { blob, size } = find(path)
      const file = await cache.blob(blob)
      if (!file)
        throw new CorruptFileError(
          `"${path}" of "${name}" can't be read any more: it was saved anew or removed meanwhile, or the browser lost it. Load it again, or save it again.`,
        )
      onProgress?.({ file: path, loaded: file.size, total: size })
      return file
    },
    size: async (path) => find(path).size,
    version: async (path) => find(path).blob,
  }
}
