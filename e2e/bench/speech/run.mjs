/**
 * @file `npm run bench -- speech [--quick] [--sides ours,peer,…] [--measure features,speed,memory] [--built]`: the log-mel spectrogram of 30
 * seconds of speech, and a model of Whisper base's shape that writes down segments of as much on WASM, beside transformers.js; how much
 * memory it holds over 20 of them.
 */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { cpus, loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findBrowser, launch } from '../../browser.mjs'
import { startHub } from '../../hub-server.mjs'
import { build, dist } from '../../real/build.mjs'
import { hubRoot } from '../../real/minilm.mjs'
import { serve } from '../../real/server.mjs'
import { prepareJfk } from '../../real/speech.mjs'
import { memoryByProcess, watchMemory } from '../memory.mjs'
import { verdict } from '../metrics.mjs'
import { open, withBrowser } from '../pages.mjs'
import { exportOnce } from '../prepare.mjs'
import { printTable, toHtml } from '../report.mjs'
import { median, summary } from '../statistics.mjs'
import { watchTasks } from '../tasks.mjs'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    fresh: { type: 'boolean' }, // the other parts'; this one always starts anew
    built: { type: 'boolean' }, // take the build that is there
    sides: { type: 'string', default: 'ours,peer,ours-int8,peer-q8' },
    measure: { type: 'string', default: 'features,speed,memory' },
  },
})
const asked = flags.sides.split(',')
const measured = flags.measure.split(',')
const rounds = flags.quick ? 2 : 3
/** Tokens of a segment: fast speech has about three words a second. */
const TOKENS = flags.quick ? 24 : 96
const SEGMENTS = flags.quick ? 1 : 2
const FEW = 2
const MANY = flags.quick ? 4 : 20
const CALLS = flags.quick ? 3 : 7
const threads = 2

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const results = here('../../../.cache/bench')
const [busy] = loadavg()
if (busy > 0.5) console.log(`Other work loads this machine (${busy.toFixed(1)}): times will be off.`)
const exported = 'bench/whisper-base-random'
const speech = await exportOnce(exported, new URL('export.py', import.meta.url))
  .then(prepareJfk)
  .catch((error) => {
    console.error(`Can't run the benchmark. ${error.message}`)
    process.exit(1)
  })
await mkdir(results, { recursive: true })
if (!flags.built || !existsSync(dist)) {
  console.log('Building …')
  await build()
}
const peer = dirname(fileURLToPath(import.meta.resolve('@huggingface/transformers')))
const hub = await startHub({ root: hubRoot })
const server = await serve({
  '/ours/': dist,
  '/peer/': peer,
  '/ort/': dirname(createRequire(join(peer, 'transformers.js')).resolve('onnxruntime-web')),
  '/shared/': here('../page'),
  '/speech/': speech,
  '/': here('page'),
})
await fetch(`${hub.url}/api/models/${exported}?blobs=true`) // the Hub hashes files when it is first asked

const extraction = { wav: '/speech/jfk.wav', threads }
const target = (side, dtype) => ({ side, options: { ...extraction, hub: hub.url, exported, dtype } })
const targets = {
  ours: target('ours', 'fp32'),
  'ours-int8': target('ours', 'int8'),
  peer: target('peer', 'fp32'),
  'peer-q8': target('peer', 'q8'),
}
const names = {
  ours: 'webformers fp32',
  'ours-int8': 'webformers 8 bits',
  peer: 'transformers.js fp32',
  'peer-q8': 'transformers.js 8 bits',
}
const samples = { features: {}, task: {}, work: {}, wait: {}, speed: {}, gap: {}, growth: {}, peak: {} }
const add = (kind, side, value) => {
  samples[kind][side] ??= []
  samples[kind][side].push(value)
}

const features = {}

async function measureFeatures(side) {
  const browser = await launch()
  try {
    const page = await browser.newPage()
    await open(page, server.url, { side, options: extraction })
    await page.evaluate(() => globalThis.warmUp(2))
    const longestTask = await watchTasks(page)
    const { times, gap } = await page.evaluate((calls) => globalThis.extractions(calls), CALLS)
    features[side] ??= await page.evaluate(() => globalThis.features())
    const found = { features: median(times), ...(await longestTask()), wait: gap }
    for (const [kind, value] of Object.entries(found)) add(kind, side, value)
    console.log(
      `${names[side]}: features in ${found.features.toFixed(1)} ms, longest task ${found.task.toFixed(1)} ms, wait ${gap.toFixed(1)} ms`,
    )
  } finally {
    await browser.close()
  }
}

/** How far the numbers of both are apart. */
const featuresApart = () =>
  features.ours.reduce((most, value, i) => Math.max(most, Math.abs(value - features.peer[i])), 0)

