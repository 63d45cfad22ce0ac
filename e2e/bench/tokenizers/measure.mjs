/** @file One side, one tokenizer, one thing measured: in Chromium, and in a Node process for the Rust library. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { chromium } from 'playwright'
import { launchOptions } from '../../browser.mjs'
import { watchTasks } from '../tasks.mjs'
import { languages } from './inputs.mjs'

const run = promisify(execFile)

/** What is stored after opening has this long until the page goes. */
const SETTLE = 2500

/** Chromium answers `measureUserAgentSpecificMemory` at once, after a collection, instead of some time later. */
const eagerMemory = '--enable-blink-features=ForceEagerMeasureMemory'

/** @typedef {{ url: string, hub: string, side: 'ours' | 'peer', repository: string }} Target */

/**
 * MB/s for each language in a page of its own, and hashes of the ids.
 * @param {import('playwright').Browser} browser
 * @param {Target} target
 */
export async function throughput(browser, target, settings) {
  const page = await browser.newPage()
  try {
    await visit(page, target.url)
    await page.evaluate(() => globalThis.takeTexts())
    await openTokenizer(page, target)
    const rates = {}
    for (const language of languages)
      rates[language] = await page.evaluate(([one, how]) => globalThis.rate(one, how), [language, settings])
    return rates
  } finally {
    await page.close()
  }
}

/** MB/s of 2 MB in one string and in pieces, in one call and asynchronously, for each language. */
export async function lengths(browser, target) {
  const page = await browser.newPage()
  try {
    await visit(page, target.url)
    await page.evaluate(() => globalThis.takeTexts())
    const { asynchronous } = await openTokenizer(page, target)
    const found = {}
    for (const language of languages) {
      const { long, pieces } = await page.evaluate((one) => globalThis.lengthRates(one), language)
      found[language] = { long, pieces }
      if (!asynchronous) continue
      const longestTask = await watchTasks(page)
      const later = await page.evaluate((one) => globalThis.asyncRate(one), language)
      found[language].later = { ...later, ...(await longestTask()) }
    }
    return found
  } finally {
    await page.close()
  }
}

/** Opened for the first time by a browser with an empty profile, again by a new one, and a third time for its memory. */
export async function loading(target) {
  const profile = await mkdtemp(join(tmpdir(), 'bench-profile-'))
  try {
    const timed = async (page) => {
      const longestTask = await watchTasks(page)
      const result = await openTokenizer(page, target, SETTLE)
      return { ...result, ...(await longestTask()) }
    }
    return {
      first: await withProfile(profile, target.url, timed),
      later: await withProfile(profile, target.url, timed),
      memory: await withProfile(profile, target.url, async (page) => {
        await page.evaluate((side) => globalThis.importSide(side), target.side)
        const before = await memoryOf(page)
        await openTokenizer(page, target, SETTLE)
        return (await memoryOf(page)) - before
      }),
    }
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Both sides' MB/s for each language in a Node process of their own. */
export async function native(folder, texts, warmUp, first) {
  const script = fileURLToPath(new URL('native.mjs', import.meta.url))
  const { stdout } = await run(process.execPath, [script, folder, texts, String(warmUp), first], {
    maxBuffer: 1e9,
  })
  return JSON.parse(stdout)
}

const openTokenizer = (page, { side, hub, repository }, settle = 0) =>
  page.evaluate(
    ([side, options, settle]) => globalThis.openTokenizer(side, options, settle),
    [side, { hub, repository }, settle],
  )

async function visit(page, url) {
  page.on('pageerror', (error) => console.error(`  in the page: ${error.message}`))
  await page.goto(`${url}/index.html`)
  await page.waitForFunction(() => globalThis.ready)
}

async function withProfile(profile, url, use) {
  const args = [...launchOptions.args, eagerMemory]
  const context = await chromium.launchPersistentContext(profile, { ...launchOptions, args })
  try {
    const page = context.pages()[0] ?? (await context.newPage())
    await visit(page, url)
    return await use(page)
  } finally {
    await context.close() // in good order, or what it stored is lost
  }
}

/** After a collection: what the page and its workers hold, buffers included. */
async function memoryOf(page) {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  return page.evaluate(() => globalThis.measureMemory())
}
