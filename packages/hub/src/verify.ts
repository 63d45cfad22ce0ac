/** @file Reading the whole cache again: whether every file is there in full and has the hash it came with. */
import { entries } from 'idb-keyval'
import { checksumOf } from './checksum'
import { ChecksumError } from './errors'
import type { Progress } from './options'
import { ProgressTracker } from './progress'
import { deleteBlobs, type Pointer, type Snapshot, type Stores, storedChunks } from './stores'

/** A file in the cache. */
export interface CachedFile {
  /** The repository's full address. */
  repository: string
  commit: string
  path: string
}

export interface Verification {
  /** Files whose hash is the one that the Hub listed. */
  ok: CachedFile[]
  /** Files of which bytes are missing or others; `reason` says which. */
  corrupt: (CachedFile & { reason: string })[]
  /** Files of the right size for which no hash is known, as of folders. */
  unverifiable: CachedFile[]
}

export interface VerifyOptions {
  /** Remove what is corrupt, so that the next load downloads it again. */
  repair?: boolean
  onProgress?: (progress: Progress) => void
  signal?: AbortSignal
}

/** What is wrong with a file, if anything, and where nothing is, whether a hash said so. */
type Finding = 'ok' | 'unverifiable' | { reason: string }

/** Verify a repository's files, or everybody's. */
export async function verifyStored(
  stores: Stores,
  repository: string | undefined,
  { repair = false, onProgress, signal }: VerifyOptions,
): Promise<Verification> {
  const owners = await ownersOfBlobs(stores, repository)
  const pointers = (await entries<string, Pointer>(stores.blobs)).filter(([id]) => owners.has(id))
  const tracker = new ProgressTracker()
  for (const [id, { size }] of pointers) tracker.expect(nameOf(owners.get(id)!), size)
  const result: Verification = { ok: [], corrupt: [], unverifiable: [] }
  for (const [id, { size }] of pointers) {
    const files = owners.get(id)!
    const file = nameOf(files)
    const tell = tracker.follow(onProgress)
    tell({ file, loaded: 0, total: size })
    const finding = await check(id, size, (loaded) => tell({ file, loaded, total: size }))
    if (typeof finding === 'string') result[finding].push(...files)
    else result.corrupt.push(...files.map((file) => ({ ...file, ...finding })))
    if (typeof finding === 'object' && repair) await deleteBlobs([id], stores)
  }
  return result

  async function check(id: string, size: number, tell: (loaded: number) => void): Promise<Finding> {
    signal?.throwIfAborted()
    const chunks = await storedChunks(id, stores)
    const stored = chunks.reduce((sum, { size }) => sum + size, 0)
    if (stored !== size) return { reason: `${stored} of ${size} bytes are stored` }
    const checksum = await checksumOf({ blob: id, size })
    try {
      let read = 0
      for (const chunk of chunks) {
        await checksum?.add(chunk, signal)
        read += chunk.size
        tell(read)
      }
      await checksum?.check(nameOf(owners.get(id)!))
      return checksum ? 'ok' : 'unverifiable'
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof ChecksumError) return { reason: error.message }
      if (!(error instanceof DOMException)) throw error
      return { reason: `it cannot be read any more (${error.message})` }
    }
  }
}

/** The files that share a blob go by the first one's name. */
const nameOf = ([file]: CachedFile[]) => `${file!.repository}/${file!.path}`

async function ownersOfBlobs({ snapshots }: Stores, only: string | undefined) {
  const owners = new Map<string, CachedFile[]>()
  for (const [[repository, commit], { files }] of await entries<[string, string], Snapshot>(snapshots)) {
    if (only !== undefined && repository !== only) continue
    for (const [path, entry] of files)
      if (entry) owners.set(entry.blob, [...(owners.get(entry.blob) ?? []), { repository, commit, path }])
  }
  return owners
}
