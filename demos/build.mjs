/** @file Builds the demos into demos/dist, a folder for any static host: `node demos/build.mjs`. Quick when nothing changed. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
const demos = join(root, 'demos')
const stamp = join(demos, 'dist', '.inputs') // written after a whole build only

/** What a build is made of, beside the lockfile's packages. */
const inputs = /^(demos\/|packages\/[^/]+\/src\/)/
const others = /(^|\/)(node_modules|dist|fixtures?)(\/|$)|\.test(-d)?\.ts$/

/** @returns {Promise<boolean>} whether there was anything to do */
export async function buildDemos() {
  const current = digest()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === current) return false
  const rolldownOptions = { checks: { pluginTimings: false } } // the worker's build counts as a slow plugin
  const options = {
    logLevel: 'warn',
    build: { emptyOutDir: true, rolldownOptions },
    worker: { rolldownOptions },
  }
  await build({ ...options, root: demos, base: './', configFile: false }) // the list of demos; it empties dist
  for (const { name } of readdirSync(demos, { withFileTypes: true })) {
    if (existsSync(join(demos, name, 'vite.config.ts'))) await build({ ...options, root: join(demos, name) })
  }
  writeFileSync(stamp, current)
  return true
}

function digest() {
  const hash = createHash('sha256')
  const add = (path) => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      const inner = `${path}${entry.name}`
      if (others.test(inner)) continue
      if (entry.isDirectory()) add(`${inner}/`)
      else if (inputs.test(inner)) hash.update(inner).update(readFileSync(join(root, inner)))
    }
  }
  for (const path of ['demos/', 'packages/']) add(path)
  return hash.update(readFileSync(join(root, 'pnpm-lock.yaml'))).digest('hex')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log((await buildDemos()) ? 'Built demos/dist.' : 'demos/dist is up to date.')
}
