/** @file Large photographs in the built library: in a worker beside the script, or on the page where no worker may start. */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launch } from '../browser.mjs'
import { anyOrigin, dist, requireBuild } from './journey'
import { serve } from './serve'

const photograph = fileURLToPath(
  new URL('../../packages/processors/fixtures/images/cat.jpg', import.meta.url),
)
let browser: Browser
let folder: string

beforeAll(async () => {
  await requireBuild()
  browser = await launch()
  folder = await mkdtemp(join(tmpdir(), 'webformers-images-'))
  await copyFile(photograph, join(folder, 'cat.jpg'))
})
afterAll(async () => {
  await browser.close()
  await rm(folder, { recursive: true })
})

/** Runs in the page: what a processor makes of a photograph of six million pixels. */
async function process() {
  const { library } = globalThis as unknown as { library: typeof import('webformers') }
  const canvas = new OffscreenCanvas(3000, 2000)
  const cat = await (await fetch('cat.jpg')).blob()
  canvas.getContext('2d')!.drawImage(await createImageBitmap(cat), 0, 0, 3000, 2000)
  const large = await canvas.convertToBlob({ type: 'image/jpeg' })
  const processor = await library.CLIPImageProcessor.fromConfig()
  const { pixel_values } = await processor(large)
  const { data } = (await processor(await createImageBitmap(large))).pixel_values // on the page
  return {
    shape: pixel_values.shape,
    values: new Set(pixel_values.data).size,
    apart: pixel_values.data.reduce((most, value, i) => Math.max(most, Math.abs(value - data[i]!)), 0),
  }
}

test.each([
  { policy: "script-src 'unsafe-inline' 'wasm-unsafe-eval' http:; worker-src blob: http:", workers: 1 },
  { policy: "worker-src 'none'", workers: 0 },
])('of another origin, with the policy $policy', async ({ policy, workers }) => {
  await using library = await serve(dist, anyOrigin)
  const script = `import * as library from '${library.origin}/webformers.js'; Object.assign(globalThis, { library })`
  await writeFile(join(folder, 'index.html'), `<!doctype html><script type="module">${script}</script>`)
  await using site = await serve(folder, { 'Content-Security-Policy': policy })
  const page = await browser.newPage()
  const started: string[] = []
  page.on('worker', (worker) => started.push(worker.url()))
  await page.goto(site.origin)

  const { shape, values, apart } = await page.evaluate(process)
  expect(shape).toEqual([1, 3, 224, 224])
  expect(values).toBeGreaterThan(300)
  expect(apart).toBe(0)
  expect(started).toHaveLength(workers)
  expect(library.requests.includes('/webformers.images.worker.js')).toBe(workers === 1)
  await page.close()
})
