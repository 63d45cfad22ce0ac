/** @file A visit to the chat: an answer as it is written, one that is stopped, JSON, a reload, what an answer must not do, offline. */
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

/** A random model: it says nothing that makes sense, but as any other would. */
const served = {
  mirror: new URL('../../packages/webformers/fixtures', import.meta.url).pathname,
  chat: { repository: 'tiny/llama-writer' },
  notice: 'This machine serves the model.',
}

const messages = (page: Page) => page.getByRole('log').locator('li')
const last = (page: Page) => messages(page).last()
const note = (page: Page) => last(page).locator('.note')
const status = (page: Page) => page.locator('#status')
const message = (page: Page) => page.getByRole('textbox', { name: 'Your message' })

/** Ask by key and wait until it was answered. */
async function ask(page: Page, text: string) {
  await message(page).fill(text)
  await message(page).press('Enter')
  await status(page).filter({ hasText: 'Done.' }).waitFor()
}

/** Everything the conversation shows. */
const shown = (page: Page) => messages(page).allTextContents()

/** Press Stop as soon as there is something to stop. From within, for a tiny model is done in a blink. */
const stopAtFirstPiece = (page: Page) =>
  page.evaluate(() => {
    const [status, stop] = ['status', 'stop'].map((id) => document.getElementById(id)!)
    new MutationObserver((_, observer) => {
      if (!/^\d+ tokens/.test(status!.textContent!)) return
      observer.disconnect()
      stop!.click()
    }).observe(status!, { childList: true })
  })

