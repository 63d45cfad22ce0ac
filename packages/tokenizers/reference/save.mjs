/**
 * @file Write the files of every case in fixtures/saved/cases.json, each into a folder of its name:
 *
 *     node save.mjs FOLDER
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'

const here = dirname(fileURLToPath(import.meta.url))
const folder = process.argv[2]

// The sources are TypeScript; Vite runs them as the tests do.
const server = await createServer({
  configFile: join(here, '../../../vite.config.ts'),
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
})
try {
  const { tokenizerOfCase } = await server.ssrLoadModule(join(here, 'saved-cases.ts'))
  const { cases } = JSON.parse(readFileSync(join(here, '../fixtures/saved/cases.json'), 'utf8'))
  for (const wanted of cases) {
    const tokenizer = await tokenizerOfCase(wanted)
    for (const [path, blob] of Object.entries(await tokenizer.toFiles())) {
      const target = join(folder, wanted.name, path)
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, new Uint8Array(await blob.arrayBuffer()))
    }
  }
} finally {
  await server.close()
}
