/**
 * @file `npm run bench -- generation [--quick] [--sides ours,wllama,…] [--measure times,visits,memory,gpu,perplexity,masks] [--built]`: SmolLM2-135M
 * token by token, against transformers.js and wllama over the same weights, and onnxruntime's native build as the limit; time to the
 * first token; memory; calls to the GPU.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { launch } from '../../browser.mjs'
import { hubRoot } from '../../real/minilm.mjs'
import { memoryOver, open, withBrowser } from '../pages.mjs'
import { openStage, packageFolder, threads, versionOf } from '../stage.mjs'
import { measureMasks } from './masks/run.mjs'
import { evaluate } from './metrics.mjs'
import { measurePerplexity } from './perplexity.mjs'
import { exported, prepareGeneration } from './prepare.mjs'
import { promptsOf } from './prompts.mjs'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    fresh: { type: 'boolean' }, // the other parts'; this one always starts anew
    built: { type: 'boolean' }, // take the build that is there
    sides: {
      type: 'string',
      default: 'ours,ours-int8,transformers,transformers-q8,wllama,wllama-q8,native,native-q8',
    },
    measure: { type: 'string', default: 'times,visits,memory,gpu,perplexity,masks' },
  },
})
const rounds = flags.quick ? 2 : 3
const measured = flags.measure.split(',')
const asked = flags.sides.split(',')
/** Tokens that are generated where their speed is taken; half of them lie before the length that is named. */
const COUNT = 32

const run = promisify(execFile)

const stage = await openStage(new URL('page', import.meta.url), {
  prepare: async () => {
    await prepareGeneration()
    return { '/wllama/': join(await packageFolder('@wllama/wllama'), 'esm') }
  },
  repositories: [exported],
  built: flags.built,
})
const promptOf = await promptsOf(join(hubRoot, exported))

const own = (given) => ({
  side: 'ours',
  options: { hub: stage.hub, exported, device: 'wasm', threads, ...given },
})
const other = (side, given) => ({ side, options: { hub: stage.hub, exported, threads, ...given } })
const targets = {
  ours: own({ dtype: 'fp32' }),
  'ours-int8': own({ dtype: 'int8' }),
  transformers: other('transformers', { dtype: 'fp32' }),
  'transformers-q8': other('transformers', { dtype: 'q8' }),
  wllama: other('wllama', { file: 'f32.gguf' }),
  'wllama-q8': other('wllama', { file: 'q8_0.gguf' }),
}
/** The peer's exports, which are run outside of any browser. */
const natives = { native: 'onnx/model.onnx', 'native-q8': 'onnx/model_quantized.onnx' }
const inBrowser = asked.filter((side) => side in targets)
const samples = { times: {}, visits: {}, memory: {}, gpu: {}, perplexity: {}, masks: undefined }
const add = (kind, side, sample) => {
  samples[kind][side] ??= []
  samples[kind][side].push(sample)
}

/** Prompts that no side has read before. */
let told = 0
const prompt = (length) => promptOf(length, told++)

async function nativeTimes(side) {
  const before = (past) => prompt(past - COUNT / 2).ids
  const given = JSON.stringify({
    count: COUNT,
    warmUp: before(32),
    at64: before(64),
    at512: before(512),
    prefill: prompt(256).ids,
  })
  const model = join(hubRoot, exported, natives[side])
  const script = fileURLToPath(new URL('native.mjs', import.meta.url))
  const { stdout } = await run(process.execPath, [script, model, String(threads), given])
  return JSON.parse(stdout)
}

async function timesOf(context, side) {
  const page = await context.newPage()
  try {
    await open(page, stage.url, targets[side])
    const decode = (past) =>
      page.evaluate(([prompt, count]) => globalThis.decode(prompt, count), [prompt(past - COUNT / 2), COUNT])
    await decode(32) // compiles, warms up
    const [at64, at512] = [await decode(64), await decode(512)]
    const prefill = await page.evaluate((prompt) => globalThis.prefill(prompt), prompt(256))
    return { at64: at64.speed, at512: at512.speed, prefill, gap: Math.max(at64.gap, at512.gap) }
  } finally {
    await page.close()
  }
}

