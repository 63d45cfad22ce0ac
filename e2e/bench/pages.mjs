/** @file A side in a page of a browser, for parts of the benchmark that have an `index.html` with `load(side, options)`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright'
import { launchOptions } from '../browser.mjs'
import { memoryByProcess, watchMemory } from './memory.mjs'

/** Load a side in a page. @returns what it tells of itself */
export async function open(page, url, { side, options }) {
  page.on('pageerror', (error) => console.error(`  in the page: ${error.message}`))
  await page.goto(`${url}/index.html`)
  await page.waitForFunction(() => globalThis.ready)
  return page.evaluate(([side, options]) => globalThis.load(side, options), [side, options])
}

/** A browser with a profile of its own. */
export async function withBrowser(use) {
  const profile = await mkdtemp(join(tmpdir(), 'bench-profile-'))
  const context = await chromium.launchPersistentContext(profile, launchOptions)
  try {
    return await use(context, profile)
  } finally {
    await context.close()
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** The most that the browser's processes hold, but for the GPU's, over what they hold with an empty page: a first visit and `work`. */
export function memoryOver(url, target, work) {
  return withBrowser(async (context, profile) => {
    const page = context.pages()[0] ?? (await context.newPage())
    await page.goto(`${url}/index.html`)
    await page.waitForTimeout(1000)
    const idle = await memoryByProcess(profile)
    const watch = watchMemory(profile)
    const about = await open(page, url, target)
    const loaded = (await memoryByProcess(profile)).host - idle.host
    await work(page, profile)
    return { peak: (await watch.stop()).host - idle.host, loaded, ...about }
  })
}
