/** @file Says how large each built file is, raw and gzipped, and what a page with one architecture downloads. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const kB = (bytes) => `${(bytes / 1000).toFixed(1).padStart(9)} kB`
const line = (name, raw, gzip) => console.log(`${name.padEnd(36)}${kB(raw)}${kB(gzip)} gzip`)
const gzipSize = (content) => gzipSync(content).length
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0)

export function printSizes(dist, { page, worker, architecture }) {
  for (const name of readdirSync(dist).sort()) {
    const content = readFileSync(join(dist, name))
    line(name, content.length, gzipSize(content))
  }
  const model = page.find((chunk) => chunk.facadeModuleId?.endsWith(architecture))
  const chunks = [...closure(page, page[0]), ...closure(page, model), ...closure(worker, worker[0])]
  const code = [...new Set(chunks)].map((chunk) => chunk.code)
  line(
    '\nfront door, one architecture, worker',
    sum(code.map((text) => text.length)),
    sum(code.map(gzipSize)),
  )
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
