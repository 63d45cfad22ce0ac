/** @file A visit to the semantic-search demo, from the first to one without a network, with whatever model is served. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright'
import { expect } from 'vitest'
import { launch } from '../browser.mjs'
import { serveDemos } from '../serve-demos.mjs'

export interface Journey {
  /** A folder of repositories, and the one in it to use. */
  mirror: string
  repository: string
  /** How many sentences of the book. */
  sentences: number
  /** What to look for, and what the first answers then say; a random model has no opinion. */
  expected?: { query: string; answer: RegExp }
}

/** Takes the journey; fails where the demo does. Built demos are needed. */
export async function takeJourney({ mirror, repository, sentences, expected }: Journey): Promise<void> {
  const notice = 'This machine serves the model.'
  const server = await serveDemos({ port: 0, mirror, repository, notice })
  const browser = await launch()
  try {
    const context = await browser.newContext()
    context.setDefaultTimeout(120_000)
    const page = await context.newPage()
    const complaints = listen(page)

    const text = await visit(page, `${server.url}semantic-search/?sentences=${sentences}`)
    expect(text).toBe(notice)
    await embedWithBreak(page, sentences)
    await search(page, expected)
    await exploreAttention(page, JSON.parse(await readFile(join(mirror, repository, 'config.json'), 'utf8')))
    await changeDevice(page)
    await checkInstallable(context, page)

    await server.close()
    await context.setOffline(true)
    await page.goto(page.url().replace(/#.*/, ''))
    await page.reload()
    await page.getByText(/sentences embedded/).waitFor()
    await runtime(page, 'Runs on').waitFor()
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
    await search(page, expected)
    await exploreAttention(page, JSON.parse(await readFile(join(mirror, repository, 'config.json'), 'utf8')))

    expect(complaints).toEqual([])
  } finally {
    await browser.close()
    await server.close()
  }
}

/** A real model on a slow machine takes its time. */
const eventually = <T>(probe: () => T | Promise<T>) => expect.poll(probe, { timeout: 60_000 })

/** Everything the page says that it should not have to. */
function listen(page: Page): string[] {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  return complaints
}

/** The server sends no header for isolation: the page gets it from its service worker. */
async function visit(page: Page, url: string): Promise<string | null> {
  let loads = 0
  page.on('load', () => {
    loads += 1
  })
  const response = await page.goto(url)
  expect(response?.headers()).not.toHaveProperty('cross-origin-opener-policy')
  await page.waitForFunction(() => crossOriginIsolated)
  await page.getByRole('button', { name: 'Embed them' }).waitFor()
  expect(loads).toBe(2) // once more under the service worker, and no loop
  return page.locator('#index-detail').textContent()
}

const embedded = async (page: Page) =>
  Number((await page.locator('#index-status').textContent())?.replaceAll(',', '').match(/^\d+/)?.[0])

async function embedWithBreak(page: Page, sentences: number) {
  const cancelled = atFirstProgress(page, 'cancel')
  await page.getByRole('button', { name: 'Embed them' }).click()
  await cancelled
  await page.getByRole('button', { name: 'Resume' }).waitFor()
  const stopped = await embedded(page)
  expect(stopped).toBeGreaterThan(0)
  expect(stopped).toBeLessThan(sentences)
  const bar = page.locator('#index-progress')
  expect(await bar.evaluate(({ value }: HTMLProgressElement) => value)).toBe(stopped / sentences)

  const resumed = atFirstProgress(page, 'go on')
  await page.getByRole('button', { name: 'Resume' }).click()
  expect(await resumed).toBeGreaterThan(stopped)
  await page.getByText('Kept in this browser').waitFor({ timeout: 200_000 })
  expect(await embedded(page)).toBe(sentences)
}

/** How many sentences are embedded when the page first tells its speed. From within, for a tiny model is done in a blink. */
const atFirstProgress = (page: Page, then: 'cancel' | 'go on') =>
  page.evaluate(
    (then) =>
      new Promise<number>((resolve) => {
        const [status, detail, button] = ['index-status', 'index-detail', 'index-action'].map(
          (id) => document.getElementById(id)!,
        )
        new MutationObserver((_, observer) => {
          if (!/sentences\/s, .* left/.test(detail!.textContent!)) return
          observer.disconnect()
          if (then === 'cancel') button!.click()
          resolve(Number.parseInt(status!.textContent!.replaceAll(',', ''), 10))
        }).observe(detail!, { childList: true })
      }),
    then,
  )

async function search(page: Page, expected: Journey['expected']) {
  const input = page.getByLabel('What to look for')
  const results = page.locator('#results li:visible')
  await input.fill('the sea')
  await eventually(() => results.count()).toBe(10)
  const scores = (await page.locator('.number').allTextContents()).map(Number)
  expect(scores).toEqual(scores.toSorted((a, b) => b - a))

  // Nothing is nearer to a sentence than itself.
  const sentence = await somethingPlain(page, 4)
  await input.fill(sentence)
  await eventually(() => page.locator('.sentence').first().textContent()).toBe(sentence)
  expect(await page.locator('.number').first().textContent()).toBe('1.000')

  if (!expected) return
  await input.fill(expected.query)
  await eventually(async () =>
    (await page.locator('.sentence').allTextContents()).slice(0, 3).join('\n'),
  ).toMatch(expected.answer)
}

/** A sentence from the results, after the first few; quotation marks are shown in print and not as they were embedded. */
async function somethingPlain(page: Page, after: number): Promise<string> {
  const sentences = (await page.locator('.sentence').allTextContents()).slice(after)
  return sentences.find((sentence) => !/[“”‘’]/.test(sentence))!
}

interface Config {
  num_hidden_layers: number
  num_attention_heads: number
}

async function exploreAttention(page: Page, { num_hidden_layers, num_attention_heads }: Config) {
  await page
    .getByRole('button', { name: /^Attention maps of/ })
    .first()
    .click()
  const heads = page.getByRole('button', { name: /^Layer \d+, head \d+$/ })
  await eventually(() => heads.count()).toBe(num_hidden_layers * num_attention_heads)
  const shades = await page.locator('#heads canvas').evaluateAll((canvases: HTMLCanvasElement[]) =>
    canvases.map((canvas) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      return new Set(data.filter((_, i) => i % 4 === 3)).size
    }),
  )
  expect(Math.min(...shades)).toBeGreaterThan(1) // every picture shows something

  await heads.first().click()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  expect(await page.locator('#head-title').textContent()).toBe('Layer 2, head 2')

  const tokens = page.getByLabel('Tokens that look').getByRole('button')
  expect(await tokens.first().textContent()).toBe('[CLS]')
  for (const token of (await tokens.all()).slice(0, 3)) {
    await token.focus()
    const weights = await page
      .locator('#to li')
      .evaluateAll((items: HTMLElement[]) =>
        items.map((item) => Number(item.style.getPropertyValue('--weight'))),
      )
    expect(weights.reduce((sum, weight) => sum + weight)).toBeCloseTo(1, 4)
    expect(await page.locator('#readout').textContent()).toContain(`“${await token.textContent()}” looks at`)
  }
  await page.getByRole('link', { name: 'Search' }).click()
}

const runtime = (page: Page, text: string) => page.locator('#runtime', { hasText: text })

/** Vectors of one device find those of another. */
async function changeDevice(page: Page) {
  const device = page.getByLabel('Run the model on')
  const sentence = await somethingPlain(page, 1)
  await device.selectOption('webgpu')
  await runtime(page, 'Runs on WebGPU').waitFor()
  await page.getByLabel('What to look for').fill(sentence)
  await eventually(() => page.locator('.sentence').first().textContent()).toBe(sentence)
  expect(await page.locator('.number').first().textContent()).toBe('1.000')
  await device.selectOption('auto')
  await runtime(page, 'Runs on WebAssembly').waitFor()
}

async function checkInstallable(context: BrowserContext, page: Page) {
  const devtools = await context.newCDPSession(page)
  const { errors } = await devtools.send('Page.getAppManifest')
  expect(errors).toEqual([])
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors')
  // Playwright's contexts are incognito, which Chromium installs nothing from.
  expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual(['in-incognito'])

  const icons = await page.evaluate(async () => {
    const { href } = document.querySelector<HTMLLinkElement>('link[rel=manifest]')!
    const manifest: { icons: { src: string; sizes: string }[] } = await (await fetch(href)).json()
    return Promise.all(
      manifest.icons.map(async ({ src, sizes }) => {
        const image = new Image()
        image.src = new URL(src, href).href
        await image.decode()
        return { sizes, real: `${image.naturalWidth}x${image.naturalHeight}` }
      }),
    )
  })
  expect(icons.length).toBeGreaterThan(2)
  for (const { sizes, real } of icons) if (sizes !== 'any') expect(real).toBe(sizes)
  const active = await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state)
  expect(active).toBe('activated')
}
