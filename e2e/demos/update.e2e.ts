/** @file A new version of a demo waits until the page changes over to it, and leaves nothing of the old one behind. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { buildDemos } from '../../demos/build.mjs'
import { launch } from '../browser.mjs'
import { serveDemos } from '../serve-demos.mjs'

test('an open page is offered the new version', async () => {
  await buildDemos()
  const folder = await mkdtemp(join(tmpdir(), 'demos-'))
  await cp(fileURLToPath(new URL('../../demos/dist', import.meta.url)), folder, { recursive: true })
  const demo = join(folder, 'semantic-search')
  const publish = async (version: string) => {
    await edit(join(demo, 'sw.js'), (code) => code.replace(/"version":"[^"]*"/, `"version":"${version}"`))
    await edit(join(demo, 'index.html'), (html) =>
      html.replace(/<h1 id="search-title">.*?<\/h1>/s, `<h1 id="search-title">${version}</h1>`),
    )
  }
  const server = await serveDemos({ folder, port: 0 })
  const browser = await launch()
  try {
    const page = await browser.newPage()
    const version = () => page.locator('#search-title').textContent()
    await publish('first')
    await page.goto(`${server.url}semantic-search/`)
    await page.waitForFunction(() => crossOriginIsolated)
    expect(await version()).toBe('first')

    await publish('second')
    await page.reload()
    await page.getByText('A new version is ready.').waitFor()
    expect(await version()).toBe('first') // not before the page agrees
    await page.getByRole('button', { name: 'Reload' }).click()
    await expect.poll(version, { timeout: 30_000 }).toBe('second')
    await expect
      .poll(() => page.evaluate(() => caches.keys()), { timeout: 30_000 })
      .toEqual([`${server.url}semantic-search/#second`])
  } finally {
    await browser.close()
    await server.close()
    await rm(folder, { recursive: true })
  }
})

async function edit(path: string, change: (text: string) => string) {
  await writeFile(path, change(await readFile(path, 'utf8')))
}
