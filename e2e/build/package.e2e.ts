/** @file The packed package, installed by npm in a folder that knows nothing of this workspace: bundled, typed, shaken. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright'
import { createServer } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isolationHeaders, launch } from '../browser.mjs'
import { atOnce, buildApp, expectTypes, install } from './install'
import { copyModel, copyPickledModel, expectPickledOutputs, expectRightLogits, requireBuild } from './journey'
import { serve } from './serve'

let browser: Browser
let app: string

beforeAll(async () => {
  await requireBuild()
  browser = await launch()
  app = await install('webformers')
})
afterAll(async () => {
  await browser.close()
  await rm(app, { recursive: true })
})

test('an app built by Vite gives the right logits, with and without threads', async () => {
  const { outDir } = await buildApp(app, 'index.html')
  await copyModel(outDir)
  await copyPickledModel(outDir)
  for (const headers of [{}, isolationHeaders]) {
    await using site = await serve(outDir, headers)
    for (const device of ['wasm', 'webgpu'] as const) {
      const page = await browser.newPage()
      await page.goto(site.origin)
      await expectRightLogits(page, device)
      await page.close()
    }
    const page = await browser.newPage()
    await page.goto(site.origin)
    await expectPickledOutputs(page)
    await page.close()
  }
})

test("so does the app on Vite's dev server, which bundles the package anew", async () => {
  await copyModel(join(app, 'public'))
  await copyPickledModel(join(app, 'public'))
  const server = await createServer({
    root: app,
    configFile: false,
    logLevel: 'error',
    server: { headers: isolationHeaders },
  })
  await server.listen()
  const page = await browser.newPage()
  await page.goto(server.resolvedUrls!.local[0]!)
  await expectRightLogits(page, 'wasm')
  await expectPickledOutputs(page)
  await server.close()
})

test("an app that only tokenizes carries no onnxruntime, no architecture and no worker but the compiler's", async () => {
  const { scripts } = await buildApp(app, 'tokenizer.ts')
  for (const code of scripts.values()) expect(code).not.toMatch(/onnxruntime|attention_probs_dropout_prob/)
  const names = [...scripts.keys()]
  expect(names.filter((name) => name.includes('worker'))).toEqual([
    expect.stringMatching(/^compiler\.worker-/),
  ])
  // What pushes to the Hub has a worker of its own library's.
  const others = names.filter((name) => !name.startsWith('push'))
  const started = others.flatMap((name) => scripts.get(name)!.match(/new Worker\(/g) ?? [])
  expect(started).toHaveLength(1)

  // What makes a tokenizer of files comes when it is needed; what makes one of what was made before is there at once.
  const having = (words: string) => names.filter((name) => scripts.get(name)!.includes(words))
  const first = atOnce(scripts, names.find((name) => name.startsWith('tokenizer-'))!)
  expect(having('continuing_subword_prefix').filter((name) => first.has(name))).toHaveLength(1)
  expect(having('cuts Chinese words with jieba')).toHaveLength(2) // once for the page, once for the worker
  expect(having('cuts Chinese words with jieba').filter((name) => first.has(name))).toEqual([])
})

test('its declarations need no others and compile in strict TypeScript', () => expectTypes(app, 'webformers'))
