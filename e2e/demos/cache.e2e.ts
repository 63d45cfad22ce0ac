/** @file A visit to the cache demo: download, cancel, go on, look, verify, remove, and all that is kept without a network. */
import { rm } from 'node:fs/promises'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildDemos } from '../../demos/build.mjs'
import { launch } from '../browser.mjs'
import { numbered, writeRepositories } from '../hub/site'
import { serveDemos } from '../serve-demos.mjs'

let browser: Browser
let mirror: string

beforeAll(async () => {
  await buildDemos()
  const model = (name: string, megabytes: number) => ({
    [`${name}/config.json`]: '{"model_type": "bert"}',
    [`${name}/tokenizer.json`]: `{"of": "${name}"}`,
    [`${name}/model.safetensors`]: numbered(megabytes),
  })
  mirror = await writeRepositories({ ...model('org/small', 2), ...model('org/large', 24) })
  browser = await launch()
})
afterAll(async () => {
  await browser?.close()
  if (mirror) await rm(mirror, { recursive: true })
})

const models = (page: Page) => page.locator('#models > li')
const status = (page: Page) => page.locator('#progress-status')
const verdict = (page: Page) => page.locator('#verdict')

async function download(page: Page, name: string) {
  await page.getByLabel('Download a model').fill(name)
  await page.keyboard.press('Enter')
}

test('download, cancel, go on, verify, remove; then without a network', async () => {
  const server = await serveDemos({ port: 0, mirror, repository: 'org/small', notice: 'This machine.' })
  const context = await browser.newContext()
  context.setDefaultTimeout(60_000)
  try {
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    await page.goto(`${server.url}cache/`)
    await page.waitForFunction(() => crossOriginIsolated)
    await page.getByText('Nothing yet.').waitFor()
    expect(await page.locator('#origin').textContent()).toBe('This machine.')

    expect(await page.getByLabel('Download a model').inputValue()).toBe('org/small')
    await page.getByRole('button', { name: 'Download' }).click()
    await status(page).filter({ hasText: 'org/small is here: 3 files, 2.1 MB.' }).waitFor()
    expect(await page.locator('#progress-files li').count()).toBe(3)
    expect(await models(page).count()).toBe(1)

    // The first bytes of the large one have come: cancelled then, it goes on from there.
    const cancelled = page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const text = document.querySelector('#progress-status')!
          new MutationObserver((_, observer) => {
            if (!/^[4-9]\.\d MB of 25\.2 MB/.test(text.textContent!)) return
            observer.disconnect()
            document.querySelector<HTMLButtonElement>('#cancel')!.click()
            resolve()
          }).observe(text, { childList: true })
        }),
    )
    await download(page, 'org/large')
    await cancelled
    await status(page).filter({ hasText: 'Cancelled.' }).waitFor()
    await download(page, 'org/large')
    await status(page).filter({ hasText: 'org/large is here: 3 files, 25.2 MB.' }).waitFor()
    expect(await page.locator('#progress-total').evaluate(({ value }: HTMLProgressElement) => value)).toBe(1)

    expect(await models(page).locator('h3').allTextContents()).toEqual(['org/large', 'org/small'])
    const widths = await page.locator('.bar i').evaluateAll((bars) => bars.map((bar) => bar.clientWidth))
    expect(widths[1]! / widths[0]!).toBeCloseTo(2 / 24, 1)
    await models(page).first().locator('summary').click()
    await page.locator('details[open]').getByText('model.safetensors').waitFor()

    await page.getByRole('button', { name: 'Verify all' }).click()
    await verdict(page).filter({ hasText: 'Verified everything: 6 files have their hashes.' }).waitFor()
    await spoil(page)
    await page.getByRole('button', { name: 'Verify org/small' }).click()
    await verdict(page)
      .filter({ hasText: /2 files have their hashes; damaged and removed: model\.safetensors/ })
      .waitFor()

    await page.getByRole('button', { name: 'Remove the oldest' }).click()
    await verdict(page).filter({ hasText: 'org/small was not used for longest and is gone' }).waitFor()
    expect(await models(page).count()).toBe(1)

    await download(page, 'org/absent')
    await status(page).filter({ hasText: 'No repository "org/absent"' }).waitFor()
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([])

    await server.close()
    await context.setOffline(true)
    await page.reload()
    await page.getByRole('heading', { name: 'org/large' }).waitFor()
    await page.getByRole('button', { name: 'Remove all' }).click()
    await page.getByRole('button', { name: 'Really remove all?' }).click()
    await page.getByText('Nothing yet.').waitFor()
  } finally {
    await context.close()
    await server.close()
  }
})

/** Change a byte of org/small's weights on the disk. */
const spoil = (page: Page) =>
  page.evaluate(async () => {
    const request = indexedDB.open('webformers-chunks')
    const database = await new Promise<IDBDatabase>((resolve) => {
      request.onsuccess = () => resolve(request.result)
    })
    const store = database.transaction('chunks', 'readwrite').objectStore('chunks')
    await new Promise<void>((resolve) => {
      store.openCursor().onsuccess = ({ target }) => {
        const cursor = (target as IDBRequest<IDBCursorWithValue | null>).result
        if (!cursor) return resolve()
        const blob: Blob = cursor.value
        if (blob.size === 2 * 2 ** 20) cursor.update(new Blob(['x', blob.slice(1)]))
        cursor.continue()
      }
    })
    database.close()
  })
