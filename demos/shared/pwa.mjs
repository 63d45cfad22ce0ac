/** @file A Vite plugin that adds the service worker to a build and tells it which files the build has. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Files that only one device or another needs; they are kept when first used. */
const LARGE = /\.wasm$/

/**
 * @param {{ changing?: string[] }} [options] `changing`: files in public/ that a server may answer with its own
 * @returns {import('vite').Plugin}
 */
export function pwa({ changing = [] } = {}) {
  let publicDir = ''
  return {
    name: 'pwa',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      publicDir = config.publicDir
    },
    buildStart() {
      const id = fileURLToPath(new URL('./service-worker.ts', import.meta.url))
      this.emitFile({ type: 'chunk', id, fileName: 'sw.js' })
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const worker = bundle['sw.js']
        if (worker?.type !== 'chunk') throw new Error('The build has no sw.js.')
        const hash = createHash('sha256').update(worker.code)
        const built = Object.keys(bundle).filter((name) => name !== 'sw.js' && !name.endsWith('.map'))
        for (const name of built.sort()) {
          const file = bundle[name]
          hash.update(name).update(file.type === 'chunk' ? file.code : file.source)
        }
        const copied = readdirSync(publicDir)
        for (const name of copied) hash.update(name).update(readFileSync(join(publicDir, name)))
        // The page goes by its folder's address: hosts redirect from index.html.
        const all = [...built, ...copied].map((name) => (name === 'index.html' ? './' : name))
        const build = {
          version: hash.digest('hex').slice(0, 12),
          files: all.filter((name) => !LARGE.test(name)),
          large: all.filter((name) => LARGE.test(name)),
          changing,
        }
        worker.code = `self.build=${JSON.stringify(build)};\n${worker.code}`
      },
    },
  }
}
