/** @file A static server at an origin of its own, which remembers what it was asked for. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}

export interface Site extends AsyncDisposable {
  origin: string
  /** The paths asked for so far. */
  requests: string[]
}

export async function serve(folder: string, headers: Record<string, string> = {}): Promise<Site> {
  const requests: string[] = []
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url!, 'http://site')
    requests.push(pathname)
    const path = normalize(pathname.endsWith('/') ? `${pathname}index.html` : pathname)
    const body = await readFile(join(folder, path)).catch(() => undefined)
    const type = types[extname(path)] ?? 'application/octet-stream'
    response.writeHead(body ? 200 : 404, { 'Content-Type': type, ...headers }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
