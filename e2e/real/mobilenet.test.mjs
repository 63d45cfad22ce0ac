/** @file A real MobileNetV2 in Chromium, against the runtime that it was made for. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launch } from '../browser.mjs'
import { startHub } from '../hub-server.mjs'
import { dist } from './build.mjs'
import { hubRoot } from './minilm.mjs'
import { mobilenetRepository, prepareMobileNet, runtimeFolder } from './mobilenet.mjs'
import { serve } from './server.mjs'

let closing = []
let page
let hub

beforeAll(async () => {
  const folder = await prepareMobileNet()
  hub = await startHub({ root: hubRoot })
  const server = await serve({
    '/webformers/': dist,
    '/tfjs/': `${folder}/${runtimeFolder}`,
    '/photographs/': fileURLToPath(new URL('../../packages/processors/fixtures/images', import.meta.url)),
    '/': fileURLToPath(new URL('page', import.meta.url)),
  })
  const browser = await launch()
  closing = [browser, server, hub]
  page = await browser.newPage()
  await page.goto(`${server.url}/label.html`)
  await page.waitForFunction(() => globalThis.ready)
}, 300_000)
afterAll(() => Promise.all(closing.map((each) => each.close())))

test.each(['wasm', 'webgpu'])('a photograph is as probably what it is on %s as for tfjs', async (device) => {
  const { ours, theirs } = await page.evaluate((job) => globalThis.label(job), {
    hub: hub.url,
    repository: mobilenetRepository,
    device,
    photograph: '/photographs/cat.jpg',
  })
  expect(Object.keys(ours).toSorted()).toEqual(Object.keys(theirs).toSorted())
  const differences = Object.keys(theirs).map((name) => Math.abs(ours[name] - theirs[name]))
  console.log(
    `${device}: the worst of ${differences.length} probabilities is off by ${Math.max(...differences).toExponential(1)}`,
  )
  expect(Math.max(...differences)).toBeLessThan(1e-3)
  expect(Math.max(...Object.values(theirs))).toBeGreaterThan(0.3) // one label stands out
})
