/**
 * @file `npm run bench -- vision [--quick] [--sides ours,peer,…] [--built]`: a forward pass of a model of ViT-B's shape on WASM, beside
 * transformers.js and onnxruntime's native build.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { hubRoot } from '../../real/minilm.mjs'
import { verdict } from '../metrics.mjs'
import { memoryOver } from '../pages.mjs'
import { exportOnce } from '../prepare.mjs'
import { openStage, threads } from '../stage.mjs'
import { cosines, median, summary } from '../statistics.mjs'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    fresh: { type: 'boolean' }, // the other parts'; this one always starts anew
    built: { type: 'boolean' }, // take the build that is there
    sides: { type: 'string', default: 'ours,peer,ours-int8,peer-q8,native' },
  },
})
const asked = flags.sides.split(',')
const rounds = flags.quick ? 2 : 5
const RUNS = flags.quick ? 3 : 7
/** Images a call. */
const batches = [1, 4]

const run = promisify(execFile)
const exported = 'bench/vit-base-random'
const stage = await openStage(new URL('page', import.meta.url), {
  prepare: () => exportOnce(exported, new URL('export.py', import.meta.url)),
  repositories: [exported],
  built: flags.built,
})

const target = (side, dtype) => ({ side, options: { hub: stage.hub, exported, dtype, threads } })
const targets = {
  ours: target('ours', 'fp32'),
  peer: target('peer', 'fp32'),
  'ours-int8': target('ours', 'int8'),
  'peer-q8': target('peer', 'q8'),
}
const names = {
  ours: 'webformers fp32',
  peer: 'transformers.js fp32',
  'ours-int8': 'webformers 8 bits',
  'peer-q8': 'transformers.js 8 bits',
}
/** By side, a sample a round. */
const samples = { ours: [], peer: [], 'ours-int8': [], 'peer-q8': [], native: [] }
const logits = {}

async function measure(side) {
  const sample = { gap: 0 }
  const { peak, load } = await memoryOver(stage.url, targets[side], async (page) => {
    for (const images of batches) {
      const { times, gap } = await page.evaluate(
        ([images, runs]) => globalThis.measure(images, runs),
        [images, RUNS],
      )
      sample[images] = median(times)
      sample.gap = Math.max(sample.gap, gap)
    }
    logits[side] ??= await page.evaluate(() => globalThis.logits())
  })
  samples[side].push({ ...sample, load, peak: peak / 1e6 })
  const times = batches.map((images) => `${images}: ${sample[images].toFixed(0)} ms`)
  console.log(`${names[side]}: ${times.join(', ')}, ${(peak / 1e6).toFixed(0)} MB`)
}

/** The limit: the peer's files in onnxruntime's native build. */
async function measureNative() {
  const sample = {}
  for (const [dtype, file] of Object.entries({ fp32: 'model.onnx', int8: 'model_quantized.onnx' })) {
    const model = join(hubRoot, exported, 'onnx', file)
    const { stdout } = await run(process.execPath, [
      fileURLToPath(new URL('native.mjs', import.meta.url)),
      model,
      String(threads),
      String(RUNS),
    ])
    sample[dtype] = JSON.parse(stdout)
  }
  samples.native.push(sample)
}

function rowsOf([side, other, dtype]) {
  const group = `${names[side]} against ${names[other]}, WASM`
  const row = (name, unit, read, { aim, native } = {}) => {
    const [mine, theirs] = [samples[side].map(read), samples[other].map(read)]
    const found = {
      group,
      name,
      unit,
      ours: summary(mine),
      peer: summary(theirs),
      native: native && summary(samples.native.map(native)),
      ratio: summary(mine.map((value, i) => value / theirs[i])),
      aim,
      names: { ours: names[side], peer: names[other] },
    }
    return { ...found, verdict: verdict(found) }
  }
  return [
    ...batches.map((images) =>
      row(`${images} × 224 × 224`, 'ms', (sample) => sample[images], {
        aim: { ratio: 1 },
        native: (sample) => sample[dtype][images],
      }),
    ),
    row('first visit → first logits', 'ms', ({ load }) => load),
    row('longest wait of the page', 'ms', ({ gap }) => gap, { aim: { most: 50 } }),
    row('peak memory over idle', 'MB', ({ peak }) => peak),
  ].filter(({ ours }) => ours)
}

try {
  for (let round = 0; round < rounds; round++) {
    // Who comes first changes each time.
    for (const side of round % 2 ? asked.toReversed() : asked)
      await (side === 'native' ? measureNative() : measure(side))
  }
  for (const side of Object.keys(logits)) {
    const { mean } = cosines([logits[side]], [logits.peer ?? logits.ours])
    console.log(`Cosine of the logits, ${names[side]}: ${mean.toFixed(6)}`)
    if (!(mean > 0.98)) process.exitCode = 1
  }
  await stage.report('vision', {
    rounds,
    title: 'A forward pass of ViT-B’s shape',
    subject: `logits of images of 224 × 224, ${RUNS} calls a round after two to warm up`,
    names: { ours: 'webformers', peer: 'transformers.js', native: 'onnxruntime, native' },
    rows: [
      ['ours', 'peer', 'fp32'],
      ['ours-int8', 'peer-q8', 'int8'],
    ].flatMap(rowsOf),
    samples,
  })
} finally {
  await stage.close()
}
