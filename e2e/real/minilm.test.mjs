/** @file The original all-MiniLM-L6-v2 in Chromium, against sentence-transformers' numbers: online, then from the cache. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launch } from '../browser.mjs'
import { startHub } from '../hub-server.mjs'
import { dist } from './build.mjs'
import { hubRoot, repository } from './minilm.mjs'
import { serve } from './server.mjs'
import { readTruth } from './truth.mjs'

// Texts of like length share a batch, so that little is computed for padding.
const truth = (await readTruth()).toSorted((a, b) => a.text.length - b.text.length)
let server
let browser

beforeAll(async () => {
  server = await serve({ '/webformers/': dist, '/': fileURLToPath(new URL('page', import.meta.url)) })
  browser = await launch()
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})

describe.each(['wasm', 'webgpu'])('on %s', (device) => {
  let hub
  let page

  beforeAll(async () => {
    hub = await startHub({ root: hubRoot })
    page = await browser.newPage() // with storage of its own, empty
    await page.goto(`${server.url}/index.html`)
  })
  afterAll(() => page.context().close())

  async function worstDifference(sentences) {
    await page.waitForFunction(() => globalThis.ready)
    const texts = sentences.map(({ text }) => text)
    const { shape, values } = await page.evaluate((job) => globalThis.embed(job), {
      hub: hub.url,
      repository,
      device,
      texts,
    })
    expect(shape).toEqual([texts.length, 384])
    const expected = sentences.flatMap(({ embedding }) => [...embedding])
    return values.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i])), 0)
  }

  test(`${truth.length} sentences agree with PyTorch to 1e-4`, async () => {
    const worst = await worstDifference(truth)
    console.log(`${device}: the worst of ${truth.length * 384} numbers is off by ${worst.toExponential(1)}`)
    expect(worst).toBeLessThan(1e-4)
  })

  test('from the cache they agree after a reload, the server gone', async () => {
    await hub.close()
    await page.reload()
    expect(await worstDifference(truth.filter((_, i) => i % 8 === 0))).toBeLessThan(1e-4)
  })
})
