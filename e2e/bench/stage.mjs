/** @file What the parts of the benchmark begin and end with: a build, a local Hub, the libraries served, a report. */
import { existsSync } from 'node:fs'
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { cpus, loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findBrowser } from '../browser.mjs'
import { startHub } from '../hub-server.mjs'
import { build, dist } from '../real/build.mjs'
import { hubRoot } from '../real/minilm.mjs'
import { serve } from '../real/server.mjs'
import { printTable, toHtml } from './report.mjs'

/** Where reports go, and what is made for them. */
export const results = fileURLToPath(new URL('../../.cache/bench', import.meta.url))

/** Both sides get as many: one for each of the two cores that any machine has. */
export const threads = 2

/** Where a package lies whose entry Node doesn't find. */
export const packageFolder = (name) =>
  realpath(fileURLToPath(new URL(`../node_modules/${name}`, import.meta.url)))
export const versionOf = async (name) =>
  JSON.parse(await readFile(join(await packageFolder(name), 'package.json'), 'utf8')).version

/**
 * A server of our library, of transformers.js, and of a part's own pages.
 * @param {URL} page the folder of its pages
 * @param {object} options
 * @param {() => Promise<Record<string, string> | void>} [options.prepare] makes what it needs, or says in an error what is missing;
 * what it gives is served too, URL prefix → folder
 * @param {readonly string[]} [options.repositories] of the local Hub, that no visit should wait for
 * @param {boolean} [options.built] whether the build that is there is taken
 */
export async function openStage(page, { prepare, repositories = [], built = false } = {}) {
  const [load] = loadavg()
  if (load > 0.5) console.log(`Other work loads this machine (${load.toFixed(1)}): times will be off.`)
  const folders = await prepare?.().catch((error) => {
    console.error(`Can't run the benchmark. ${error.message}`)
    process.exit(1)
  })
  await mkdir(results, { recursive: true })
  if (!built || !existsSync(dist)) {
    console.log('Building …')
    await build()
  }
  const peer = await packageFolder('@huggingface/transformers')
  const hub = await startHub({ root: hubRoot })
  const server = await serve({
    '/ours/': dist,
    '/peer/': join(peer, 'dist'),
    '/ort/': dirname(createRequire(join(peer, 'package.json')).resolve('onnxruntime-web')),
    ...folders,
    '/shared/': fileURLToPath(new URL('page', import.meta.url)),
    '/': fileURLToPath(page),
  })
  // The Hub hashes files when it is first asked.
  for (const name of repositories) await fetch(`${hub.url}/api/models/${name}?blobs=true`)
  return {
    url: server.url,
    hub: hub.url,
    /** What was sent so far, as paths on disk, and what the Hub was asked for. */
    served: server.files,
    asked: hub.requests,
    load,

    /** Write `<name>.json` and `<name>.html`, and print the table. */
    async report(name, { rows, samples, ...about }) {
      const run = {
        date: new Date().toISOString(),
        processor: cpus()[0]?.model.trim(),
        cores: cpus().length,
        threads,
        load,
        browser: findBrowser(),
        ...about,
      }
      const file = join(results, name)
      await writeFile(`${file}.json`, JSON.stringify({ about: run, rows, samples }, null, 2))
      await writeFile(`${file}.html`, toHtml(run, rows))
      printTable(run, rows)
      console.log(`\n.cache/bench/${name}.json, .cache/bench/${name}.html`)
    },

    async close() {
      await server.close()
      await hub.close()
    },
  }
}
