/**
 * @file `npm run bench -- speech [--quick] [--sides ours,peer,…] [--built]`: a model of Whisper base's shape writes down segments of 30
 * seconds on WASM, beside transformers.js; how much memory it holds over 20 of them.
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
import { memoryByProcess, watchMemory } from '../memory.mjs'
import { verdict } from '../metrics.mjs'
import { open, withBrowser } from '../pages.mjs'
import { printTable, toHtml } from '../report.mjs'
import { summary } from '../statistics.mjs'
import { exported, prepareSpeech } from './prepare.mjs'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    fresh: { type: 'boolean' }, // the other parts'; this one always starts anew
    built: { type: 'boolean' }, // take the build that is there
    sides: { type: 'string', default: 'ours,ours-int8,peer,peer-q8' },
  },
})
const asked = flags.sides.split(',')
const rounds = flags.quick ? 1 : 3
/** Tokens of a segment: fast speech has about three words a second. */
const TOKENS = flags.quick ? 24 : 96
const SEGMENTS = flags.quick ? 1 : 2
const MANY = flags.quick ? 4 : 20
const threads = 2

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const results = here('../../../.cache/bench')
const [busy] = loadavg()
if (busy > 0.5) console.log(`Other work loads this machine (${busy.toFixed(1)}): times will be off.`)
await prepareSpeech().catch((error) => {
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
  '/': here('page'),
})
await fetch(`${hub.url}/api/models/${exported}?blobs=true`) // the Hub hashes files when it is first asked

const target = (side, dtype) => ({ side, options: { hub: hub.url, exported, threads, dtype } })
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
const samples = { speed: {}, gap: {}, growth: {}, peak: {} }
const add = (kind, side, value) => {
  samples[kind][side] ??= []
  samples[kind][side].push(value)
}

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

/** How much more there is after many segments than after three, and the most over idle. */
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
    await write(3)
    const few = (await memoryByProcess(profile)).host
    await write(MANY)
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
  return [
    ['ours', 'peer'],
    ['ours-int8', 'peer-q8'],
  ].flatMap(([side, other]) => {
    const group = `${names[side]} against ${names[other]}, WASM, ${TOKENS} tokens a segment`
    return [
      row(group, 'seconds of sound a second', 'count', 'speed', side, other, { leastRatio: 1.2 }),
      row(group, 'longest wait of the page', 'ms', 'gap', side, other, { most: 50 }),
      row(group, `more memory after ${MANY} segments`, 'MB', 'growth', side, other, { most: 20 }),
      row(group, 'peak memory over idle', 'MB', 'peak', side, other),
    ]
  })
}

try {
  for (let round = 0; round < rounds; round++) {
    // Who comes first changes each time.
    for (const side of round % 2 ? asked.toReversed() : asked) await measureSpeed(side)
  }
  if (process.platform === 'linux') for (const side of asked) await measureMemory(side)
  const about = {
    date: new Date().toISOString(),
    rounds,
    processor: cpus()[0]?.model.trim(),
    cores: cpus().length,
    threads,
    load: busy,
    title: 'A Whisper of base’s shape',
    subject: `Segments of 30 s, ${TOKENS} tokens each, greedy`,
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
