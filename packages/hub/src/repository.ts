/** @file A repository: the files of one model at one commit, wherever they live. */
import { FileCache } from './cache'
import { openDirectory } from './directory'
import { fetchAll } from './download-several'
import { CorruptFileError, FileNotFoundError } from './errors'
import { roomIn } from './evict'
import { type Files, joinPath, type ReadOptions, type TellOptions } from './files'
import { openFolder } from './folder'
import { openGiven } from './given-files'
import { openHub } from './hub'
import { type FileOptions, type Settings, type Source, settle } from './options'
import { LOCAL_NAME, locate } from './place'
import { ProgressTracker } from './progress'
import { abortable } from './request'
import { openLocal } from './save/local'
import { browserStores } from './stores'

export interface Repository {
  /** `'org/name'`, the folder's address, or the directory's name. */
  readonly name: string
  /** The commit every file comes from; `undefined` where there is none (folders). */
  readonly commit: string | undefined
  /** The paths of all files, where the source tells them; a folder of a web server does not. */
  list(): Promise<readonly string[] | undefined>
  /** @throws {FileNotFoundError} @throws {ChecksumError} */
  file(path: string, options?: ReadOptions): Promise<Blob>
  /** Several files, a few side by side; the totals of the progress count all of them from the start.
   * @throws {FileNotFoundError} @throws {ChecksumError} the first failure, which stops the rest */
  files(paths: readonly string[], options?: ReadOptions): Promise<Record<string, Blob>>
  /** @throws {FileNotFoundError} @throws {CorruptFileError} when it is no JSON */
  json<T>(path: string, options?: ReadOptions): Promise<T>
  /** @throws {FileNotFoundError} */
  text(path: string, options?: ReadOptions): Promise<string>
  /** Whether the file is there; nothing is downloaded. */
  has(path: string, options?: ReadOptions): Promise<boolean>
  /** The file's bytes, where they are known without downloading it. @throws {FileNotFoundError} */
  size(path: string, options?: ReadOptions): Promise<number | undefined>
  /**
   * What is made of files that were read, kept until one of them changes or the repository is removed from the cache.
   * @param name with its format's version in it, so that a newer one finds no older one's.
   */
  derived<T>(name: string, paths: readonly string[], make: () => Promise<T>): Promise<T>
}

/**
 * Open a repository: its revision is resolved to a commit once, and every file comes from that commit.
 * Like `hf_hub_download` in Python, cache and offline behaviour included.
 * @example
 * const repository = await openRepository('sentence-transformers/all-MiniLM-L6-v2')
 * await repository.json('config.json') // { model_type: 'bert', hidden_size: 384, … }
 * @throws {RepositoryNotFoundError} @throws {RevisionNotFoundError} @throws {GatedRepositoryError}
 * @throws {OfflineError} when the network is away and the revision is not cached
 */
export async function openRepository(source: Source, options: FileOptions = {}): Promise<Repository> {
  const settings = settle(options)
  const local = typeof source === 'string' && LOCAL_NAME.test(source)
  const stores = settings.cache || local ? browserStores() : undefined
  const makeRoom = stores && settings.evict ? roomIn(stores) : undefined
  return openWith(new FileCache(stores, makeRoom), source, settings)
}

/** `openRepository` with the cache as an argument. */
export async function openWith(cache: FileCache, source: Source, settings: Settings): Promise<Repository> {
  settings.signal?.throwIfAborted()
  const { key } = locate(source, settings)
  const files = await abortable(openSource(cache, source, settings), settings.signal)
  const progress = new ProgressTracker()
  let used = false

  /** Its repository is the last one to go when room is needed. */
  async function use(): Promise<void> {
    if (used || key === undefined) return
    used = true
    await cache.keepUse(key)
  }

  /** Whatever is waited for, be it the network or the disk, an abort ends the waiting. */
  async function read<T>(
    path: string,
    options: ReadOptions = {},
    fetch: (path: string, options: TellOptions) => Promise<T>,
  ): Promise<T> {
    const { onProgress = settings.onProgress } = options
    const signals = [settings.signal, options.signal].filter((signal) => signal !== undefined)
    const signal = AbortSignal.any(signals)
    signal.throwIfAborted()
    const tell = progress.follow(onProgress)
    return abortable(fetch(joinPath(settings.subfolder, path), { onProgress: tell, signal }), signal)
  }

  const repository: Repository = {
    name: files.name,
    commit: files.commit,
    async list() {
      const folder = settings.subfolder && `${joinPath(settings.subfolder, '')}/`
      const paths = await files.list()
      return paths?.flatMap((path) => (path.startsWith(folder) ? path.slice(folder.length) : []))
    },
    async file(path, options) {
      const file = await read(path, options, files.file)
      await use()
      return file
    },
    async files(paths, options = {}) {
      const sizes = await Promise.all(paths.map((path) => repository.size(path, options)))
      for (const [i, path] of paths.entries()) progress.expect(joinPath(settings.subfolder, path), sizes[i])
      return fetchAll(paths, repository.file, options)
    },
    size: (path, options) => read(path, options, files.size),
    text: async (path, options) => (await repository.file(path, options)).text(),
    async json<T>(path: string, options?: ReadOptions): Promise<T> {
      const text = await repository.text(path, options)
      try {
        return JSON.parse(text)
      } catch (cause) {
        throw new CorruptFileError(
          `"${path}" of ${files.name} is no JSON (${(cause as SyntaxError).message}). It begins with: ${text.slice(0, 60)}`,
          { cause },
        )
      }
    },
    async derived<T>(name: string, paths: readonly string[], make: () => Promise<T>) {
      const versions = await Promise.all(
        paths.map((path) => files.version(joinPath(settings.subfolder, path))),
      )
      if (key === undefined || versions.includes(undefined)) return make()
      // The order in which files came says nothing.
      const version = paths
        .map((path, i) => `${path} ${versions[i]}`)
        .toSorted()
        .join('\n')
      const place = [name, settings.subfolder].filter(Boolean).join(' ')
      const kept = settings.forceDownload ? undefined : await cache.derived(key, place)
      if (kept?.version === version) return kept.value as T
      const value = await make()
      await cache.keepDerived(key, place, { version, value })
      return value
    },
    async has(path, options) {
      try {
        await repository.size(path, options)
        return true
      } catch (error) {
        if (error instanceof FileNotFoundError) return false
        throw error
      }
    },
  }
  return repository
}

async function openSource(cache: FileCache, source: Source, settings: Settings): Promise<Files> {
  const place = locate(source, settings)
  if (place.kind === 'directory') return openDirectory(place.directory)
  if (place.kind === 'files') return openGiven(place.files)
  if (place.kind === 'local') return openLocal(place.key, cache)
  if (place.kind === 'folder') return openFolder(place.key, settings, cache)
  return openHub(place.name, place.key, settings, cache)
}