async function timesInBrowser(side) {
  const browser = await launch()
  try {
    return await timesOf(await browser.newContext(), side)
  } finally {
    await browser.close()
  }
}

async function measureTimes() {
  for (let round = 0; round < rounds; round++) {
    // Who comes first changes each time: the second finds warmer caches and a warmer processor.
    for (const side of round % 2 ? asked.toReversed() : asked) {
      try {
        const found = await (side in natives ? nativeTimes : timesInBrowser)(side)
        add('times', side, found)
        const { at64, at512, prefill, gap } = found
        console.log(
          `${round + 1}/${rounds} ${side}: ${at64.toFixed(1)} tokens/s at 64, ${at512.toFixed(1)} at 512, ` +
            `256 read in ${prefill.toFixed(0)} ms${gap === undefined ? '' : `, the page waited ${gap.toFixed(0)} ms`}`,
        )
      } catch (error) {
        if (side.startsWith('ours')) throw error
        console.error(`${round + 1}/${rounds} ${side} failed: ${error.message}`)
      }
    }
  }
}

/** From the library's import to the first token, everything downloaded before. */
async function measureVisits() {
  for (let round = 0; round < (flags.quick ? 1 : rounds); round++) {
    for (const side of inBrowser) {
      await withBrowser(async (context) => {
        const visit = async () => {
          const page = await context.newPage()
          try {
            const { loading, gap } = await open(page, stage.url, targets[side])
            const first = await page.evaluate((prompt) => globalThis.prefill(prompt), prompt(32))
            return { first: loading + first, gap }
          } finally {
            await page.close()
          }
        }
        await visit()
        const found = await visit()
        add('visits', side, found)
        console.log(`${round + 1} ${side}: first token ${found.first.toFixed(0)} ms after the import`)
      }).catch((error) => console.error(`${side} failed: ${error.message}`))
    }
  }
}

async function measureMemory() {
  for (const side of inBrowser) {
    const work = (page) =>
      page.evaluate(([prompt, count]) => globalThis.decode(prompt, count), [prompt(256), COUNT])
    const found = await memoryOver(stage.url, targets[side], work).catch((error) =>
      console.error(`${side} failed: ${error.message}`),
    )
    if (!found) continue
    add('memory', side, found)
    console.log(`${side}: ${(found.peak / 1e6).toFixed(0)} MB over idle at most`)
  }
}

/** Counts do not depend on the prompt: a short one does for a GPU that is software. */
async function measureGpu() {
  for (const dtype of ['fp32', 'q4']) {
    await withBrowser(async (context) => {
      await context.addInitScript({
        content: `import(${JSON.stringify(`${stage.url}/shared/counters.js`)})`,
      })
      const page = context.pages()[0] ?? (await context.newPage())
      await open(page, stage.url, own({ device: 'webgpu', dtype }))
      const counts = await page.evaluate(
        ([prompt, count]) => globalThis.countCalls(prompt, count),
        [prompt(8), 4],
      )
      samples.gpu[dtype] = counts
      console.log(`WebGPU ${dtype}: ${JSON.stringify(counts)}`)
    })
  }
}

async function report() {
  const versions = {
    transformers: await versionOf('@huggingface/transformers'),
    wllama: await versionOf('@wllama/wllama'),
    native: await versionOf('onnxruntime-node'),
  }
  await stage.report('generation', {
    rounds,
    title: 'SmolLM2-135M, token by token',
    subject: `Greedy generation over the same weights; speed is that of ${COUNT} tokens around the length`,
    names: { ours: 'webformers', peer: 'the best other', native: 'onnxruntime, native' },
    rows: evaluate(samples, versions),
    samples,
  })
}

try {
  if (measured.includes('times')) await measureTimes()
  if (measured.includes('visits')) await measureVisits()
  if (measured.includes('memory') && process.platform === 'linux') await measureMemory()
  if (measured.includes('gpu')) await measureGpu()
  if (measured.includes('perplexity')) samples.perplexity = await measurePerplexity({ log: console.log })
  if (measured.includes('masks')) samples.masks = await measureMasks(join(hubRoot, exported))
  await report()
} finally {
  await stage.close()
}
