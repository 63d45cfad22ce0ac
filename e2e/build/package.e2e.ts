/** @file The packed package, installed by npm in a folder that knows nothing of this workspace: bundled, typed, shaken. */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser } from 'playwright'
import { build, createServer } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isolationHeaders, launch } from '../browser.mjs'
import { copyModel, expectRightLogits, requireBuild } from './journey'
import { serve } from './serve'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
let browser: Browser
let app: string

beforeAll(async () => {
  await requireBuild()
  browser = await launch()
  app = await mkdtemp(join(tmpdir(), 'webformers-consumer-'))
  await cp(new URL('./consumer', import.meta.url), app, { recursive: true })
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', app], {
    cwd: join(root, 'packages/webformers'),
  })
  const [{ filename }] = JSON.parse(stdout)
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${filename}`], { cwd: app })
})
afterAll(async () => {
  await browser.close()
  await rm(app, { recursive: true })
})

/** Build one entry of the app with Vite's defaults; the names of what it wrote. */
async function buildApp(entry: string) {
  const outDir = join(app, `dist-${entry}`)
  await build({
    root: app,
    configFile: false,
    logLevel: 'error',
    build: { outDir, target: 'esnext', rolldownOptions: { input: join(app, entry) } },
  })
  return { outDir, assets: await readdir(join(outDir, 'assets')) }
}

test('an app built by Vite gives the right logits, with and without threads', async () => {
  const { outDir } = await buildApp('index.html')
  await copyModel(outDir)
  for (const headers of [{}, isolationHeaders]) {
    await using site = await serve(outDir, headers)
    for (const device of ['wasm', 'webgpu'] as const) {
      const page = await browser.newPage()
      await page.goto(site.origin)
      await expectRightLogits(page, device)
      await page.close()
    }
  }
})

test("so does the app on Vite's dev server, which bundles the package anew", async () => {
  await copyModel(join(app, 'public'))
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
  await server.close()
})

test('an app that only tokenizes carries no onnxruntime, no worker and no architecture', async () => {
  const { outDir, assets } = await buildApp('tokenizer.ts')
  expect(assets).toHaveLength(1)
  const code = await readFile(join(outDir, 'assets', assets[0]!), 'utf8')
  expect(code).not.toMatch(/onnxruntime|new Worker|attention_probs_dropout_prob/)
})

test('its declarations need no others and compile in strict TypeScript', async () => {
  const typescript = join(root, 'node_modules/typescript/bin/tsc')
  await run(process.execPath, [typescript, '--project', app]).catch(({ stdout }) => expect.fail(stdout))
  const declarations = await readFile(join(app, 'node_modules/webformers/dist/index.d.ts'), 'utf8')
  expect(declarations).not.toContain('@webformers/')
})
