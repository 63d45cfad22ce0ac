/** @file What a first visit downloads, by kind, raw and as gzip would send it. */
import { readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

const kinds = {
  '.js': 'code',
  '.mjs': 'code',
  '.wasm': 'wasm',
  '.safetensors': 'weights',
  '.onnx': 'weights',
}

/** The files on disk behind the Hub's answers, each once, however many ranges it was fetched in. */
export function hubFiles(requests, root) {
  const paths = requests
    .filter(({ method }) => method === 'GET')
    .map(({ path }) => decodeURIComponent(path).match(/^\/(.+)\/resolve\/[^/]+\/(.+)$/))
    .filter((match) => match !== null)
    .map(([, repository, file]) => join(root, repository, file))
  return [...new Set(paths)]
}

/** @param {string[]} files paths on disk; what isn't there was asked for in vain and costs nothing */
export async function measureBytes(files) {
  const total = { code: empty(), wasm: empty(), weights: empty(), other: empty() }
  for (const file of new Set(files)) {
    const body = await readFile(file).catch(() => undefined)
    if (!body) continue
    const part = total[kinds[extname(file)] ?? 'other']
    part.raw += body.length
    part.gzip += gzipSync(body).length
    part.files.push(basename(file))
  }
  return total
}

const empty = () => ({ raw: 0, gzip: 0, files: [] })
