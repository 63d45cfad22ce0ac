/** @file One browser, one side, one thing measured. Each starts a browser of its own, so that nothing lingers. */
import { chromium } from 'playwright'
import { launchOptions } from '../browser.mjs'
import { shapes, textOf } from './inputs.mjs'
import { memoryOf, watchMemory } from './memory.mjs'
import { watchPlacements } from './placements.mjs'
import { median } from './statistics.mjs'
import { watchTasks } from './tasks.mjs'

const firstText = textOf(16)

async function open(url, profile, initScript) {
  const context = await chromium.launchPersistentContext(profile, launchOptions)
  if (initScript) await context.addInitScript({ content: initScript })
  const page = context.pages()[0] ?? (await context.newPage())
  page.on('pageerror', (error) => console.error(`  in the page: ${error.message}`))
  await page.goto(`${url}/index.html`)
  await page.waitForFunction(() => globalThis.ready)
  return { context, page }
}

const load = (page, { side, options }) =>
  page.evaluate(([side, options, text]) => globalThis.load(side, options, text), [side, options, firstText])

const forward = (page, { batch, tokens }, runs) =>
  page.evaluate(([texts, runs]) => globalThis.forward(texts, runs), [Array(batch).fill(textOf(tokens)), runs])

/** First visit, with an empty profile. */
export async function cold({ url, profile, ...target }) {
  const { context, page } = await open(url, profile)
  try {
    const longestTask = await watchTasks(page)
    const result = await load(page, target)
    return { ...result, ...(await longestTask()) }
  } finally {
    await context.close() // in good order, or the browser's cache is lost
  }
}

/** A later visit: load from the cache, forwards of every shape, and a reload of the page. */
export async function warm({ url, profile, texts, ...target }) {
  const { context, page } = await open(url, profile)
  try {
    const longestTask = await watchTasks(page)
    const result = { ...(await load(page, target)), ...(await longestTask()) }
    const forwards = {}
    for (const shape of shapes) forwards[shape.name] = median(await forward(page, shape, shape.runs))
    const embeddings = texts && (await page.evaluate((texts) => globalThis.embeddings(texts), texts))
    await page.reload()
    await page.waitForFunction(() => globalThis.ready)
    const { load: reload } = await load(page, target)
    return { ...result, forwards, reload, embeddings }
  } finally {
    await context.close()
  }
}

/** The most the browser's processes hold, over what they hold with an empty page, from import to the last of three large batches. */
export async function memory({ url, profile, ...target }) {
  const { context, page } = await open(url, profile)
  try {
    await page.waitForTimeout(1000)
    const idle = await memoryOf(profile)
    const watch = watchMemory(profile)
    await load(page, target)
    await forward(page, shapes.at(-1), 1)
    return { peak: (await watch.stop()).all - idle }
  } finally {
    await context.close()
  }
}

/** What one forward of a sentence asks of the GPU. On a software adapter the counts mean something and times don't. */
export async function webgpu({ url, profile, texts, ...target }) {
  const { context, page } = await open(url, profile, `import(${JSON.stringify(`${url}/counters.js`)})`)
  const placements = watchPlacements(page)
  try {
    await page.waitForTimeout(200)
    await load(page, target)
    await forward(page, shapes[0], 1)
    const before = await page.evaluate(() => globalThis.readCounters())
    await page.evaluate(([texts]) => globalThis.embeddings(texts), [[firstText]])
    const after = await page.evaluate(() => globalThis.readCounters())
    const embeddings = await page.evaluate((texts) => globalThis.embeddings(texts), texts)
    const counts = Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - before[name]]))
    return { ...counts, ...placements(), embeddings }
  } finally {
    await context.close()
  }
}
