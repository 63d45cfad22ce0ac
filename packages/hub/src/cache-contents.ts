/** @file What the cache holds, for whoever shows it, checks it or makes room. */
import { entries, values } from 'idb-keyval'
import { type Evicted, evict } from './evict'
import { type FileOptions, type Source, settle } from './options'
import { locate } from './place'
import { removeFrom } from './remove'
import { browserStores, type Pointer, type Snapshot, type Stores } from './stores'
import type { Verification, VerifyOptions } from './verify'

/** One repository at one commit, with the files that are here in whole. */
export interface CachedRepository {
  /** Its full address, e.g. `'https://huggingface.co/org/name'`, which `cache.remove` and `cache.verify` take as well. */
  repository: string
  /** Empty where there is none (folders). */
  commit: string
  /** The branches and tags that were this commit when last asked. */
  revisions: string[]
  /** Bytes of these files; what another commit shares is counted there as well. */
  size: number
  /** When a file of the repository, at whatever commit, was last read. */
  lastUsed: Date | undefined
  files: { path: string; size: number }[]
}

type Where = Pick<FileOptions, 'endpoint'>

/** The contents of these stores; `cache` is that of the browser's. */
export function contentsOf(open: () => Stores | undefined) {
  const keyOf = (source: Source | undefined, where: Where) =>
    source === undefined ? undefined : locate(source, settle(where)).key

  /** What is there, by repository and commit. Like `scan_cache_dir` in Python.
   * @example
   * await cache.list() // [{ repository: 'https://huggingface.co/org/name', commit: '8b3219a…', revisions: ['main'], size: 91570432, … }]
   */
  async function list(): Promise<CachedRepository[]> {
    const stores = open()
    if (!stores) return []
    const pointers = new Map(await entries<string, Pointer>(stores.blobs))
    const refs = await entries<[string, string], string>(stores.refs)
    const uses = new Map(await entries<string, number>(stores.uses))
    const snapshots = await entries<[string, string], Snapshot>(stores.snapshots)
    return snapshots.map(([[repository, commit], snapshot]) => {
      const files = [...snapshot.files].flatMap(([path, entry]) => {
        const pointer = entry ? pointers.get(entry.blob) : undefined
        return pointer ? [{ path, size: pointer.size }] : []
      })
      const named = refs.filter(
        ([[name, revision], to]) => name === repository && to === commit && revision !== to,
      )
      const time = uses.get(repository)
      return {
        repository,
        commit,
        revisions: named.map(([[, revision]]) => revision),
        size: files.reduce((sum, { size }) => sum + size, 0),
        lastUsed: time === undefined ? undefined : new Date(time),
        files,
      }
    })
  }

  /** Bytes of all whole files; what two commits share counts once.
   * @example
   * await cache.size() // 91570432
   */
  async function size(): Promise<number> {
    const stores = open()
    const pointers = stores ? await values<Pointer>(stores.blobs) : []
    return pointers.reduce((sum, pointer) => sum + pointer.size, 0)
  }

  /** Remove a source with all its commits, or one of its revisions, or everything that can be downloaded again. Files that are
   * in use elsewhere stay, and what was saved here goes by its own name only.
   * Like `delete_revisions` in Python.
   * @example
   * await cache.remove('org/name', 'refs/pr/3')
   */
  async function remove(source?: Source, revision?: string, where: Where = {}): Promise<void> {
    const stores = open()
    const key = keyOf(source, where)
    // A directory or files in hand are not in the cache.
    if (stores && (source === undefined || key !== undefined)) await removeFrom(stores, key, revision)
  }

  /** Read every file of a source, or of all, and compare it with the size and the hash it should have. Like `hf cache verify`.
   * @example
   * const { ok, corrupt, unverifiable } = await cache.verify('org/name', { repair: true })
   * corrupt // [{ repository, commit, path: 'model.safetensors', reason: '67108864 of 91570432 bytes are stored' }]
   */
  async function verify(source?: Source, options: VerifyOptions & Where = {}): Promise<Verification> {
    const stores = open()
    const key = keyOf(source, options)
    if (!stores || (source !== undefined && key === undefined))
      return { ok: [], corrupt: [], unverifiable: [] }
    return (await import('./verify')).verifyStored(stores, key, options)
  }

  /** Remove the repositories that were not used for longest, until so many bytes fit; none that is being downloaded.
   * @example
   * await cache.makeRoom(2e9) // [{ repository: 'https://huggingface.co/org/old', size: 1340612432 }]
   */
  async function makeRoom(bytes: number): Promise<Evicted[]> {
    const stores = open()
    if (!stores) return []
    const { quota = 0, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {}
    return evict(stores, bytes - Math.max(0, quota - usage))
  }

  return { list, size, remove, verify, makeRoom }
}

/** What the browser's cache holds; all origins have their own. Like huggingface_hub's `scan_cache_dir` in Python. */
export const cache = /* @__PURE__ */ contentsOf(browserStores)
