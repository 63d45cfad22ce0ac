/** @file The real Whisper base in Chromium, on WASM: as few wrong words as transformers', and the same times. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launch } from '../browser.mjs'
import { startHub } from '../hub-server.mjs'
import { dist } from './build.mjs'
import { hubRoot } from './minilm.mjs'
import { serve } from './server.mjs'
import { prepareJfk, prepareLibriVox } from './speech.mjs'
import { prepareWhisper, whisperRepository } from './whisper.mjs'

// what the page is given too; built by the command, so there is no file to look for before
const { englishTextNormalizer } = await import(join(dist, 'webformers.js'))
const truth = JSON.parse(await readFile(new URL('whisper.json', import.meta.url), 'utf8'))
const SECONDS = 0.1

let closing = []
let page
let normalize

beforeAll(async () => {
  const folder = await prepareWhisper()
  normalize = englishTextNormalizer(JSON.parse(await readFile(`${folder}/normalizer.json`, 'utf8')))
  const hub = await startHub({ root: hubRoot })
  const server = await serve({
    '/webformers/': dist,
    '/speech/jfk/': await prepareJfk(),
    '/speech/librivox/': await prepareLibriVox(),
    '/': fileURLToPath(new URL('page', import.meta.url)),
  })
  const browser = await launch()
  closing = [browser, server, hub]
  page = await browser.newPage()
  await page.goto(`${server.url}/index.html`)
  await page.waitForFunction(() => globalThis.ready)
  const source = { hub: hub.url, repository: whisperRepository, device: 'wasm' }
  await page.evaluate((source) => globalThis.openTranscriber(source), source)
}, 300_000)
afterAll(() => Promise.all(closing.map((each) => each.close())))

const transcribe = (files, options) =>
  page.evaluate(
    ([files, options]) => globalThis.transcribe(files, options),
    [files.map((file) => `/speech/${file}`), { numBeams: 1, language: 'en', ...options }],
  )

/** What is said in each file, written down once. */
const texts = new Map()
async function textOf(file) {
  if (!texts.has(file)) texts.set(file, (await transcribe([file])).text)
  return texts.get(file)
}

/** How many words were changed, added, or left out. */
function distance(words, found) {
  let row = Array.from({ length: found.length + 1 }, (_, i) => i)
  for (const [i, word] of words.entries()) {
    const next = [i + 1]
    for (const [j, other] of found.entries())
      next.push(Math.min(row[j] + (word === other ? 0 : 1), row[j + 1] + 1, next[j] + 1))
    row = next
  }
  return row.at(-1)
}

const wordsOf = (text) => normalize(text).trim().split(/\s+/)

/** Texts are the same, and times nearly. */
function expectChunks(found, expected) {
  expect(found.map(({ text }) => text)).toEqual(expected.map(({ text }) => text))
  const apart = found.flatMap(({ timestamp }, i) =>
    timestamp.map((time, side) => {
      const other = expected[i].timestamp[side]
      return time === null || other === null
        ? time === other
          ? 0
          : Number.POSITIVE_INFINITY
        : Math.abs(time - other)
    }),
  )
  console.log(`${found.length} chunks, up to ${Math.max(...apart).toFixed(2)} s apart`)
  expect(Math.max(...apart)).toBeLessThanOrEqual(SECONDS)
}

test('no more wrong words on LibriVox than transformers', async () => {
  let errors = 0
  for (const { file, read } of truth.files.filter(({ read }) => read !== null)) {
    errors += distance(wordsOf(read), wordsOf(await textOf(file)))
  }
  console.log(`${errors} of ${truth.words} words are wrong; ${truth.errors} of transformers'`)
  expect(errors).toBeLessThanOrEqual(truth.errors)
})

test.each(truth.files)('$file: text and times', async ({ file, text, segments, words }) => {
  expect(await textOf(file)).toBe(text)
  expectChunks((await transcribe([file], { returnTimestamps: true })).chunks, segments)
  expectChunks((await transcribe([file], { returnTimestamps: 'word' })).chunks, words)
})

test('more than the model sees at once, segment after segment and in pieces', async () => {
  const files = truth.files.map(({ file }) => file)
  const whole = await transcribe(files, { returnTimestamps: true })
  expect(whole.text).toBe(truth.long.text)
  expectChunks(whole.chunks, truth.long.segments)
  const pieces = await transcribe(files, { returnTimestamps: true, chunkLengthS: 20 })
  expect(pieces.text).toBe(truth.pieces.text)
  expectChunks(pieces.chunks, truth.pieces.segments)
})

test('the language is found', async () => {
  const [{ file, text }] = truth.files
  expect((await transcribe([file], { language: undefined })).text).toBe(text)
})

test('text comes while it is written', async () => {
  const [{ file, text }] = truth.files
  const pieces = await page.evaluate(
    (file) => globalThis.streamed(file, { language: 'en' }),
    `/speech/${file}`,
  )
  expect(pieces.join('')).toBe(text)
  expect(pieces.length).toBeGreaterThan(10)
})
