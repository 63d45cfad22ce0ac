/** @file A demo's page, opened as built: isolated by its service worker, and with an ear for what it complains of. */
import type { Browser, BrowserContext, Page } from 'playwright'
import { serveDemos } from '../serve-demos.mjs'

export interface Opened {
  readonly page: Page
  readonly context: BrowserContext
  /** What the page said that it should not have to. */
  readonly complaints: string[]
  /** End the server, and the network with it. */
  goOffline(): Promise<void>
  close(): Promise<void>
}

/** A head without weights in the checkpoint is told, and is what is trained. */
const EXPECTED = /they are new and random/

export async function openDemo(
  browser: Browser,
  name: string,
  options: Parameters<typeof serveDemos>[0] = {},
): Promise<Opened> {
  const server = await serveDemos({ port: 0, ...options })
  const context = await browser.newContext()
  context.setDefaultTimeout(120_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !EXPECTED.test(message.text()))
      complaints.push(message.text())
  })
  await page.goto(`${server.url}${name}/`)
  await page.waitForFunction(() => crossOriginIsolated)
  return {
    page,
    context,
    complaints,
    async goOffline() {
      await server.close()
      await context.setOffline(true)
    },
    async close() {
      await context.close()
      await server.close()
    },
  }
}

/** What a chart says in words: 'Loss: training 0.12 at step 40, held out 0.10 at step 40'. */
export const chart = async (page: Page, id: string): Promise<string> =>
  (await page.locator(`#${id} svg`).getAttribute('aria-label')) ?? ''

/** The last value of one of its lines. */
export const lastValue = async (page: Page, id: string, series: string): Promise<number> =>
  Number(new RegExp(`${series} ([\\d.]+)`).exec(await chart(page, id))?.[1])
