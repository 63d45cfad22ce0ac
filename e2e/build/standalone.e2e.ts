/** @file webformers.js by `<script type="module">`, from another origin than the page's. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isolationHeaders, launch } from '../browser.mjs'
import {
  anyOrigin,
  copyModel,
  copyPickledModel,
  dist,
  expectPickledOutputs,
  expectRightLogits,
  requireBuild,
} from './journey'
import { serve } from './serve'
import { copyTokenizer, expectRightTokens, unchanged } from './tokenizer'

/** A file that lies beside the script, for what not every page needs: `/webformers.gguf.4F8a_x1-.js`. */
const isPart = (path: string) => /^\/webformers\.[\w-]+\.[\w-]{8}\.js$/.test(path)
/** What the parts that were asked for are called. */
const partsOf = (asked: readonly string[]) =>
  asked
    .filter(isPart)
    .map((path) => path.split('.')[1])
    .toSorted()

let browser: Browser
let folder: string

beforeAll(async () => {
  await requireBuild()
  browser = await launch()
  folder = await mkdtemp(join(tmpdir(), 'webformers-page-'))
  await copyModel(folder)
})
afterAll(async () => {
  await browser.close()
  await rm(folder, { recursive: true })
})

/** A page of an origin of its own that loads the library from `library`. */
async function servePage(library: string, headers: Record<string, string> = {}) {
  const script = `import * as library from '${library}/webformers.js'; Object.assign(globalThis, { library })`
  await writeFile(join(folder, 'index.html'), `<!doctype html><script type="module">${script}</script>`)
  return await serve(folder, headers)
}

test.each([
  { device: 'wasm', isolated: false },
  { device: 'wasm', isolated: true },
  { device: 'webgpu', isolated: false },
  { device: 'webgpu', isolated: true },
] as const)(
  'of another origin on $device, cross-origin isolated: $isolated',
  async ({ device, isolated }) => {
    await using library = await serve(dist, anyOrigin)
    await using site = await servePage(library.origin, isolated ? isolationHeaders : {})
    const page = await browser.newPage()
    await page.goto(site.origin)
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolated)

    await expectRightLogits(page, device)
    const build = device === 'wasm' ? 'wasm' : 'jspi'
    const asked = [...new Set(library.requests)]
    // Of all architectures and formats only what this model is made of, and nothing that trains or changes it.
    expect(partsOf(asked)).toEqual(['modeling'])
    expect(asked.filter((path) => !isPart(path)).toSorted()).toEqual([
      `/onnxruntime.${build}.js`,
      `/onnxruntime.${build}.loader.js`,
      `/onnxruntime.${build}.wasm`,
      '/webformers.js',
      '/webformers.worker.js',
    ])
    await page.close()
  },
)

test('where the browser cannot suspend WebAssembly, the Asyncify build serves', async () => {
  await using library = await serve(dist, anyOrigin)
  await using site = await servePage(library.origin)
  const page = await browser.newPage()
  await page.route('**/webformers.worker.js', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: `delete WebAssembly.Suspending;${await response.text()}` })
  })
  await page.goto(site.origin)

  await expectRightLogits(page, 'webgpu')
  expect(library.requests.filter((path) => path.endsWith('.wasm'))).toEqual(['/onnxruntime.webgpu.wasm'])
  await page.close()
})

test('of another origin, with a checkpoint that torch.save wrote', async () => {
  await using library = await serve(dist, anyOrigin)
  await copyPickledModel(folder)
  await using site = await servePage(library.origin)
  const page = await browser.newPage()
  await page.goto(site.origin)
  await expectPickledOutputs(page)
  await page.close()
})

test('of another origin with a large tokenizer, which its worker compiles once', async () => {
  await using library = await serve(dist, anyOrigin)
  await copyTokenizer(folder)
  await using site = await servePage(library.origin, unchanged)
  const context = await browser.newContext()
  for (const workers of [[expect.stringMatching(/^blob:/)], []]) {
    const page = await context.newPage()
    await page.goto(site.origin)
    expect(await expectRightTokens(page)).toEqual(workers)
    await page.close()
  }
  await context.close()
  expect([...new Set(library.requests)].filter((path) => !isPart(path)).toSorted()).toEqual([
    '/webformers.js',
    '/webformers.tokenizer.worker.js',
  ])
})
