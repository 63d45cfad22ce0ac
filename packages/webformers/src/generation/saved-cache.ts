/** @file Caches in the browser's own storage: each a file, beside models that were saved. */
import { CorruptFileError, FileNotFoundError, openRepository, SaveError, saveFiles } from '@webformers/hub'
import { CACHE_FILE, CacheError, openSavedCache } from '@webformers/runtime'

/** Keep a file under a name, in place of what was there.
 * @throws {CacheError} when there is none @throws {SaveError} @throws {StorageFullError} */
export async function saveCache(name: string, file: Blob | undefined): Promise<void> {
  if (!/^indexeddb:\/\//.test(name))
    throw new SaveError(
      `"${name}" is nothing to save a cache in. Expected a name such as "indexeddb://chats/1".`,
    )
  if (!file)
    throw new CacheError('This cache is empty: nothing was read, or the worker that held it was lost.')
  await saveFiles(name, { [CACHE_FILE]: file }, {}, (present) =>
    [...present].filter((path) => path !== CACHE_FILE),
  )
}

/** The file under a name, and how many tokens it holds.
 * @throws {RepositoryNotFoundError} @throws {CorruptFileError} @throws {CacheError} when something else is saved there */
export async function openCache(name: string): Promise<{ file: Blob; length: number }> {
  const repository = await openRepository(name)
  try {
    const file = await repository.file(CACHE_FILE)
    return { file, ...(await openSavedCache(file)) }
  } catch (error) {
    if (error instanceof FileNotFoundError)
      throw new CacheError(`"${name}" is no cache, but something else that was saved.`, { cause: error })
    if (error instanceof CorruptFileError)
      throw new CorruptFileError(
        `The cache "${name}" is damaged: give the prompt without it. ${error.message}`,
        {
          cause: error,
        },
      )
    throw error
  }
}
