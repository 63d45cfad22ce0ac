/** @file Trains in a tab of a browser that has nothing else to do, and takes what it lets the browser download. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { chromium } from 'playwright'
import { watchTasks } from '../bench/tasks.mjs'
import { findBrowser, launchOptions } from '../browser.mjs'
import { startHub } from '../hub-server.mjs'
import { dist } from './build.mjs'
import { findPython, hubRoot, repository } from './minilm.mjs'
import { serve } from './server.mjs'
import { watchRenderers } from './training-memory.mjs'

const run = promisify(execFile)

/**
 * Fine-tune MiniLM.
 * @param {object} job what `trainTask` in the page is told, without addresses; `train` and `test` are the rows
 * @param {string} folder where the saved files are put, and the held-out rows as `test.json`
 * @param {string} [library] the built library
 * @returns what `trainTask` gives, the most memory in bytes that its renderers had in use, and the longest tasks of the
 *   main thread while it trained
 */
export async function trainInTab({ train, test, ...job }, folder, library = dist) {
  const scratch = await mkdtemp(join(tmpdir(), 'training-'))
  await mkdir(folder, { recursive: true })
  await writeFile(join(scratch, 'rows.json'), JSON.stringify({ train, test }))
  await writeFile(join(folder, 'test.json'), JSON.stringify({ ...job, test }))
  const hub = await startHub({ root: hubRoot })
  const server = await serve({
    '/webformers/': library,
    '/data/': scratch,
    '/': fileURLToPath(new URL('page', import.meta.url)),
  })
  const profile = join(scratch, 'profile')
  const context = await chromium.launchPersistentContext(profile, {
    ...launchOptions,
    executablePath: findBrowser(),
  })
  try {
    const page = context.pages()[0]
    page.on('pageerror', (error) => console.error(error))
    await page.exposeFunction('progress', (line) => console.log(line))
    const archives = []
    page.on('download', (download) => archives.push(download))
    await page.goto(`${server.url}/train.html`)
    await page.waitForFunction(() => globalThis.ready)
    const memory = await watchRenderers(profile)
    const longestTask = await watchTasks(page)
    const result = await page.evaluate((job) => globalThis.trainTask(job), {
      ...job,
      hub: hub.url,
      repository,
      data: '/data/rows.json',
    })
    const peakMemory = await memory.stop()
    const longest = await longestTask()
    while (archives.length < 2) await page.waitForEvent('download')
    for (const archive of archives) {
      const path = join(scratch, archive.suggestedFilename())
      await archive.saveAs(path)
      await run(await findPython(), ['-m', 'zipfile', '-e', path, folder])
    }
    return { ...result, ...longest, peakMemory }
  } finally {
    await context.close()
    await Promise.all([server.close(), hub.close()])
    await rm(scratch, { recursive: true, force: true })
  }
}
