/** @file A visit to the training demo, with what lies in its build: a file of one's own, pause, stop, LoRA, an archive, offline. */
import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildDemos } from '../../demos/build.mjs'
import { launch } from '../browser.mjs'
import { chart, lastValue, openDemo } from './page'

let browser: Browser

beforeAll(async () => {
  await buildDemos()
  browser = await launch()
})
afterAll(() => browser?.close())

/** Two labels whose texts have few words in common: also a model that knows nothing learns them soon. */
const words = {
  rain: ['grey', 'wet', 'cold', 'storm', 'cloud'],
  sun: ['bright', 'warm', 'dry', 'light', 'clear'],
}
const texts = Object.entries(words).flatMap(([label, list]) =>
  Array.from({ length: 60 }, (_, i) => {
    const pick = (k: number) => list[(i * (k + 1) + Math.floor(i / 5) * k) % list.length]
    return `${i},"${pick(0)}, ${pick(1)} and ${pick(2)}",${label}`
  }),
)
const weather = Buffer.from(`id,report,weather\n${texts.join('\n')}\n`)

const status = (page: Page) => page.locator('#status')

async function choose(page: Page, csv: Buffer, name = 'weather.csv') {
  await page.getByLabel('A CSV file of yours').check()
  await page.getByLabel('File', { exact: true }).setInputFiles({ name, mimeType: 'text/csv', buffer: csv })
}

async function set(page: Page, { epochs, rate }: { epochs: number; rate: number }) {
  await page.getByLabel('Epochs').fill(String(epochs))
  await page.getByLabel('Batch').fill('8')
  await page.getByLabel('Learning rate').fill(String(rate))
}

/** The names in an archive that is downloaded. */
async function archive(page: Page): Promise<string[]> {
  const coming = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download a zip' }).click()
  const download = await coming
  expect(download.suggestedFilename()).toBe('trained-model.zip')
  await page.locator('#kept', { hasText: 'among your downloads' }).waitFor()
  const bytes = await readFile(await download.path())
  const names: string[] = []
  // Each file's entry in the directory at the end: a signature, the length of the name at 28, the name at 46.
  for (let at = bytes.indexOf('PK\u0001\u0002'); at >= 0; at = bytes.indexOf('PK\u0001\u0002', at + 1))
    names.push(bytes.toString('utf8', at + 46, at + 46 + bytes.readUInt16LE(at + 28)))
  return names
}

test('train on a file, pause, ask, save; then again with LoRA, and without a network', async () => {
  const { page, complaints, goOffline, close } = await openDemo(browser, 'train')
  const summary = page.locator('#data-summary')
  try {
    await summary.filter({ hasText: '600 texts: ham 300, spam 300.' }).waitFor()
    await choose(page, Buffer.from('text,label\none,a\n'), 'short.csv')
    await summary.filter({ hasText: 'short.csv has 1 rows' }).waitFor()
    await page.getByRole('button', { name: 'Train' }).click()
    await status(page).filter({ hasText: 'short.csv has 1 rows' }).waitFor()

    await choose(page, weather)
    await summary.filter({ hasText: '120 texts: rain 60, sun 60.' }).waitFor()
    expect(await page.getByLabel('Texts are in').inputValue()).toBe('report')
    expect(await page.getByLabel('Labels are in').inputValue()).toBe('weather')
    await set(page, { epochs: 4, rate: 0.003 })
    await page.getByRole('textbox', { name: 'A text' }).fill('warm, bright and dry')
    await page.getByRole('button', { name: 'Train anew' }).click()

    await status(page).filter({ hasText: 'Step' }).waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Go on' }).waitFor()
    // By the weights as they are now, while the training waits.
    await page.locator('#scores li').first().waitFor()
    await page.getByRole('button', { name: 'Go on' }).click()
    await status(page).filter({ hasText: 'Done' }).waitFor()
    expect(await lastValue(page, 'loss', 'training')).toBeLessThan(0.2)
    expect(await lastValue(page, 'accuracy', 'held out')).toBeGreaterThan(85)

    const best = page.locator('#scores li').first()
    await best.filter({ hasText: 'sun' }).waitFor()
    await page.getByRole('textbox', { name: 'A text' }).fill('a cold and wet storm')
    await best.filter({ hasText: 'rain' }).waitFor()
    expect(await archive(page)).toEqual(
      expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json']),
    )

    await page.getByLabel('LoRA').check()
    await page.getByRole('button', { name: 'Train anew' }).click()
    await status(page)
      .filter({ hasText: /Step \d+ of/ })
      .waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await status(page).filter({ hasText: 'Stopped: it keeps what it has learnt.' }).waitFor()
    expect(await archive(page)).toEqual(
      expect.arrayContaining(['adapter_config.json', 'adapter_model.safetensors']),
    )
    await page.getByLabel('The whole model').check()
    expect(await archive(page)).toContain('model.safetensors')
    expect(complaints).toEqual([])

    await goOffline()
    await page.reload()
    await summary.filter({ hasText: '600 texts' }).waitFor()
    await choose(page, weather)
    await summary.filter({ hasText: '120 texts' }).waitFor()
    await page.getByRole('button', { name: 'Train' }).click()
    await status(page)
      .filter({ hasText: /Step \d+ of/ })
      .waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await status(page).filter({ hasText: 'Stopped' }).waitFor()
    expect(await chart(page, 'loss')).toMatch(/^Loss: training [\d.]+ at step \d+, held out/)
  } finally {
    await close()
  }
})

test('says what is wrong with a base and a token', async () => {
  const mirror = new URL('../../packages/webformers/fixtures', import.meta.url).pathname
  const { page, close } = await openDemo(browser, 'train', { mirror, repository: 'tiny/bert-base' })
  try {
    await page.getByLabel('Another of the Hub').check()
    await page.getByLabel('Repository', { exact: true }).fill('tiny/not-there')
    await page.locator('#data-summary', { hasText: '600 texts' }).waitFor()
    await page.getByRole('button', { name: 'Train' }).click()
    await status(page).filter({ hasText: 'No repository "tiny/not-there"' }).waitFor()
    expect(await page.locator('#keep').isHidden()).toBe(true)
  } finally {
    await close()
  }
})
