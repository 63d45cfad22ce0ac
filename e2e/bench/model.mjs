/**
 * @file `npm run bench -- model [--quick] [--fresh]`: webformers against transformers.js over the same MiniLM, in turns.
 * A run that was stopped goes on where it was, as long as neither library has changed since.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { dist } from '../real/build.mjs'
import { readTruth } from '../real/truth.mjs'
import { hubFiles, measureBytes } from './bytes.mjs'
import { cold, memory, warm, webgpu } from './measure.mjs'
import { evaluate } from './metrics.mjs'
import { exported, hubRoot, prepareExport, repository } from './prepare.mjs'
import { openStage, results, threads, versionOf } from './stage.mjs'
import { cosines } from './statistics.mjs'

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' }, fresh: { type: 'boolean' } } })
const roundsWanted = flags.quick ? 2 : 5
const sides = ['ours', 'peer']
const dtypes = ['fp32', 'int8']

const run = promisify(execFile)
const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const peerVersion = await versionOf('@huggingface/transformers')
const stage = await openStage(new URL('page', import.meta.url), {
  prepare: prepareExport,
  repositories: [repository, exported],
})
/** The state of a benchmark, kept on disk after each measurement. */
const state = await begin()
/** Every fourth sentence: all languages are among them. */
const truth = (await readTruth()).filter((_, i) => i % 4 === 0)
const texts = truth.map(({ text }) => text)
const embeddings = truth.map(({ embedding }) => embedding)

async function begin() {
  const key = await fingerprint()
  const saved = await readFile(join(results, 'partial.json'), 'utf8').then(JSON.parse, () => undefined)
  if (saved?.key === key && !flags.fresh) {
    console.log('Going on with the run that was stopped; --fresh starts over.')
    return { ...saved, load: Math.max(saved.load, stage.load) }
  }
  const side = () => ({ rounds: [] })
  return { key, date: new Date().toISOString(), load: stage.load, ours: side(), peer: side(), native: side() }
}

async function fingerprint() {
  const hash = createHash('sha256').update(peerVersion)
  for (const folder of [dist, here('.'), here('page')]) {
    for (const name of (await readdir(folder)).sort()) {
      if (/\.(m?js|html)$/.test(name)) hash.update(await readFile(join(folder, name)))
    }
  }
  return hash.digest('hex')
}

/** A side's turn: both precisions, each with a profile that begins empty. */
async function measureRound(side, round) {
  state[side].rounds[round] ??= {}
  const samples = state[side].rounds[round]
  for (const dtype of dtypes) {
    if (samples[dtype]) continue
    await withProfile(async (profile) => {
      const target = targetOf(side, profile, { dtype })
      const [servedBefore, askedBefore] = [stage.served.length, stage.asked.length]
      const sample = { cold: await cold(target) }
      console.log(line(round, side, dtype, `first visit ${seconds(sample.cold.load)}`))
      if (!state[side].bytes?.[dtype]) {
        const served = stage.served.slice(servedBefore).filter((file) => !file.startsWith(here('page')))
        const asked = hubFiles(stage.asked.slice(askedBefore), hubRoot)
        state[side].bytes = { ...state[side].bytes, [dtype]: await measureBytes([...served, ...asked]) }
      }
      const known = state[side].cosines?.[dtype]
      const { embeddings: found, ...later } = await warm({ ...target, texts: known ? undefined : texts })
      if (found) state[side].cosines = { ...state[side].cosines, [dtype]: cosines(found, embeddings) }
      sample.warm = later
      const forwards = Object.entries(later.forwards).map(
        ([shape, time]) => `${shape}: ${time.toFixed(1)} ms`,
      )
      console.log(line(round, side, dtype, `later visit ${seconds(later.load)}, ${forwards.join(', ')}`))
      if (process.platform === 'linux') sample.memory = await memory(target)
      samples[dtype] = sample
    })
    await save()
  }
}

async function measureNative(round) {
  if (state.native.rounds[round]) return
  const sample = {}
  for (const [dtype, file] of [
    ['fp32', 'model.onnx'],
    ['int8', 'model_quantized.onnx'],
  ]) {
    const model = join(hubRoot, exported, 'onnx', file)
    const { stdout } = await run(process.execPath, [here('native.mjs'), model, String(threads)])
    sample[dtype] = { warm: JSON.parse(stdout) }
  }
  state.native.rounds[round] = sample
  await save()
}

async function measureGpu(side) {
  if (state[side].webgpu) return
  await withProfile(async (profile) => {
    const target = targetOf(side, profile, { dtype: 'fp32', device: 'webgpu', verbose: true })
    const { embeddings: found, ...counts } = await webgpu({ ...target, texts: texts.slice(0, 4) })
    state[side].webgpu = { ...counts, cosines: cosines(found, embeddings) }
  })
  await save()
}

const targetOf = (side, profile, options) => ({
  url: stage.url,
  profile,
  side,
  options: { hub: stage.hub, repository, exported, device: 'wasm', threads, ...options },
})

async function withProfile(use) {
  const profile = await mkdtemp(join(tmpdir(), 'bench-profile-'))
  try {
    await use(profile)
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

const save = () => writeFile(join(results, 'partial.json'), JSON.stringify(state))

const line = (round, side, dtype, text) =>
  `${round + 1}/${roundsWanted} ${side === 'ours' ? 'webformers' : 'transformers.js'} ${dtype}: ${text}`
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`

async function report() {
  await stage.report('report', {
    date: state.date,
    rounds: roundsWanted,
    load: state.load,
    title: `webformers against transformers.js ${peerVersion}`,
    subject: 'all-MiniLM-L6-v2, sentence embeddings',
    names: { ours: 'webformers', peer: 'transformers.js', native: 'onnxruntime, native' },
    rows: evaluate(state),
    samples: state,
  })
  await rm(join(results, 'partial.json'), { force: true })
}

try {
  for (let round = 0; round < roundsWanted; round++) {
    // Who comes first changes each time: the second finds warmer caches and a warmer processor.
    for (const side of round % 2 ? sides.toReversed() : sides) await measureRound(side, round)
    await measureNative(round)
  }
  for (const side of sides) await measureGpu(side)
  await report()
} finally {
  await stage.close()
}