async function measureSpeed(side) {
  const browser = await launch()
  try {
    const page = await (await browser.newContext()).newPage()
    await open(page, server.url, targets[side])
    await page.evaluate((tokens) => globalThis.write(1, tokens), 4) // warms up
    const found = await page.evaluate(
      ([segments, tokens]) => globalThis.write(segments, tokens),
      [SEGMENTS, TOKENS],
    )
    add('speed', side, found.speed)
    add('gap', side, found.gap)
    console.log(
      `${names[side]}: ${found.speed.toFixed(2)} × real time, the page waited ${found.gap.toFixed(0)} ms`,
    )
  } finally {
    await browser.close()
  }
}

/** How much more there is after many segments than after a few, and the most over idle. */
const measureMemory = (side) =>
  withBrowser(async (context, profile) => {
    const page = context.pages()[0] ?? (await context.newPage())
    await page.goto(`${server.url}/index.html`)
    await page.waitForTimeout(1000)
    const idle = (await memoryByProcess(profile)).host
    const watch = watchMemory(profile)
    await open(page, server.url, targets[side])
    const write = (segments) =>
      page.evaluate(([count, tokens]) => globalThis.write(count, tokens), [segments, 8])
    await write(FEW)
    const few = (await memoryByProcess(profile)).host
    await write(MANY - FEW)
    const many = (await memoryByProcess(profile)).host
    const { host } = await watch.stop()
    add('growth', side, (many - few) / 1e6)
    add('peak', side, (host - idle) / 1e6)
    console.log(
      `${names[side]}: ${((many - few) / 1e6).toFixed(0)} MB more after ${MANY} segments, at most ${((host - idle) / 1e6).toFixed(0)} MB`,
    )
  })

function rowsOf() {
  const row = (group, name, unit, kind, side, other, aim) => {
    const [mine, theirs] = [samples[kind][side] ?? [], samples[kind][other] ?? []]
    const found = {
      group,
      name,
      unit,
      ours: summary(mine),
      peer: summary(theirs),
      ratio: summary(mine.map((value, i) => value / theirs[i])),
      aim,
      names: { ours: names[side], peer: names[other] },
    }
    return { ...found, verdict: verdict(found) }
  }
  const extracting = (name, kind, aim) =>
    row('Log-mel spectrogram of 30 s', name, 'ms', kind, 'ours', 'peer', aim)
  const writing = ([side, other]) => {
    const group = `${names[side]} against ${names[other]}, WASM, ${TOKENS} tokens a segment`
    return [
      row(group, 'seconds of sound a second', 'count', 'speed', side, other, { leastRatio: 1.2 }),
      row(group, 'longest wait of the page', 'ms', 'gap', side, other, { most: 50 }),
      row(group, `more memory after ${MANY} segments than after ${FEW}`, 'MB', 'growth', side, other, {
        most: 20,
      }),
      row(group, 'peak memory over idle', 'MB', 'peak', side, other),
    ]
  }
  return [
    extracting('time', 'features', { ratio: 0.5 }),
    extracting('longest task of the main thread', 'task', { most: 50 }),
    extracting('… counting only time with a core', 'work'),
    extracting('longest wait of a timer', 'wait'),
    ...[
      ['ours', 'peer'],
      ['ours-int8', 'peer-q8'],
    ].flatMap(writing),
  ].filter(({ ours }) => ours)
}

/** All sides one after the other, round after round; who comes first changes each time. */
async function takingTurns(sides, measure) {
  for (let round = 0; round < rounds; round++)
    for (const side of round % 2 ? sides.toReversed() : sides) await measure(side)
}

try {
  if (measured.includes('features')) {
    await takingTurns(['ours', 'peer'], measureFeatures)
    const worst = featuresApart()
    console.log(`The features of both differ by up to ${worst.toExponential(1)}.`)
    if (!(worst <= 1e-3)) process.exitCode = 1
  }
  if (measured.includes('speed')) await takingTurns(asked, measureSpeed)
  if (measured.includes('memory') && process.platform === 'linux')
    for (const side of asked) await measureMemory(side)
  const about = {
    date: new Date().toISOString(),
    rounds,
    processor: cpus()[0]?.model.trim(),
    cores: cpus().length,
    threads,
    load: busy,
    title: 'A Whisper of base’s shape',
    subject: `Segments of 30 s, ${TOKENS} tokens each, greedy, the spectrogram included`,
    names: { ours: 'webformers', peer: 'transformers.js' },
    browser: findBrowser(),
  }
  const rows = rowsOf()
  await writeFile(join(results, 'speech.json'), JSON.stringify({ about, rows, samples }, null, 2))
  await writeFile(join(results, 'speech.html'), toHtml(about, rows))
  printTable(about, rows)
  console.log('\n.cache/bench/speech.json, .cache/bench/speech.html')
} finally {
  await server.close()
  await hub.close()
}
