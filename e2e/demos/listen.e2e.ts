/** @file A visit to the demo that listens: a file written down as Python does, a tone in the picture, a microphone, what goes wrong, offline. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildDemos } from '../../demos/build.mjs'
import { Recording } from '../../demos/listen/src/recording'
import { RATE } from '../../demos/listen/src/sound'
import { heightOf } from '../../demos/listen/src/spectrogram'
import { launch, launchOptions } from '../browser.mjs'
import truth from './listen.json'
import { openDemo } from './page'

const fixtures = new URL('../../packages/', import.meta.url)
const speech = new URL('processors/src/audio/fixture/speech.wav', fixtures).pathname
/** Seconds that the model takes at once. */
const WINDOW = 2
/** A random Whisper: it understands nothing, and the same nothing as in Python. */
const served = {
  mirror: new URL('webformers/fixtures', fixtures).pathname,
  speech: { repository: 'tiny/whisper-writer' },
  notice: 'This machine serves the model.',
}

/** The first second is lower than what follows. */
const LOW = 500
const HIGH = 2000
const tones = (seconds: number) =>
  Float32Array.from(
    { length: seconds * RATE },
    (_, i) => 0.5 * Math.sin((2 * Math.PI * (i < RATE ? LOW : HIGH) * i) / RATE),
  )

let browser: Browser
let folder: string
let tone: string

async function wav(name: string, samples: Float32Array): Promise<string> {
  const recording = new Recording()
  recording.add(samples)
  const path = join(folder, name)
  await writeFile(path, Buffer.from(await recording.file().arrayBuffer()))
  return path
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webformers-listen-'))
  tone = await wav('tone.wav', tones(3))
  await buildDemos()
  browser = await launch()
})
afterAll(async () => {
  await browser?.close()
  await rm(folder, { recursive: true })
})

const status = (page: Page, words: string | RegExp) =>
  page.locator('#status').filter({ hasText: words }).waitFor()
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const choose = (page: Page, file: Parameters<ReturnType<Page['locator']>['setInputFiles']>[0]) =>
  page.locator('#file').setInputFiles(file)
const written = (page: Page) => status(page, /times as fast as it was spoken, on WebAssembly\.$/)

/** What the transcript has, word by word. */
const words = (page: Page) =>
  page.locator('.word').evaluateAll((spans: HTMLElement[]) =>
    spans.map(({ textContent, dataset }) => ({
      text: textContent,
      times: [dataset.start, dataset.end].map((time) => Number(Number(time).toFixed(6))),
    })),
  )

/** What a button saves. */
async function saved(page: Page, name: string): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), press(page, name)])
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') }
}

/** How far up the strongest row of the picture is at a time, from 0 to 1: the one furthest from the colour of silence. */
const strongest = (page: Page, seconds: number) =>
  page.evaluate((seconds) => {
    const canvas = document.getElementById('spectrogram') as HTMLCanvasElement
    const marks = [...document.querySelectorAll<HTMLElement>('#axis span')]
    const place = ({ style }: HTMLElement) => Number.parseFloat(style.left) / 100
    const time = ({ textContent }: HTMLElement) => Number(textContent!.split(':')[1])
    const [first, second] = [marks[0]!, marks[1]!]
    const perSecond = (place(second) - place(first)) / (time(second) - time(first))
    const x = Math.round(canvas.width * (place(first) + perSecond * (seconds - time(first))))
    const { height } = canvas
    const column = Object.assign(document.createElement('canvas'), { width: 1, height })
    const context = column.getContext('2d', { willReadFrequently: true })!
    context.drawImage(canvas, -x, 0)
    const { data } = context.getImageData(0, 0, 1, height)
    const far = Array.from({ length: height }, (_, y) =>
      [0, 1, 2].reduce((sum, i) => sum + Math.abs(data[4 * y + i]! - data[i]!), 0),
    )
    const most = Math.max(...far)
    const rows = far.flatMap((each, y) => (each > 0.98 * most ? [y] : []))
    return 1 - (rows.reduce((sum, y) => sum + y, 0) / rows.length + 0.5) / height
  }, seconds)

/** Whether the picture has the colour of silence everywhere. */
const isQuiet = (page: Page) =>
  page.evaluate(() => {
    const canvas = document.getElementById('spectrogram') as HTMLCanvasElement
    const { width, height } = canvas
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height)
    const quiet = getComputedStyle(canvas).backgroundColor.match(/\d+/g)!.map(Number)
    return data.every((value, i) => (i % 4 === 3 ? value === 255 : Math.abs(value - quiet[i % 4]!) < 3))
  })

const played = (page: Page) =>
  page.locator('#audio').evaluate(({ currentTime }: HTMLAudioElement) => currentTime)

