/** @file A Hub over a folder of repositories (`root/<org>/<name>/<files>`): its URLs, its headers, and its failures on demand. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

// A name cannot begin with a dot, so none leads out of the root; files are looked up in a list.
const NAME = '((?:[\\w-][\\w.-]*/)?[\\w-][\\w.-]*)'
const INFO = new RegExp(`^/api/models/${NAME}(?:/revision/([^/]+))?$`)
const RESOLVE = new RegExp(`^/${NAME}/resolve/([^/]+)/(.+)$`)
const LARGE = /\.(safetensors|bin|h5|msgpack|gguf|onnx)$/
const EXPOSED =
  'ETag, Content-Range, Accept-Ranges, X-Repo-Commit, X-Linked-ETag, X-Linked-Size, X-Error-Code, X-Error-Message, Retry-After'

/**
 * Serve a folder of repositories at a port of its own.
 * @param {import('./hub-server.d.mts').HubOptions & { port?: number }} options
 */
export async function startHub({ port = 0, ...options }) {
  const requests = []
  const middleware = hubMiddleware(options)
  const server = createServer((request, response) => {
    requests.push({ method: request.method, path: request.url, headers: request.headers })
    middleware(request, response, () => fail(response, 404, undefined, 'No such address.'))
  })
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/**
 * The same as a Connect middleware, mounted below `base`.
 * @param {import('./hub-server.d.mts').HubOptions} options
 */
export function hubMiddleware({ root, base = '', faults = () => undefined }) {
  const digests = new Map()
  return async (request, response, next) => {
    const { pathname } = new URL(request.url, 'http://hub')
    const path = pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : undefined
    const [, name, revision = 'main', file] = (path && (INFO.exec(path) ?? RESOLVE.exec(path))) ?? []
    if (!name) return next()
    try {
      allowOrigins(response)
      if (request.method === 'OPTIONS') return response.writeHead(204).end()
      const fault = faults({ method: request.method, path }) ?? {}
      if (fault.retryAfter !== undefined) response.setHeader('Retry-After', fault.retryAfter)
      if (fault.status) return fail(response, fault.status, fault.errorCode, 'A fault that was asked for.')
      const repository = await readRepository(join(root, name), digests)
      if (!repository) return fail(response, 404, 'RepoNotFound', 'Repository not found')
      const asked = decodeURIComponent(revision)
      if (asked !== 'main' && asked !== repository.commit)
        return fail(response, 404, 'RevisionNotFound', `Invalid rev id: ${asked}`)
      response.setHeader('X-Repo-Commit', repository.commit)
      if (file === undefined) return sendInfo(response, name, repository)
      const entry = repository.files.get(decodeURIComponent(file))
      if (!entry) return fail(response, 404, 'EntryNotFound', 'Entry not found')
      await sendFile(request, response, entry, fault)
    } catch (error) {
      // Once the body is on its way, the client went away or a fault cut it off.
      if (response.headersSent) response.destroy()
      else fail(response, 500, undefined, String(error))
    }
  }
}

function allowOrigins(response) {
  response.setHeader('Access-Control-Allow-Origin', '*')
  response.setHeader('Access-Control-Allow-Headers', 'Authorization, Range, If-Range, If-None-Match')
  response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, OPTIONS')
  response.setHeader('Access-Control-Expose-Headers', EXPOSED)
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
}

function fail(response, status, code, message) {
  if (code) response.setHeader('X-Error-Code', code)
  response.setHeader('X-Error-Message', message)
  response.writeHead(status, { 'Content-Type': 'text/plain' }).end(message)
}

/** Every file of a repository with its hashes, and a commit that follows from them. */
async function readRepository(folder, digests) {
  const names = await readdir(folder, { recursive: true }).catch(() => undefined)
  if (!names) return undefined
  const files = new Map()
  for (const name of names.sort()) {
    const path = join(folder, name)
    const found = await stat(path)
    if (!found.isFile()) continue
    const { size, mtimeMs } = found
    const version = `${path} ${size} ${mtimeMs}`
    if (!digests.has(version)) digests.set(version, await digest(path, size))
    files.set(name, { path, size, ...digests.get(version) })
  }
  const tree = [...files].map(([name, { blobId }]) => `${name} ${blobId}\n`).join('')
  return { commit: createHash('sha1').update(tree).digest('hex'), files }
}

/** git's hash for what git holds, SHA-256 for large files, as the Hub does. */
async function digest(path, size) {
  const content = await readFile(path)
  const blobId = createHash('sha1').update(`blob ${size}\0`).update(content).digest('hex')
  return LARGE.test(path)
    ? { blobId, sha256: createHash('sha256').update(content).digest('hex') }
    : { blobId }
}

function sendInfo(response, id, { commit, files }) {
  const siblings = [...files].map(([rfilename, { size, blobId, sha256 }]) => ({
    rfilename,
    size,
    blobId,
    ...(sha256 && { lfs: { sha256, size } }),
  }))
  response.writeHead(200, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify({ id, sha: commit, siblings }))
}

async function sendFile(
  request,
  response,
  { path, size, blobId, sha256 },
  { cutAfter, contentLength, bytesPerSecond, ignoreRange },
) {
  const etag = `"${sha256 ?? blobId}"`
  response.setHeader('ETag', etag)
  response.setHeader('Accept-Ranges', 'bytes')
  response.setHeader('Content-Type', path.endsWith('.json') ? 'application/json' : 'application/octet-stream')
  if (sha256) {
    response.setHeader('X-Linked-ETag', etag)
    response.setHeader('X-Linked-Size', size)
  }
  if (request.headers['if-none-match'] === etag) return response.writeHead(304).end()
  const range = ignoreRange ? undefined : readRange(request.headers, etag, size)
  if (range && range.begin >= range.end) {
    return response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end()
  }
  const { begin, end } = range ?? { begin: 0, end: size }
  if (range) response.setHeader('Content-Range', `bytes ${begin}-${end - 1}/${size}`)
  // A client that was told too much would wait for the rest of it.
  if (contentLength !== undefined) response.shouldKeepAlive = false
  response.writeHead(range ? 206 : 200, { 'Content-Length': contentLength ?? end - begin })
  if (request.method === 'HEAD' || begin === end) return response.end()
  const source = createReadStream(path, { start: begin, end: end - 1, highWaterMark: 2 ** 20 })
  const brake = bytesPerSecond === undefined ? [] : [throttle(bytesPerSecond)]
  const blade = cutAfter === undefined ? [] : [cut(cutAfter)]
  await pipeline([source, ...brake, ...blade, response])
}

/** The half-open range asked for, if it still belongs to the content the client knows. */
function readRange({ range, 'if-range': condition }, etag, size) {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? []
  if (first === undefined || (first === '' && last === '') || (condition && condition !== etag))
    return undefined
  if (first === '') return { begin: Math.max(0, size - Number(last)), end: size }
  return { begin: Number(first), end: last === '' ? size : Math.min(size, Number(last) + 1) }
}

/** Lets the connection break after some bytes, once the client has had them. */
function cut(after) {
  let left = after
  return new Transform({
    transform(chunk, _encoding, done) {
      this.push(chunk.subarray(0, left))
      left -= chunk.length
      if (left > 0) done()
      else setTimeout(() => this.destroy(new Error('cut')), 20)
    },
  })
}

function throttle(bytesPerSecond) {
  return new Transform({
    transform(chunk, _encoding, done) {
      setTimeout(() => done(null, chunk), (1000 * chunk.length) / bytesPerSecond)
    },
  })
}
