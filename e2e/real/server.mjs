/** @file Serves pages and libraries, cross-origin isolated so that they get threads. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { isolationHeaders } from '../browser.mjs'

const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}

/**
 * @param {Record<string, string>} mounts URL prefix → folder, the longest prefix first
 * @returns `files`, which lists the path on disk of everything sent, newest last
 */
export async function serve(mounts) {
  const files = []
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname)
    const prefix = Object.keys(mounts).find((prefix) => path.startsWith(prefix))
    const file = join(mounts[prefix], normalize(path.slice(prefix.length)))
    const body = await readFile(file).catch(() => undefined)
    if (!body) return response.writeHead(404, isolationHeaders).end()
    files.push(file)
    const type = types[extname(file)] ?? 'application/octet-stream'
    // As from a CDN: the browser may keep them, compiled wasm included.
    response
      .writeHead(200, { ...isolationHeaders, 'Content-Type': type, 'Cache-Control': 'max-age=86400' })
      .end(body)
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    files,
    close: () => new Promise((closed) => server.close(closed).closeAllConnections()),
  }
}
