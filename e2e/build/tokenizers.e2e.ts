/** @file @webformers/tokenizers alone: packed and installed by npm, bundled, typed; and by `<script type="module">`. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright'
import { createServer } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launch } from '../browser.mjs'
import { buildApp, expectTypes, install } from './install'
import { anyOrigin, requireBuild } from './journey'
import { serve } from './serve'
import { copyTokenizer, expectRightTokens, unchanged } from './tokenizer'

const dist = fileURLToPath(new URL('../../packages/tokenizers/dist', import.meta.url))
let browser: Browser
let app: string

beforeAll(async () => {
  await requireBuild(dist)
  browser = await launch()
  app = await install('tokenizers')
})
afterAll(async () => {
  await browser.close()
  await rm(app, { recursive: true })
})

test('it needs no other package', async () => {
  expect(await readdir(join(app, 'node_modules'))).toEqual(['.package-lock.json', '@webformers'])
  const installed = join(app, 'node_modules/@webformers/tokenizers')
  const others = ['LICENSE', 'README.md', 'THIRD-PARTY-LICENSES.md', 'package.json']
  expect((await readdir(installed)).toSorted()).toEqual([...others, 'dist'].toSorted())
})

test('an app built by Vite compiles a large tokenizer in a worker, once', async () => {
  const { outDir, scripts } = await buildApp(app, 'index.html')
  for (const code of scripts.values()) expect(code).not.toMatch(/onnxruntime|attention_probs_dropout_prob/)
  await copyTokenizer(outDir)
  await using site = await serve(outDir, unchanged)
  const context = await browser.newContext()
  for (const workers of [[expect.stringContaining(`${site.origin}/assets/compiler.worker-`)], []]) {
    const page = await context.newPage()
    await page.goto(site.origin)
    expect(await expectRightTokens(page)).toEqual(workers)
    await page.close()
  }
  await context.close()
})

test("so does the app on Vite's dev server", async () => {
  await copyTokenizer(join(app, 'public'))
  const server = await createServer({ root: app, configFile: false, logLevel: 'error' })
  await server.listen()
  const page = await browser.newPage()
  await page.goto(server.resolvedUrls!.local[0]!)
  expect(await expectRightTokens(page)).toEqual([expect.stringContaining('compiler.worker')])
  await page.close()
  await server.close()
})

/** A page of an origin of its own that loads the package from `origin`, and starts workers where `policy` lets it. */
async function openPage(origin: string, policy = '') {
  const folder = await mkdtemp(join(tmpdir(), 'tokenizers-page-'))
  const script = `import * as library from '${origin}/index.js'; Object.assign(globalThis, { library })`
  await writeFile(join(folder, 'index.html'), `<!doctype html><script type="module">${script}</script>`)
  await copyTokenizer(folder)
  const site = await serve(folder, { 'Content-Security-Policy': policy })
  const page = await browser.newPage()
  await page.goto(site.origin)
  return {
    page,
    async [Symbol.asyncDispose]() {
      await page.close()
      await site[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

test('a page that imports it from another origin has its worker too', async () => {
  await using library = await serve(dist, anyOrigin)
  await using opened = await openPage(library.origin)
  expect(await expectRightTokens(opened.page)).toEqual([expect.stringMatching(/^blob:/)])
  expect(library.requests).toContain('/compiler.worker.js')
  expect(library.requests).not.toContain('/tokenizer-classes.js')
})

test('a page that may start no worker compiles by itself', async () => {
  await using library = await serve(dist, anyOrigin)
  await using opened = await openPage(library.origin, "worker-src 'none'")
  expect(await expectRightTokens(opened.page)).toEqual([])
  expect(library.requests).not.toContain('/compiler.worker.js')
  expect(library.requests).toContain('/tokenizer-classes.js')
})

test('its declarations need no others and compile in strict TypeScript', () =>
  expectTypes(app, '@webformers/tokenizers'))
