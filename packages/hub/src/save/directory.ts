/** @file Saving in a directory: every file is written aside first, and takes its place when all of them are there. */
import { PermissionError, SaveError } from '../errors'
import { joinPath } from '../files'
import { pause } from '../pause'
import { inPieces, type Saving } from './saving'

/** A file that is written but not yet in its place. */
interface Draft {
  readonly folder: FileSystemDirectoryHandle
  readonly name: string
  readonly writable: FileSystemWritableFileStream
  /** Whether there was no file of that name: then an empty one is there now. */
  readonly created: boolean
}

/** @throws {PermissionError} when the page may not write there. */
export async function saveInDirectory(
  directory: FileSystemDirectoryHandle,
  files: Readonly<Record<string, Blob>>,
  saving: Saving,
): Promise<void> {
  const drafts: Draft[] = []
  try {
    for (const [path, blob] of Object.entries(files)) {
      const draft = await begin(directory, joinPath('', path))
      drafts.push(draft)
      await inPieces(path, blob, saving, (piece) => draft.writable.write(piece))
    }
    for (const { writable } of drafts) await writable.close()
    const present: string[] = []
    for await (const name of directory.keys()) present.push(name)
    for (const name of saving.obsolete(present)) await directory.removeEntry(name)
  } catch (cause) {
    for (const draft of drafts) await takeBack(draft)
    throw explain(cause, directory)
  }
}

async function begin(directory: FileSystemDirectoryHandle, path: string): Promise<Draft> {
  const folders = path.split('/')
  const name = folders.pop()!
  let folder = directory
  for (const part of folders) folder = await folder.getDirectoryHandle(part, { create: true })
  const before = await folder.getFileHandle(name).catch(() => undefined)
  const handle = before ?? (await folder.getFileHandle(name, { create: true }))
  const created = before === undefined
  try {
    return { folder, name, writable: await handle.createWritable(), created }
  } catch (error) {
    if (created) await remove(folder, name)
    throw error
  }
}

async function takeBack({ folder, name, writable, created }: Draft): Promise<void> {
  await writable.abort().catch(() => {}) // one that is closed already is in its place
  if (created) await remove(folder, name)
}

/** A file stays locked for a moment after its draft was given up. */
async function remove(folder: FileSystemDirectoryHandle, name: string): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      return await folder.removeEntry(name)
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'NoModificationAllowedError') return
      await pause(25, undefined)
    }
  }
}

function explain(cause: unknown, { name }: FileSystemDirectoryHandle): unknown {
  if (!(cause instanceof DOMException)) return cause
  if (cause.name === 'NotAllowedError') {
    return new PermissionError(
      `The page may not write in the directory "${name}". ` +
        "Call its requestPermission({ mode: 'readwrite' }) in a click, or let the user pick it again.",
      { cause },
    )
  }
  if (cause.name === 'TypeMismatchError' || cause.name === 'NoModificationAllowedError') {
    return new SaveError(
      `The directory "${name}" has a folder where a file should go, or something else writes in it now: ${cause.message}`,
      { cause },
    )
  }
  return cause
}
