/** @file Says how large the built files are, raw and gzipped, and what a page with one architecture, or a tokenizer alone, downloads. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const kB = (bytes) => `${(bytes / 1000).toFixed(1).padStart(9)} kB`

/** One line for all these contents, each compressed by itself as a server would. */
function line(name, contents) {
  const [raw, gzip] = [contents, contents.map((content) => gzipSync(content))].map((all) =>
    all.reduce((total, { length }) => total + length, 0),
  )
  console.log(`${name.padEnd(40)}${kB(raw)}${kB(gzip)} gzip`)
}

export function printSizes(dist, { page, worker, architecture, tokenizers }) {
  for (const entry of readdirSync(dist, { withFileTypes: true })) {
    if (!entry.isDirectory()) line(entry.name, [readFileSync(join(dist, entry.name))])
    else line(...readFolder(dist, entry.name))
  }
  const model = page.find((chunk) => chunk.facadeModuleId?.endsWith(architecture))
  const chunks = [...closure(page, page[0]), ...closure(page, model), ...closure(worker, worker[0])]
  console.log()
  line(
    'front door, one architecture, worker',
    [...new Set(chunks)].map((chunk) => chunk.code),
  )
  line(
    'a tokenizer alone',
    tokenizers.map((chunk) => chunk.code),
  )
}

function readFolder(dist, name) {
  const entries = readdirSync(join(dist, name), { withFileTypes: true, recursive: true })
  const files = entries.filter((entry) => entry.isFile())
  const contents = files.map((file) => readFileSync(join(file.parentPath, file.name)))
  return [`${name}/ (${files.length} files)`, contents]
}

/** A chunk and all it imports at once. */
function closure(chunks, chunk, seen = new Set()) {
  if (!chunk || seen.has(chunk)) return seen
  seen.add(chunk)
  for (const name of chunk.imports)
    closure(
      chunks,
      chunks.find((other) => other.fileName === name),
      seen,
    )
  return seen
}
