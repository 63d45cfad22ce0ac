/** @file The demo with a tiny random model, which every machine has. `npm run test:real` takes the journey with MiniLM. */
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { buildDemos } from '../../demos/build.mjs'
import { launch } from '../browser.mjs'
import { serveDemos } from '../serve-demos.mjs'
import { takeJourney } from './journey'

const mirror = fileURLToPath(new URL('../../packages/webformers/fixtures', import.meta.url))

beforeAll(() => buildDemos())

test('embed, cancel, resume, search, look inside, then all again without a network', () =>
  takeJourney({ mirror, repository: 'tiny/bert-base', sentences: 800 }))

test('says what to do where there is no model', async () => {
  const server = await serveDemos({ port: 0, mirror, repository: 'tiny/not-there', notice: 'A mirror.' })
  const browser = await launch()
  try {
    const page = await browser.newPage()
    await page.goto(`${server.url}semantic-search/`)
    await page.getByRole('button', { name: 'Embed them' }).click()
    await page.getByText('The model could not be loaded.').first().waitFor()
    expect(await page.locator('#index-detail').textContent()).toContain('No repository "tiny/not-there"')

    await page.route('**/hub/**', (route) => route.abort())
    await page.getByRole('button', { name: 'Try again' }).first().click()
    await page
      .getByText(/can’t be reached/)
      .first()
      .waitFor()
    expect(await page.locator('#index-detail').textContent()).toContain('npm run demo')
  } finally {
    await browser.close()
    await server.close()
  }
})
