/** @file Greedy replies of the real SmolLM2-135M-Instruct in Chromium, token for token those of transformers. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launch } from '../browser.mjs'
import { startHub } from '../hub-server.mjs'
import { dist } from './build.mjs'
import { hubRoot } from './minilm.mjs'
import { serve } from './server.mjs'
import { prepareSmolLM2, smolFile, smolRepository } from './smollm2.mjs'

const { max_new_tokens, replies } = JSON.parse(
  await readFile(new URL('replies.json', import.meta.url), 'utf8'),
)

let closing = []
let page

beforeAll(async () => {
  await prepareSmolLM2()
  const hub = await startHub({ root: hubRoot })
  const server = await serve({ '/webformers/': dist, '/': fileURLToPath(new URL('page', import.meta.url)) })
  const browser = await launch()
  closing = [browser, server, hub]
  page = await browser.newPage()
  await page.goto(`${server.url}/index.html`)
  await page.waitForFunction(() => globalThis.ready)
  const source = { hub: hub.url, repository: smolRepository, ggufFile: smolFile, device: 'wasm' }
  await page.evaluate((source) => globalThis.openChat(source), source)
}, 300_000)
afterAll(() => Promise.all(closing.map((each) => each.close())))

test.each(
  replies.map((reply, i) => ({ ...reply, name: `${i + 1}: ${reply.messages.at(-1).content.slice(0, 60)}` })),
)('$name', async ({ messages, prompt, ids, text, margin }) => {
  const found = await page.evaluate(
    ([messages, most]) => globalThis.reply(messages, most),
    [messages, max_new_tokens],
  )
  const parted = ids.findIndex((id, i) => found.ids[i] !== id)
  console.log(
    parted < 0 ? `${ids.length} tokens agree` : `the tokens part at ${parted}; the least margin is ${margin}`,
  )
  expect(found).toEqual({ prompt, ids, text })
})
