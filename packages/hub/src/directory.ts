/** @file A directory the user picked, read straight from the disk. */
import { FileNotFoundError, PermissionError } from './errors'
import type { Files } from './files'

export function openDirectory(directory: FileSystemDirectoryHandle): Files {
  async function find(path: string, signal: AbortSignal | undefined): Promise<File> {
    signal?.throwIfAborted()
    const folders = path.split('/')
    const name = folders.pop()!
    try {
      let folder = directory
      for (const part of folders) folder = await folder.getDirectoryHandle(part)
      return await (await folder.getFileHandle(name)).getFile()
    } catch (cause) {
      if (!(cause instanceof DOMException)) throw cause
      if (cause.name === 'NotFoundError' || cause.name === 'TypeMismatchError')
        throw new FileNotFoundError(
          `The directory "${directory.name}" has no file "${path}". Pick the directory that holds config.json.`,
          { cause },
        )
      if (cause.name === 'NotAllowedError')
        throw new PermissionError(
          `The page may not read "${path}" in the directory "${directory.name}". ` +
            'Call its requestPermission() in a click, or let the user pick it again.',
          { cause },
        )
      throw cause
    }
  }
  return {
    name: directory.name,
    commit: undefined,
    list: async () => [...(await paths(directory))].sort(),
    async file(path, { signal, onProgress }) {
      const file = await find(path, signal)
      onProgress?.({ file: path, loaded: file.size, total: file.size })
      return file
    },
    size: async (path, { signal }) => (await find(path, signal)).size,
    version: async () => undefined,
  }
}

/** The paths of all files below a folder. */
async function paths(folder: FileSystemDirectoryHandle, prefix = ''): Promise<string[]> {
  const found: string[] = []
  for await (const [name, handle] of folder.entries()) {
    if (handle.kind === 'file') found.push(`${prefix}${name}`)
    else found.push(...(await paths(handle as FileSystemDirectoryHandle, `${prefix}${name}/`)))
  }
  return found
}
