/** @file Where files can be saved: a directory, the browser's own storage, a zip archive that is downloaded. */
import { SaveError, StorageFullError } from '../errors'
import { LOCAL_NAME } from '../place'
import { ProgressTracker } from '../progress'
import { browserStores } from '../stores'
import { saveInDirectory } from './directory'
import { saveLocal } from './local'
import type { SaveFilesOptions, Saving } from './saving'
import { downloadZip } from './zip'

/**
 * A directory that the user picked or that of the origin; `'indexeddb://name'`, which `fromPretrained('indexeddb://name')`
 * opens again; or `'name.zip'`, which the browser downloads.
 */
export type SaveTarget = FileSystemDirectoryHandle | string

export async function saveFiles(
  target: SaveTarget,
  files: Readonly<Record<string, Blob>>,
  { onProgress, signal }: SaveFilesOptions = {},
  obsolete: Saving['obsolete'] = () => [],
): Promise<string[]> {
  signal?.throwIfAborted()
  const progress = new ProgressTracker()
  for (const [file, { size }] of Object.entries(files)) progress.expect(file, size)
  const saving: Saving = { tell: progress.follow(onProgress), signal, obsolete }
  try {
    await writerFor(target)(files, saving)
  } catch (cause) {
    signal?.throwIfAborted()
    if (!isFull(cause)) throw cause
    const bytes = Object.values(files).reduce((sum, { size }) => sum + size, 0)
    throw new StorageFullError(
      `There is no room for the ${bytes} bytes of ${Object.keys(files).length} files in ${nameOf(target)}. ` +
        'Free some, with cache.remove() or on the disk; nothing of them was kept.',
      { cause },
    )
  }
  return Object.keys(files)
}

type Writer = (files: Readonly<Record<string, Blob>>, saving: Saving) => Promise<void>

function writerFor(target: SaveTarget): Writer {
  if (typeof target !== 'string') {
    return (files, saving) => saveInDirectory(target, files, saving)
  }
  if (LOCAL_NAME.test(target)) {
    const stores = browserStores()
    if (stores) return (files, saving) => saveLocal(stores, target, files, saving)
    throw new SaveError(`"${target}" can't be saved: there is no IndexedDB here.`)
  }
  if (/[^/\\]\.zip$/.test(target)) {
    return (files, saving) => downloadZip(target, files, saving)
  }
  throw new SaveError(
    `"${target}" is nothing to save in. Expected a directory handle, "indexeddb://my-model", or "my-model.zip".`,
  )
}

const nameOf = (target: SaveTarget) =>
  typeof target === 'string' ? target : `the directory "${target.name}"`

/** Browsers are about to make it a class of its own, with the same name. */
const isFull = (error: unknown) =>
  error instanceof StorageFullError || (error instanceof Error && error.name === 'QuotaExceededError')
