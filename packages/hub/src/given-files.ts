/** @file Files that the page has in hand: from a drop, from `<input type="file" webkitdirectory multiple>`, or made by itself. */
import { FileNotFoundError, InvalidSourceError } from './errors'
import type { Files } from './files'
import type { GivenFiles } from './options'

/** As many names as an error shows. */
const LISTED = 20

/** @throws {InvalidSourceError} when one of them is no file. */
export function openGiven(given: GivenFiles): Files {
  const { name, files } = byPath(given)
  function find(path: string): Blob {
    const file = files.get(path)
    if (file) return file
    const names = [...files.keys()]
    const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : ''
    throw new FileNotFoundError(
      `There is no "${path}" in ${name}. They are: ${names.slice(0, LISTED).join(', ') || 'none'}${more}. ` +
        'Give all files of the folder that holds config.json.',
    )
  }
  return {
    name,
    commit: undefined,
    list: async () => [...files.keys()],
    async file(path, { onProgress }) {
      const file = find(path)
      onProgress?.({ file: path, loaded: file.size, total: file.size })
      return file
    },
    size: async (path) => find(path).size,
    version: async () => undefined,
  }
}

function byPath(given: GivenFiles): { name: string; files: Map<string, Blob> } {
  const listed = Array.isArray(given) || (typeof FileList !== 'undefined' && given instanceof FileList)
  const entries = listed
    ? Array.from(given as ArrayLike<File>, (file) => [file?.webkitRelativePath || file?.name, file] as const)
    : given instanceof Map
      ? [...given]
      : Object.entries(given)
  for (const [path, file] of entries)
    if (typeof path !== 'string' || !(file instanceof Blob))
      throw new InvalidSourceError(
        `Among the files given, "${path}" is no file. Expected a FileList, an array of File, or Blobs by path.`,
      )
  const folder = listed ? commonFolder(entries.map(([path]) => path)) : ''
  const files = new Map<string, Blob>(entries.map(([path, file]) => [path.slice(folder.length), file]))
  return { name: folder ? `the folder "${folder.slice(0, -1)}"` : 'the files given', files }
}

/** The folder that was picked stands in front of all paths. */
function commonFolder(paths: readonly string[]): string {
  const [first = ''] = paths
  const folder = first.slice(0, first.indexOf('/') + 1)
  return paths.every((path) => path.startsWith(folder)) ? folder : ''
}
