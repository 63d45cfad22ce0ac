/**
 * @file `npm run bench -- training [--quick] [--sides ours,still,lora,pytorch,tfjs,jax] [--measure times,memory,gpu] [--built]`:
 * a training step of MiniLM against its forward, PyTorch, TensorFlow.js and jax-js; its memory; its calls to the GPU.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { launch } from '../../browser.mjs'
import { prepareMiniLM, repository } from '../../real/minilm.mjs'
import { findPython } from '../prepare.mjs'
import { openStage, packageFolder, results, threads, versionOf } from '../stage.mjs'
import { gpuCalls, memory, pytorchTimes, times } from './measure.mjs'
import { evaluate } from './metrics.mjs'
import { bundleTensorFlow } from './tfjs.mjs'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    fresh: { type: 'boolean' }, // the other parts'; this one always starts anew
    built: { type: 'boolean' }, // take the build that is there
    sides: { type: 'string', default: 'ours,still,lora,pytorch,tfjs,jax' },
    measure: { type: 'string', default: 'times,memory,gpu' },
  },
})
const rounds = flags.quick ? 2 : 5
const measured = flags.measure.split(',')
const MEMORY_STEPS = 30
const pythonPackages = ['torch==2.13.0', 'transformers==4.57.6', 'safetensors']

let minilm
const stage = await openStage(new URL('page', import.meta.url), {
  async prepare() {
    const { ok, reason, folder } = await prepareMiniLM()
    if (!ok) throw new Error(reason)
    minilm = folder
    const [wasm, jax] = await Promise.all(['@tensorflow/tfjs-backend-wasm', '@jax-js/jax'].map(packageFolder))
    const tfjs = join(results, 'tfjs')
    await bundleTensorFlow(tfjs)
    return { '/tfjs-wasm/': join(wasm, 'dist'), '/tfjs/': tfjs, '/jax/': join(jax, 'dist') }
  },
  repositories: [repository],
  built: flags.built,
})

const own = (given) => ({
  side: 'ours',
  options: { hub: stage.hub, repository, device: 'wasm', threads, dropout: 0.1, ...given },
})
const targets = {
  ours: own(),
  still: own({ dropout: 0 }),
  lora: own({ lora: true }),
  tfjs: { side: 'tfjs', options: { threads } },
  jax: { side: 'jax', options: { threads } },
}
const samples = {}

/** Where there is none, all else is measured. */
const python = flags.sides.includes('pytorch')
  ? await findPython(pythonPackages).catch((error) => console.error(`Without PyTorch. ${error.message}`))
  : undefined
const asked = flags.sides.split(',').filter((side) => side !== 'pytorch' || python)

const sideNames = {
  ours: 'webformers, dropout 0.1',
  still: 'webformers, no dropout',
  lora: 'webformers, LoRA',
  pytorch: 'PyTorch, dropout 0.1',
  pytorchStill: 'PyTorch, no dropout',
  tfjs: 'TensorFlow.js',
  jax: 'jax-js',
}

async function measureTimes(context, side, round) {
  const wanted = { runs: flags.quick ? 2 : 5, warmUp: 2 }
  const found = side.startsWith('pytorch')
    ? await pytorchTimes(python, minilm, { threads, dropout: side === 'pytorch' ? 0.1 : 0 }, wanted)
    : await times(context, stage.url, targets[side], wanted)
  samples[side] = [...(samples[side] ?? []), found]
  const { forward, step } = found
  const ratio = `${(step / forward).toFixed(2)} ×`
  console.log(
    `${round + 1}/${rounds} ${sideNames[side]}: forward ${forward.toFixed(0)} ms, step ${step.toFixed(0)} ms, ${ratio}`,
  )
}

async function measureAllTimes() {
  const browser = await launch()
  try {
    const context = await browser.newContext()
    const sides = asked.flatMap((side) => (side === 'pytorch' ? ['pytorch', 'pytorchStill'] : [side]))
    for (let round = 0; round < rounds; round++) {
      // Who comes first changes each time: the second finds warmer caches and a warmer processor.
      for (const side of round % 2 ? sides.toReversed() : sides) {
        await measureTimes(context, side, round).catch((error) => {
          if (targets[side]?.side === 'ours') throw error
          console.error(`${round + 1}/${rounds} ${sideNames[side]} failed: ${error.message}`)
        })
      }
    }
  } finally {
    await browser.close()
  }
}

async function measureMemory() {
  const some = flags.quick ? 1 : 3
  for (const [key, side] of Object.entries({ memory: 'ours', loraMemory: 'lora' })) {
    if (!asked.includes(side)) continue
    samples[key] = []
    for (let round = 0; round < some; round++) {
      const found = await memory(stage.url, targets[side], MEMORY_STEPS)
      samples[key].push(found)
      console.log(
        `${round + 1}/${some} ${sideNames[side]}: ${(found.peak / 1e6).toFixed(0)} MB over idle at most`,
      )
    }
  }
}

/** Speed counts for nothing where nothing is learned: without dropout the loss on one batch must fall. */
function checkLosses() {
  for (const side of ['still', 'tfjs', 'jax']) {
    for (const { losses } of samples[side] ?? []) {
      if (losses.at(-1) < losses[0]) continue
      console.error(`${sideNames[side]}: the loss went from ${losses[0]} to ${losses.at(-1)}.`)
      process.exitCode = 1
    }
  }
}

async function report() {
  const versions = {
    pytorch: pythonPackages[0].split('==')[1],
    tfjs: await versionOf('@tensorflow/tfjs-backend-wasm'),
    jax: await versionOf('@jax-js/jax'),
  }
  await stage.report('training', {
    rounds,
    title: 'A training step of all-MiniLM-L6-v2',
    subject: 'Classification of 8 × 64 tokens in fp32; clipping and AdamW belong to the step',
    names: { ours: 'webformers' },
    rows: evaluate(samples, versions),
    samples,
  })
}

try {
  if (measured.includes('times')) await measureAllTimes()
  if (measured.includes('memory') && process.platform === 'linux') await measureMemory()
  // Its counts do not depend on the batch: a small one does for a GPU that is software.
  if (measured.includes('gpu'))
    samples.gpu = await gpuCalls(stage.url, own({ device: 'webgpu', dropout: 0.1, rows: 2, tokens: 16 }))
  checkLosses()
  await report()
} finally {
  await stage.close()
}
