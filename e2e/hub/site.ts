/** @file A site of its own origin with the hub on it, and a folder of repositories to serve. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, defaultClientConditions } from 'vite'

/** Answer requests at a port of its own. */
export async function serve(answer: (request: IncomingMessage, response: ServerResponse) => unknown) {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Build the page and the service worker, and serve them. */
export async function startSite() {
  const page = fileURLToPath(new URL('./page', import.meta.url))
  const outDir = await mkdtemp(join(tmpdir(), 'hub-site-'))
  for (const name of ['page', 'sw'])
    await build({
      root: page,
      configFile: false,
      logLevel: 'error',
      resolve: { conditions: ['@webformers/source', ...defaultClientConditions] },
      build: {
        outDir,
        emptyOutDir: false,
        target: 'esnext',
        lib: { entry: join(page, `${name}.ts`), formats: ['es'], fileName: () => `${name}.js` },
      },
    })
  const html = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'
  const site = await serve(async ({ url }, response) => {
    const name = /^\/[\w.-]+\.js/.exec(url!)?.[0]
    response.setHeader('Content-Type', name ? 'text/javascript' : 'text/html')
    response.end(name ? await readFile(join(outDir, name)) : html)
  })
  return {
    ...site,
    async close() {
      await site.close()
      await rm(outDir, { recursive: true })
    },
  }
}

/** Write repositories for `startHub` to serve. */
export async function writeRepositories(files: Record<string, string | Uint8Array>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'hub-root-'))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  return root
}

/** Bytes of which no two places hold the same. */
export const numbered = (megabytes: number) =>
  new Uint8Array(Uint32Array.from({ length: megabytes * 2 ** 18 }, (_, i) => i).buffer)
