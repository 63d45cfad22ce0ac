/** @file A visit to the demo of a model of one's own: it is trained, asked, saved, and loaded again on the next visit. */
import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildDemos } from '../../demos/build.mjs'
import { launch } from '../browser.mjs'
import { lastValue, openDemo } from './page'

const source = new URL('../../demos/custom-model/src/architecture.ts', import.meta.url)

let browser: Browser

beforeAll(async () => {
  await buildDemos()
  browser = await launch()
})
afterAll(() => browser?.close())

const best = (page: Page) => page.locator('#scores li').first()

test('what is shown is what runs; it learns, is kept, and answers the same on the next visit', async () => {
  const { page, complaints, goOffline, close } = await openDemo(browser, 'custom-model')
  try {
    const shown = (await readFile(source, 'utf8')).trimEnd()
    await expect.poll(() => page.locator('#source').textContent()).toBe(shown)

    await page.getByRole('button', { name: 'Train' }).click()
    await page.locator('#status', { hasText: 'are right' }).waitFor()
    expect(await lastValue(page, 'accuracy', 'held out')).toBeGreaterThan(80)
    expect(await lastValue(page, 'loss', 'training')).toBeLessThan(0.5)

    const mail = page.getByRole('textbox', { name: 'A mail' })
    await best(page).filter({ hasText: 'spam' }).waitFor()
    await mail.fill(
      'I tried the patch for the kernel and the module does not compile, does anybody know why?',
    )
    await best(page).filter({ hasText: 'ham' }).filter({ hasNotText: 'spam' }).waitFor()
    const answer = await page.locator('#scores').textContent()
    await page.getByRole('button', { name: 'Save in this browser' }).click()
    await page.locator('#kept', { hasText: 'Saved.' }).waitFor()
    expect(complaints).toEqual([])

    await goOffline()
    await page.reload()
    await page.getByRole('button', { name: 'Load what was saved' }).click()
    await page.locator('#kept', { hasText: 'Loaded' }).waitFor()
    await mail.fill(
      'I tried the patch for the kernel and the module does not compile, does anybody know why?',
    )
    await best(page).filter({ hasText: 'ham' }).filter({ hasNotText: 'spam' }).waitFor()
    expect(await page.locator('#scores').textContent()).toBe(answer)
  } finally {
    await close()
  }
})
