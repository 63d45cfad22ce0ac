/**
 * @file `npm run bench -- mounting [--quick] [--only bert-1gb] [--sides ours]`: the memory that loading a large checkpoint takes,
 * against transformers.js over the same weights.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright'
import { launchOptions } from '../../browser.mjs'
import { memoryByProcess, watchMemory } from '../memory.mjs'
import { verdict } from '../metrics.mjs'
import { openStage, threads } from '../stage.mjs'
import { summary } from '../statistics.mjs'
import { exported, models, original, prepare } from './checkpoints.mjs'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    fresh: { type: 'boolean' }, // the other parts'; this one always starts anew
    only: { type: 'string', default: Object.keys(models).join() },
    sides: { type: 'string', default: 'ours,peer' },
  },
})
const rounds = flags.quick ? 1 : 3
const sides = flags.sides.split(',')
const devices = { 'bert-1gb': 'wasm', 'bert-3gb': 'webgpu' }
/** Bytes over the browser's idle, or over the weights' own. */
const aims = { 'bert-1gb': { timesWeights: 1.25 }, 'bert-3gb': { most: 1000 } }

const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`
const describe = ({ failure, load, host, gpu }) =>
  `${megabytes(host)} over idle, ${megabytes(gpu)} in the GPU's process, ${failure ?? `${(load / 1000).toFixed(1)} s`}`

const stage = await openStage(new URL('page', import.meta.url))
const samples = {}
const weights = {}
try {
  for (const name of flags.only.split(',')) {
    weights[name] = await prepare(name)
    samples[name] = { ours: [], peer: [] }
    // The Hub hashes files when it is first asked.
    for (const repository of [original(name), exported(name)])
      await fetch(`${stage.hub}/api/models/${repository}?blobs=true`)
    for (let round = 0; round < rounds; round++) {
      for (const side of round % 2 ? sides.toReversed() : sides) {
        const sample = await measure(name, side)
        samples[name][side].push(sample)
        console.log(`${round + 1}/${rounds} ${name} ${side}: ${describe(sample)}`)
      }
    }
  }
  await report()
} finally {
  await stage.close()
}

/** A first visit: download, mount, compute once. The most that all processes but the GPU's held, over idle, and the GPU's. */
async function measure(name, side) {
  const profile = await mkdtemp(join(tmpdir(), 'bench-profile-'))
  const context = await chromium.launchPersistentContext(profile, launchOptions)
  try {
    const page = context.pages()[0] ?? (await context.newPage())
    await page.goto(`${stage.url}/index.html`)
    await page.waitForFunction(() => globalThis.ready)
    await page.waitForTimeout(1000)
    const idle = await memoryByProcess(profile)
    const watch = watchMemory(profile)
    const options = {
      hub: stage.hub,
      original: original(name),
      exported: exported(name),
      device: devices[name],
      threads,
    }
    const loaded = await page
      .evaluate(([side, options]) => globalThis.load(side, options), [side, options])
      .catch((error) => ({ failure: error.message.split('\n')[0].slice(0, 200) }))
    const highest = await watch.stop()
    return { ...loaded, host: highest.host - idle.host, gpu: highest.gpu - idle.gpu }
  } finally {
    await context.close()
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function report() {
  await stage.report('mounting', {
    rounds,
    title: 'Memory of loading a large checkpoint',
    subject:
      'Random weights of BERT’s shape, fp32, first visit. The GPU is software here: its process holds what a card would',
    names: { ours: 'webformers', peer: 'transformers.js' },
    rows: Object.keys(samples).flatMap(rowsOf),
    samples: { ...samples, weights },
  })
  for (const [name, { peer }] of Object.entries(samples)) {
    const failed = peer.find(({ failure }) => failure)
    if (failed) console.log(`transformers.js could not load ${name}: ${failed.failure}`)
  }
}

function rowsOf(name) {
  const group = `${name}: ${megabytes(weights[name])} of weights on ${devices[name]}`
  const { timesWeights, most } = aims[name]
  const row = (label, unit, read, aim) => {
    const [ours, peer] = ['ours', 'peer'].map((side) => samples[name][side].map(read))
    const found = {
      group,
      name: label,
      unit,
      ours: summary(ours),
      peer: summary(peer),
      ratio: summary(ours.map((value, i) => value / peer[i])),
      aim,
    }
    return { ...found, verdict: verdict(found) }
  }
  return [
    row('peak over idle, without the GPU’s process', 'MB', ({ host }) => host / 1e6, most && { most }),
    row(
      '… as a multiple of the weights',
      'times',
      ({ host }) => host / weights[name],
      timesWeights && { most: timesWeights },
    ),
    row('peak of the GPU’s process over idle', 'MB', ({ gpu }) => gpu / 1e6),
    row('first visit → model', 'ms', ({ load }) => load),
  ]
}
