/** @file A visit to the demo that looks inside: tags, pictures of every head, masking by click and by key, all of it offline too. */
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

const heads = (page: Page) => page.locator('.head')

/** Every head was masked once: its bar says what that does. */
async function measured(page: Page) {
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.head .number')].every(({ textContent }) => textContent !== ''),
  )
}

const picture = (page: Page, head: number) =>
  heads(page)
    .nth(head)
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL())

/** A picture of the same size with nothing in it. */
const blank = (page: Page) =>
  heads(page)
    .first()
    .locator('canvas')
    .evaluate(({ width, height }: HTMLCanvasElement) =>
      Object.assign(document.createElement('canvas'), { width, height }).toDataURL(),
    )

const answer = (page: Page) =>
  page.locator('#words li').evaluateAll((items: HTMLElement[]) => items.map(({ title }) => title))

async function look(page: Page) {
  await page.getByLabel('Sentence').fill('She saw the small dog run.')
  await page.locator('#words li b', { hasText: 'dog' }).waitFor()
  expect(await page.locator('#words li b').allTextContents()).toEqual(
    'She saw the small dog run .'.split(' '),
  )
  await measured(page)
}

test('tags, maps, norms; a masked head changes the answer and what the others do', async () => {
  const { page, complaints, goOffline, close } = await openDemo(browser, 'look-inside')
  try {
    await look(page)
    const [layers, perLayer] = (await page.locator('#runtime').textContent())!.match(/\d+/g)!.map(Number)
    expect(await heads(page).count()).toBe(layers! * perLayer!)
    for (let head = 0; head < layers! * perLayer!; head++)
      expect(await picture(page, head)).not.toBe(await blank(page))
    const [whole, last] = [await answer(page), await picture(page, layers! * perLayer! - 1)]

    await heads(page).first().click()
    await page.locator('#verdict', { hasText: 'One head is masked' }).waitFor()
    expect(await heads(page).first().getAttribute('aria-pressed')).toBe('true')
    expect(await answer(page)).not.toEqual(whole)
    expect(await picture(page, layers! * perLayer! - 1)).not.toBe(last) // the last layer reads what the first has written

    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.locator('#verdict', { hasText: '2 heads are masked' }).waitFor()
    expect(await heads(page).nth(perLayer!).getAttribute('aria-pressed')).toBe('true')
    await page.getByRole('button', { name: 'Unmask all' }).click()
    await page.locator('#verdict', { hasText: 'All heads take part.' }).waitFor()
    expect(await answer(page)).toEqual(whole)

    const shades = () =>
      page.locator('.square').evaluateAll((squares: HTMLElement[]) => squares.map(({ title }) => title))
    const states = await shades()
    await page.getByLabel('Which values').selectOption('Queries')
    expect(await shades()).not.toEqual(states)
    expect(complaints).toEqual([])

    await goOffline()
    await page.reload()
    await look(page)
    expect(await answer(page)).toEqual(whole)
  } finally {
    await close()
  }
})
