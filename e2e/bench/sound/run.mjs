/**
 * @file `npm run bench -- sound [--quick] [--built]`: what Whisper takes of 30 seconds of speech, made by our feature extractor and by that of
 * transformers.js, in one Chromium.
 */
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { cpus, loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findBrowser, launch } from '../../browser.mjs'
import { build, dist } from '../../real/build.mjs'
import { serve } from '../../real/server.mjs'
import { prepareJfk } from '../../real/speech.mjs'
import { verdict } from '../metrics.mjs'
import { open } from '../pages.mjs'
import { printTable, toHtml } from '../report.mjs'
import { median, summary } from '../statistics.mjs'
import { watchTasks } from '../tasks.mjs'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    fresh: { type: 'boolean' }, // the other part's; this one always starts anew
    built: { type: 'boolean' },
  },
})
const rounds = flags.quick ? 2 : 5
const calls = flags.quick ? 3 : 7
const seconds = 30
const names = { ours: 'webformers', peer: 'transformers.js' }

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const results = here('../../../.cache/bench')
const [load] = loadavg()
if (load > 0.5) console.log(`Other work loads this machine (${load.toFixed(1)}): times will be off.`)
const speech = await prepareJfk()
if (!flags.built) {
  console.log('Building …')
  await build()
}

const peerFolder = dirname(fileURLToPath(import.meta.resolve('@huggingface/transformers')))
const server = await serve({
  '/ours/': dist,
  '/peer/': peerFolder,
  '/ort/': dirname(createRequire(join(peerFolder, '../package.json')).resolve('onnxruntime-web')),
  '/shared/': here('../page'),
  '/speech/': speech,
  '/': here('page'),
})
const browser = await launch()
const samples = { ours: [], peer: [] }
const features = {}

async function measure(side) {
  const page = await browser.newPage()
  try {
    await open(page, server.url, { side, options: { wav: '/speech/jfk.wav', seconds } })
    await page.evaluate(() => globalThis.warmUp(2))
    const longestTask = await watchTasks(page)
    const { times, gap } = await page.evaluate((calls) => globalThis.measure(calls), calls)
    features[side] ??= await page.evaluate(() => globalThis.features())
    return { time: median(times), gap, ...(await longestTask()) }
  } finally {
    await page.close()
  }
}

function row(name, unit, read, aim) {
  const [ours, peer] = [samples.ours.map(read), samples.peer.map(read)]
  const compared = {
    ours: summary(ours),
    peer: summary(peer),
    ratio: summary(ours.map((value, round) => value / peer[round])),
  }
  return {
    group: `Log-mel spectrogram of ${seconds} s`,
    name,
    unit,
    aim,
    ...compared,
    verdict: verdict({ ...compared, aim }),
  }
}

try {
  for (let round = 0; round < rounds; round++) {
    // Who comes first changes each time.
    for (const side of round % 2 ? ['peer', 'ours'] : ['ours', 'peer']) {
      samples[side].push(await measure(side))
      const { time, gap, task } = samples[side].at(-1)
      console.log(
        `${round + 1}/${rounds} ${names[side]}: ${time.toFixed(1)} ms, longest task ${task.toFixed(1)} ms, wait ${gap.toFixed(1)} ms`,
      )
    }
  }
  const worst = features.ours.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - features.peer[i])),
    0,
  )
  console.log(`The features of both differ by up to ${worst.toExponential(1)}.`)
  const about = {
    date: new Date().toISOString(),
    rounds,
    processor: cpus()[0]?.model.trim(),
    cores: cpus().length,
    load,
    title: "webformers' sound against transformers.js",
    subject: `${calls} calls a round after two to warm up`,
    names,
    browser: findBrowser(),
  }
  const rows = [
    row('time', 'ms', ({ time }) => time, { ratio: 0.5 }),
    row('longest task of the main thread', 'ms', ({ task }) => task, { most: 50 }),
    row('… counting only time with a core', 'ms', ({ work }) => work),
    row('longest wait of a timer', 'ms', ({ gap }) => gap),
  ]
  await writeFile(join(results, 'sound-report.json'), JSON.stringify({ about, rows, samples }, null, 2))
  await writeFile(join(results, 'sound-report.html'), toHtml(about, rows))
  printTable(about, rows)
  if (worst > 1e-3) process.exitCode = 1
} finally {
  await browser.close()
  await server.close()
}
