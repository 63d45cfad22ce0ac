/**
 * @file `npm run bench -- speech [--quick] [--sides ours,peer,…] [--measure features,speed,memory] [--built]`: the log-mel spectrogram of 30
 * seconds of speech, and a model of Whisper base's shape that writes down segments of as much on WASM, beside transformers.js; how much
 * memory it holds over 20 of them.
 */
import { parseArgs } from 'node:util'
import { launch } from '../../browser.mjs'
import { prepareJfk } from '../../real/speech.mjs'
import { memoryByProcess } from '../memory.mjs'
import { verdict } from '../metrics.mjs'
import { memoryOver, open } from '../pages.mjs'
import { exportOnce } from '../prepare.mjs'
import { openStage, threads } from '../stage.mjs'
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
/** Segments between two looks at the memory. What waits to be collected makes a single look uncertain by tens of megabytes. */
const BETWEEN = 2
const LOOKS = flags.quick ? 4 : 10
const CALLS = flags.quick ? 3 : 7

const exported = 'bench/whisper-base-random'
const stage = await openStage(new URL('page', import.meta.url), {
  prepare: async () => {
    await exportOnce(exported, new URL('export.py', import.meta.url))
    return { '/speech/': await prepareJfk() }
  },
  repositories: [exported],
  built: flags.built,
})

const extraction = { wav: '/speech/jfk.wav', threads }
const target = (side, dtype) => ({ side, options: { ...extraction, hub: stage.hub, exported, dtype } })
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
    await open(page, stage.url, { side, options: extraction })
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
    await open(page, stage.url, targets[side])
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
async function measureMemory(side) {
  const looks = []
  const { peak } = await memoryOver(stage.url, targets[side], async (page, profile) => {
    for (let look = 0; look < LOOKS; look++) {
      await page.evaluate(([count, tokens]) => globalThis.write(count, tokens), [BETWEEN, 8])
      looks.push((await memoryByProcess(profile)).host / 1e6)
    }
  })
  const third = Math.ceil(LOOKS / 3)
  const growth = median(looks.slice(-third)) - median(looks.slice(0, third))
  add('growth', side, growth)
  add('peak', side, peak / 1e6)
  console.log(
    `${names[side]}: ${growth.toFixed(0)} MB more at the end of ${BETWEEN * LOOKS} segments (${looks.map((each) => each.toFixed(0)).join(' ')}), at most ${(peak / 1e6).toFixed(0)} MB`,
  )
}

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
      row(
        group,
        `more memory in the last third of ${BETWEEN * LOOKS} segments`,
        'MB',
        'growth',
        side,
        other,
        {
          most: 20,
        },
      ),
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
  await stage.report('speech', {
    rounds,
    title: 'A Whisper of base’s shape',
    subject: `Segments of 30 s, ${TOKENS} tokens each, greedy, the spectrogram included`,
    names: { ours: 'webformers', peer: 'transformers.js' },
    rows: rowsOf(),
    samples,
  })
} finally {
  await stage.close()
}
