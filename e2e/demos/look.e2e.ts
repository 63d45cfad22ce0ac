/** @file A visit to the demo that looks at pictures: labels, boxes, masks, depth, a file, a camera that is not there, all of it offline too. */
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildDemos } from '../../demos/build.mjs'
import { launch } from '../browser.mjs'
import { openDemo } from './page'

let browser: Browser

beforeAll(async () => {
  await buildDemos()
  browser = await launch()
})
afterAll(() => browser?.close())

/** Random models: they see nothing that makes sense, but as any others would. */
const served = {
  mirror: new URL('../../packages/webformers/fixtures', import.meta.url).pathname,
  notice: 'This machine serves the models.',
}
const models = {
  Labels: 'tiny/vit-things',
  Boxes: 'tiny/yolos-things',
  Masks: 'tiny/segformer-places',
  Depth: 'tiny/dpt-depth',
} as const
type View = keyof typeof models

const status = (page: Page, text: RegExp) => page.locator('#status').filter({ hasText: text })
const looked = (page: Page) => status(page, /^Looked in \d+ ms\.$/).waitFor()

/** Choose what to look for; a model that this browser has not is got. */
async function choose(page: Page, view: View, get: boolean) {
  await page.locator('#views').getByText(view).click()
  if (get) {
    await page.getByText('Another of the Hub').click()
    await page.getByLabel('Repository').fill(models[view])
    await page.getByLabel('Repository').press('Tab')
    await status(page, /not in this browser yet/).waitFor()
    await page.getByRole('button', { name: 'Get the model' }).click()
  }
  await looked(page)
  await page.locator('#runtime', { hasText: `${models[view].split('/')[1]}, on ` }).waitFor()
}

/** How much of the overlay is drawn on, and how many colours it has. */
const drawn = (page: Page) =>
  page.locator('#overlay').evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
    const colours = new Set<number>()
    let inside = 0
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] === 0) continue
      inside++
      colours.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!)
    }
    return { share: (4 * inside) / data.length, colours: colours.size }
  })

const lines = (page: Page) => page.locator('#legend li:not(.nothing)')

test('labels, boxes, masks and depth over a photo; another photo; no camera; offline', async () => {
  const { page, complaints, goOffline, close } = await openDemo(browser, 'look', served)
  try {
    await page.locator('#origin', { hasText: served.notice }).waitFor()
    await status(page, /not in this browser yet/).waitFor()

    await choose(page, 'Labels', true)
    expect(await lines(page).count()).toBeGreaterThan(1)
    expect((await drawn(page)).share).toBe(0)

    await choose(page, 'Boxes', true)
    await page.getByLabel('Show what is surer than').fill('0.05')
    const boxes = await lines(page).count()
    expect(boxes).toBeGreaterThan(0)
    expect(await page.locator('#tags li').count()).toBe(boxes)
    expect((await drawn(page)).share).toBeGreaterThan(0)
    await page.getByLabel('Show what is surer than').fill('0.95')
    expect(await lines(page).count()).toBe(0)
    await page.getByText('Nothing that it is sure enough of.').waitFor()

    await choose(page, 'Masks', true)
    expect((await drawn(page)).share).toBeGreaterThan(0.9) // each pixel is something
    expect((await drawn(page)).colours).toBe(await lines(page).count())

    await choose(page, 'Depth', true)
    const before = await drawn(page)
    expect(before.share).toBe(1)
    expect(before.colours).toBeGreaterThan(20)
    await page.locator('#overlay').hover({ position: { x: 20, y: 20 } })
    await page.locator('#readout', { hasText: /^Depth there: -?\d+\.\d{3}$/ }).waitFor()

    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choose a photo' }).click()
    const photo = fileURLToPath(new URL('../../demos/look/public/icon-192.png', import.meta.url))
    await (await chooser).setFiles(photo)
    await page.getByRole('img', { name: 'icon-192.png' }).waitFor()
    await looked(page)
    expect(await page.locator('#overlay').evaluate((canvas: HTMLCanvasElement) => canvas.width)).toBe(192)

    await page.getByRole('button', { name: 'Use the camera' }).click()
    await status(page, /camera/).waitFor()
    expect(complaints).toEqual([])

    await goOffline()
    await page.reload()
    await looked(page)
    await page.locator('#runtime', { hasText: 'dpt-depth, on ' }).waitFor()
    expect((await drawn(page)).share).toBe(1)
    await choose(page, 'Masks', false)
    expect((await drawn(page)).share).toBeGreaterThan(0.9)
  } finally {
    await close()
  }
})
