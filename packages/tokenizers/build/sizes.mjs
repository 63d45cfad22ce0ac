/** @file Says how large built files are, raw and gzipped, each compressed by itself as a server would. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const kB = (bytes) => `${(bytes / 1000).toFixed(1).padStart(9)} kB`

/** One line for all these contents. */
function printLine(name, contents) {
  const [raw, gzip] = [contents, contents.map((content) => gzipSync(content))].map((all) =>
    all.reduce((total, { length }) => total + length, 0),
  )
  console.log(`${name.padEnd(56)}${kB(raw)}${kB(gzip)} gzip`)
}

/** A line for each file in a folder, and one for each folder in it. */
export function printFolder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) printLine(entry.name, [readFileSync(join(folder, entry.name))])
    else printLine(...readFolder(folder, entry.name))
  }
  console.log()
}

function readFolder(folder, name) {
  const entries = readdirSync(join(folder, name), { withFileTypes: true, recursive: true })
  const files = entries.filter((entry) => entry.isFile())
  const contents = files.map((file) => readFileSync(join(file.parentPath, file.name)))
  return [`${name}/ (${files.length} files)`, contents]
}

/** A line for what a page downloads: chunks, each counted once. */
export const printDownload = (name, chunks) =>
  printLine(
    name,
    [...new Set(chunks)].map(({ code }) => code),
  )

/** The chunk of a module and all that it imports at once. @param path how the module's own path ends */
export function chunksOf(chunks, path) {
  const chunk = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(path))
  if (chunk === undefined) throw new Error(`No chunk was made of ${path}: is it still imported when needed?`)
  return [...closure(chunks, chunk)]
}

function closure(chunks, chunk, seen = new Set()) {
  if (!chunk || seen.has(chunk)) return seen
  seen.add(chunk)
  for (const name of chunk.imports)
    closure(
      chunks,
      chunks.find(({ fileName }) => fileName === name),
      seen,
    )
  return seen
}