test('ask, stop, reload, JSON, offline', async () => {
  const { page, complaints, goOffline, close } = await openDemo(browser, 'chat', served)
  try {
    await page.locator('#origin', { hasText: served.notice }).waitFor()
    await page.getByRole('slider', { name: 'Temperature' }).fill('0')
    await ask(page, 'Where does the Seine flow?')
    await page.locator('#runtime', { hasText: 'llama-writer, on WebAssembly' }).waitFor()
    expect(await messages(page).count()).toBe(2)
    expect(await note(page).textContent()).toMatch(/^(Cut off\. )?\d+ tokens, \d+\.\d a second$/)
    expect(await page.getByRole('log').getAttribute('aria-busy')).toBe('false')
    const answer = (await last(page).locator('.body').textContent())!
    expect(answer.length).toBeGreaterThan(20)

    await page.getByRole('button', { name: 'New conversation' }).click()
    await expect.poll(() => messages(page).count()).toBe(0)
    await stopAtFirstPiece(page)
    await page.getByRole('button', { name: 'Explain gravity to a child.' }).click()
    await status(page).filter({ hasText: 'Stopped.' }).waitFor()
    expect(await note(page).textContent()).toMatch(/^Stopped\. \d+ token/)
    expect((await last(page).locator('.body').textContent())!.length).toBeLessThan(answer.length)

    const before = await shown(page)
    await page.reload()
    await page.locator('#runtime', { hasText: 'llama-writer' }).waitFor() // from the cache, unasked
    expect(await shown(page)).toEqual(before)
    expect(await page.getByRole('slider', { name: 'Temperature' }).inputValue()).toBe('0')

    await page.getByRole('button', { name: 'New conversation' }).click()
    await page.getByRole('checkbox', { name: 'JSON only' }).check()
    await ask(page, 'A person')
    const json = (await last(page).locator('pre').textContent())!
    if (!/^Cut off/.test((await note(page).textContent())!)) expect(JSON.parse(json)).toBeInstanceOf(Object)
    expect(json).toMatch(/^\s*\{/)

    await goOffline()
    await page.reload()
    await page.locator('#runtime', { hasText: 'llama-writer' }).waitFor()
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
    await page.getByRole('button', { name: 'New conversation' }).click()
    await page.getByRole('checkbox', { name: 'JSON only' }).uncheck()
    await ask(page, 'Where does the Seine flow?')
    expect(await last(page).locator('.body').textContent()).toBe(answer)
    expect(complaints).toEqual([])
  } finally {
    await close()
  }
})

/** What an answer may hold, having read it elsewhere. */
const HOSTILE = `# Title

**bold** and [a link](https://example.org/x), [another](javascript:alert(1)).

<script>globalThis.attacked = 1</script><img src="/pixel.png" onerror="globalThis.attacked = 2">
![picture](/pixel.png "t") <a href="/x" onclick="globalThis.attacked = 3">x</a>
<style>body { display: none }</style><iframe srcdoc="<script>parent.attacked = 4</script>"></iframe>
<form action="/steal"><input name="a"><button formaction="javascript:attacked=5">b</button></form>
<svg><a href="javascript:attacked=6"><text>t</text></a></svg>

| a | b |
|---|---|
| 1 | 2 |

\`\`\`js
if (a < b) alert('<b>')
\`\`\`
`

test('Markdown is shown, and can do no harm', async () => {
  const { page, complaints, close } = await openDemo(browser, 'chat', served)
  try {
    await page.locator('#temperature-value', { hasText: '0.7' }).waitFor() // the page is there
    await page.evaluate(async (content) => {
      const open = indexedDB.open('chat')
      await new Promise((ready) => {
        open.onsuccess = ready
      })
      const put = open.result.transaction('conversation', 'readwrite').objectStore('conversation')
      const kept = put.put(
        [
          { role: 'user', content: '<b>not bold</b>' },
          { role: 'assistant', content },
        ],
        'messages',
      )
      await new Promise((ready) => {
        kept.onsuccess = ready
      })
      open.result.close()
    }, HOSTILE)
    const requests: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    await page.reload()
    const body = last(page).locator('.body')
    await body.getByText('bold', { exact: true }).waitFor()
    expect(await messages(page).first().locator('.body').textContent()).toBe('<b>not bold</b>')
    expect(await body.locator('strong').textContent()).toBe('bold')
    expect(await body.getByRole('heading', { name: 'Title', level: 3 }).count()).toBe(1)
    expect(await body.locator('td').allTextContents()).toEqual(['1', '2'])
    expect(await body.locator('pre code').textContent()).toBe("if (a < b) alert('<b>')\n")
    const found = await body.evaluate((element) => ({
      tags: [...new Set([...element.querySelectorAll('*')].map(({ localName }) => localName))].sort(),
      attributes: [
        ...new Set([...element.querySelectorAll('*')].flatMap((each) => each.getAttributeNames())),
      ].sort(),
      links: [...element.querySelectorAll('a')].map(({ href, rel }) => [href, rel]),
    }))
    expect(found.tags.filter((tag) => /script|img|style|iframe|form|input|button|svg/.test(tag))).toEqual([])
    expect(found.attributes).toEqual(['href', 'rel', 'tabindex', 'target'])
    expect(found.links.filter(([href]) => href !== '')).toEqual([
      ['https://example.org/x', 'noopener noreferrer'],
    ])
    expect(await page.evaluate(() => 'attacked' in globalThis)).toBe(false)
    expect(requests.filter((url) => url.includes('pixel'))).toEqual([])
    expect(await note(page).textContent()).toBe('Interrupted') // nobody wrote how it ended
    expect(complaints).toEqual([])
  } finally {
    await close()
  }
})

test('says what is wrong with a model, and gives the question back', async () => {
  const { page, close } = await openDemo(browser, 'chat', served)
  try {
    await page.getByLabel('Another of the Hub').check()
    await page.getByLabel('Repository', { exact: true }).fill('tiny/not-there')
    await message(page).fill('Hello?')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.locator('#model-status.alarm', { hasText: 'No repository "tiny/not-there"' }).waitFor()
    await status(page).filter({ hasText: 'There is no model to answer' }).waitFor()
    expect(await message(page).inputValue()).toBe('Hello?')
    expect(await messages(page).count()).toBe(0)

    await page.getByLabel('A GGUF file of yours').check()
    const file = { name: 'model.gguf', mimeType: '', buffer: Buffer.from('not what it says') }
    await page.getByLabel('File', { exact: true }).setInputFiles(file)
    await page.getByRole('button', { name: 'Get the model' }).click()
    await page.locator('#model-status.alarm', { hasText: 'model.gguf' }).waitFor()
  } finally {
    await close()
  }
})