test('a file: words with the times that Python has, files of them, a picture, offline', async () => {
  const { page, context, complaints, goOffline, close } = await openDemo(browser, 'listen', served)
  try {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.locator('#origin', { hasText: served.notice }).waitFor()
    await choose(page, speech)
    await written(page)
    expect(await words(page)).toEqual(truth.found)
    expect(await page.locator('#runtime').textContent()).toBe('whisper-writer, on WebAssembly')

    const text = truth.found.map(({ text }) => text).join('')
    await press(page, 'Copy')
    await page.getByText('Copied.').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text.trim())
    expect(await saved(page, 'Text')).toEqual({ name: 'speech.txt', text: `${text.trim()}\n` })
    const srt = await saved(page, 'SRT')
    expect(srt.name).toBe('speech.srt')
    expect(srt.text).toMatch(/^1\n00:00:00,000 --> 00:00:01,653\n/)
    expect((await saved(page, 'WebVTT')).text).toMatch(/^WEBVTT\n\n00:00:00\.000 --> 00:00:01\.653\n/)

    await page.locator('.word').nth(2).click()
    expect(await played(page)).toBeCloseTo(truth.found[2]!.times[0]!, 3)
    expect(await page.locator('.word[aria-current]').count()).toBe(1)
    const position = page.getByRole('slider', { name: 'Position in the sound' })
    await position.press('Home')
    await position.press('ArrowRight')
    expect(await played(page)).toBe(1)
    await expect.poll(() => position.getAttribute('aria-valuetext')).toBe('0:01 of 0:02')

    await page.getByLabel('What is spoken').selectOption('fr')
    await page.getByLabel('Translate it into English').check()
    await press(page, 'Write it down again')
    await status(page, 'Listening.')
    await written(page)
    expect(await words(page)).toEqual(truth.translated)
    expect(complaints).toEqual([])

    await goOffline()
    await page.reload()
    await page.getByText('It is here, and needs no network.').waitFor()
    await choose(page, speech)
    await written(page)
    expect(await words(page)).toEqual(truth.translated) // the manner is remembered
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
  } finally {
    await close()
  }
})

test('a tone stands in the picture where its frequency is', async () => {
  const { page, complaints, close } = await openDemo(browser, 'listen', served)
  try {
    await page.locator('#origin', { hasText: served.notice }).waitFor()
    await expect.poll(() => isQuiet(page)).toBe(true)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await choose(page, tone)
      await status(page, /times as fast|Nothing was said/)
      await expect.poll(() => strongest(page, 0.5)).toBeCloseTo(heightOf(LOW), 1.5)
      await expect.poll(() => strongest(page, 2.2)).toBeCloseTo(heightOf(HIGH), 1.5)
    }
    expect(complaints).toEqual([])
  } finally {
    await close()
  }
})

test('a microphone: words while somebody speaks, a picture, what was heard to be played', async () => {
  const device = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream']
  const loud = await wav(
    'speaker.wav',
    tones(1)
      .fill(0)
      .map((_, i) => 0.5 * Math.sin((2 * Math.PI * HIGH * i) / RATE)),
  )
  const speaker = await launch({
    args: [...launchOptions.args, ...device, `--use-file-for-fake-audio-capture=${loud}`],
  })
  const { page, complaints, close } = await openDemo(speaker, 'listen', served)
  try {
    await press(page, 'Get the model')
    await page.getByText('It is here, and needs no network.').waitFor()
    await press(page, 'Record')
    await page.getByText('On air').waitFor()
    await page.locator('.word').first().waitFor() // a passage is over, and it still listens
    await page.getByText('On air').waitFor()
    await press(page, 'Stop recording')
    await written(page)
    expect(await page.getByText('On air').isHidden()).toBe(true)
    const told = await words(page)
    const length = await page.locator('#audio').evaluate(async (audio: HTMLAudioElement) => {
      if (audio.readyState === 0)
        await new Promise((ready) => audio.addEventListener('loadedmetadata', ready))
      return audio.duration
    })
    expect(length).toBeGreaterThan(2)
    // It places words anywhere in what it could take, also behind the end of the last passage.
    for (const { times } of told) expect(times[0]).toBeLessThanOrEqual(length + WINDOW)
    await expect.poll(() => strongest(page, length - 1)).toBeCloseTo(heightOf(HIGH), 1.5)

    await press(page, 'Write it down again')
    await status(page, 'Listening.')
    await written(page)
    expect(complaints).toEqual([])
  } finally {
    await close()
    await speaker.close()
  }
})

test('says what is wrong: a microphone that is refused, a broken file, silence, no model, no network', async () => {
  const { page, context, goOffline, close } = await openDemo(browser, 'listen', served)
  try {
    await page.locator('#origin', { hasText: served.notice }).waitFor()
    const alarm = (words: string | RegExp) => page.locator('#status.alarm', { hasText: words }).waitFor()
    // No prompt is shown here, so nobody allows it.
    await press(page, 'Record')
    await alarm(/microphone/)
    expect(await page.getByRole('button', { name: 'Record', exact: true }).isVisible()).toBe(true)
    // Somebody who never answers can be waited for no longer.
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => new Promise(() => {})
    })
    await press(page, 'Record')
    await status(page, 'Waiting for the microphone')
    await press(page, 'Stop')
    await status(page, 'Stopped.')

    await choose(page, {
      name: 'broken.mp3',
      mimeType: 'audio/mpeg',
      buffer: Buffer.from('not what it says'),
    })
    await alarm('are no sound that this browser can read')
    await choose(page, { name: 'empty.wav', mimeType: 'audio/wav', buffer: Buffer.from('') })
    await alarm('0 bytes')
    await choose(page, await wav('silence.wav', new Float32Array(RATE)))
    await status(page, 'Nothing was said that the model understood.')
    expect(await isQuiet(page)).toBe(true)

    await page.getByLabel('Another of the Hub').check()
    await page.getByLabel('Repository', { exact: true }).fill('tiny/not-there')
    await press(page, 'Get the model')
    await page.locator('#model-status.alarm', { hasText: 'No repository "tiny/not-there"' }).waitFor()
    await choose(page, speech)
    await alarm('There is no model to listen: see its settings.')

    await page.getByLabel('Repository', { exact: true }).fill('tiny/wav2vec2-letters')
    await page.getByLabel('Repository', { exact: true }).blur()
    await goOffline()
    await page.locator('#model-status.alarm', { hasText: 'it takes one visit with a network' }).waitFor()
    await press(page, 'Get the model')
    await page.locator('#model-status.alarm', { hasText: 'Check the connection and try again.' }).waitFor()
    await context.setOffline(false)
  } finally {
    await close()
  }
})
