/** @file A visit to the speed demo: a run that is stopped, one to its end, its result copied, a model that is not there, offline. */
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildDemos } from '../../demos/build.mjs'
import { percent, type Result } from '../../demos/speed/src/result'
import { launch } from '../browser.mjs'
import { openDemo } from './page'

let browser: Browser

beforeAll(async () => {
  await buildDemos()
  browser = await launch()
})
afterAll(() => browser?.close())

/** A random model is as fast as any other of its size. */
const served = {
  mirror: new URL('../../packages/webformers/fixtures', import.meta.url).pathname,
  chat: { repository: 'tiny/llama-writer' },
  notice: 'This machine serves the model.',
}

const status = (page: Page, words: string) => page.locator('#status').filter({ hasText: words }).waitFor()
const press = (page: Page, name: string) => page.getByRole('button', { name }).click()
const copied = (page: Page) => page.evaluate(() => navigator.clipboard.readText())

/** 24,720 numbers, a row of the table of tokens, and keys and values of 2 layers with 2 heads of size 4, of 4 bytes each. */
const bytesAt = (past: number) => 4 * (24_720 + 16 + 2 * 2 * 2 * 4 * past)

/** Press Stop as soon as the model is measured. From within, for a tiny model is done in a blink. */
const stopAtFirstRound = (page: Page) =>
  page.evaluate(() => {
    const [status, stop] = ['status', 'stop'].map((id) => document.getElementById(id)!)
    new MutationObserver((_, observer) => {
      if (!/^Round 1 of 3/.test(status!.textContent!)) return
      observer.disconnect()
      stop!.click()
    }).observe(status!, { childList: true })
  })

test('stop, run, copy, offline', async () => {
  const { page, context, complaints, goOffline, close } = await openDemo(browser, 'speed', served)
  try {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.locator('#origin', { hasText: served.notice }).waitFor()
    await page.getByLabel('Run it on').selectOption('wasm')
    expect(await page.locator('#dtype').inputValue()).toBe('fp32')

    await stopAtFirstRound(page)
    await press(page, 'Run')
    await status(page, 'Stopped.')
    expect(await page.locator('#report').isHidden()).toBe(true)

    await press(page, 'Run')
    await status(page, 'Done.')
    expect(await page.locator('#runtime').textContent()).toBe('llama-writer, on WebAssembly')
    await press(page, 'Copy as JSON')
    await page.getByText('Copied as JSON.').waitFor()
    const result: Result = JSON.parse(await copied(page))
    expect(result).toMatchObject({ model: 'tiny/llama-writer', device: 'wasm', dtype: 'fp32', rounds: 3 })
    expect(result.reading.tokens).toBe(255) // it has 256 positions
    expect(result.writing.map(({ past }) => past)).toEqual([64, 239])
    for (const { past, bytesPerToken, ceiling, share, tokensPerSecond } of result.writing) {
      expect(bytesPerToken).toBe(bytesAt(past))
      expect(ceiling).toBeCloseTo(result.bandwidth.high / bytesPerToken, 6)
      expect(share).toBeCloseTo(tokensPerSecond.median / ceiling, 6)
      const { low, median, high } = tokensPerSecond
      expect([low, median, high]).toEqual([low, median, high].toSorted((a, b) => a - b))
      expect(low).toBeGreaterThan(0)
    }
    await press(page, 'Copy as text')
    await page.getByText('Copied as text.').waitFor()
    const text = await copied(page)
    expect(text).toMatch(/^tiny\/llama-writer, fp32 on WebAssembly \(\d+ threads?\)\nMemory: \d+\.\d GB\/s\n/)

    const shares = result.writing.map(({ share }) => percent(share))
    expect(await page.locator('#bars svg').getAttribute('aria-label')).toBe(
      `Share of what memory allows: ${shares[0]} at 64 past tokens, ${shares[1]} at 239 past tokens`,
    )
    expect(await page.locator('#rows td:nth-of-type(2)').allTextContents()).toEqual(shares)
    const drawn = await page
      .locator('#bars .bar')
      .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute('width'))))
    expect(drawn[0]! / drawn[1]!).toBeCloseTo(result.writing[0]!.share / result.writing[1]!.share, 2)

    await goOffline()
    await page.reload()
    await page.getByLabel('Run it on').selectOption('wasm')
    await page.locator('#dtype').selectOption('int8')
    await press(page, 'Run')
    await status(page, 'Done.')
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
    expect(await page.locator('#text').textContent()).toMatch(/^tiny\/llama-writer, int8 on WebAssembly/)
    expect(complaints).toEqual([])
  } finally {
    await close()
  }
})

test('says what is wrong with a model', async () => {
  const { page, close } = await openDemo(browser, 'speed', served)
  try {
    await page.locator('#origin', { hasText: served.notice }).waitFor()
    await page.getByLabel('Another of the Hub').check()
    await page.getByLabel('Repository', { exact: true }).fill('tiny/not-there')
    await page.getByLabel('Run it on').selectOption('wasm')
    await press(page, 'Run')
    await page.locator('#status.alarm', { hasText: 'No repository "tiny/not-there"' }).waitFor()
    expect(await page.getByRole('button', { name: 'Run' }).isEnabled()).toBe(true)

    await page.getByLabel('Repository', { exact: true }).fill('tiny/bert-base')
    await press(page, 'Run')
    await page.locator('#status.alarm', { hasText: /bert/i }).waitFor()
  } finally {
    await close()
  }
})
