/** @file What is measured of one side: times in a page or in Python, memory in a browser of its own, calls to the GPU. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { memoryOver, open, withBrowser } from '../pages.mjs'
import { watchPlacements } from '../placements.mjs'
import { median } from '../statistics.mjs'
import { watchTasks } from '../tasks.mjs'
import { adamw, batch } from './page/batch.js'

const run = promisify(execFile)

const inTheMiddle = ({ forward, step, update, losses }) => ({
  forward: median(forward),
  step: median(step),
  update: update?.length ? median(update) : undefined,
  losses,
})

/** Milliseconds of a forward pass and of a step, in a page of its own. */
export async function times(context, url, target, { runs, warmUp }) {
  const page = await context.newPage()
  try {
    const about = await open(page, url, target)
    const found = await page.evaluate((wanted) => globalThis.measure(wanted), { runs, warmUp })
    const update = await page.evaluate((wanted) => globalThis.measureUpdate(wanted), { runs })
    return { ...inTheMiddle({ ...found, update }), about }
  } finally {
    await page.close()
  }
}

/** The same in PyTorch, in a process of its own. */
export async function pytorchTimes(python, folder, { threads, dropout }, { runs, warmUp }) {
  const script = fileURLToPath(new URL('pytorch.py', import.meta.url))
  const given = [folder, threads, dropout, warmUp, runs, JSON.stringify(batch()), JSON.stringify(adamw)]
  const { stdout } = await run(python, [script, ...given.map(String)], {
    env: { ...process.env, HF_HUB_OFFLINE: '1' },
  })
  return inTheMiddle(JSON.parse(stdout))
}

/** The most that the browser's processes held, but for the GPU's, over what they held with an empty page: a first visit and steps. */
export const memory = (url, target, steps) =>
  memoryOver(url, target, (page) => page.evaluate((steps) => globalThis.train(steps), steps))

/** The longest tasks of a page's main thread, from the import of a side to the last of some steps. */
export async function mainThread(context, url, { side, options }, steps) {
  const page = await context.newPage()
  try {
    await page.goto(`${url}/index.html`)
    await page.waitForFunction(() => globalThis.ready)
    const longestTask = await watchTasks(page)
    await page.evaluate((given) => globalThis.watched(...given), [side, options, steps])
    return await longestTask()
  } finally {
    await page.close()
  }
}

/** What the two halves of a step ask of the GPU. */
export function gpuCalls(url, target) {
  return withBrowser(async (context) => {
    await context.addInitScript({ content: `import(${JSON.stringify(`${url}/shared/counters.js`)})` })
    const page = context.pages()[0] ?? (await context.newPage())
    const placements = watchPlacements(page)
    const about = await open(page, url, target)
    const { cpuNodes } = placements()
    const counts = await page.evaluate(() => globalThis.countCalls())
    return { ...counts, cpuNodes, trained: about.trained }
  })
}
