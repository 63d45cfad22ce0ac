/**
 * @file `npm run bench -- generation [--quick] [--sides ours,wllama,…] [--measure times,visits,memory,gpu,perplexity] [--built]`: SmolLM2-135M
 * token by token, against transformers.js and wllama over the same weights, and onnxruntime's native build as the limit; time to the
 * first token; memory; calls to the GPU.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { cpus, loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { findBrowser, launch } from '../../browser.mjs'
import { startHub } from '../../hub-server.mjs'
import { build, dist } from '../../real/build.mjs'
import { hubRoot } from '../../real/minilm.mjs'
import { serve } from '../../real/server.mjs'
import { memoryOver, open, withBrowser } from '../pages.mjs'
import { printTable, toHtml } from '../report.mjs'
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
    measure: { type: 'string', default: 'times,visits,memory,gpu,perplexity' },
  },
})
const rounds = flags.quick ? 2 : 3
const measured = flags.measure.split(',')
const asked = flags.sides.split(',')
const threads = 2
/** Tokens that are generated where their speed is taken; half of them lie before the length that is named. */
const COUNT = 32

const run = promisify(execFile)
const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const results = here('../../../.cache/bench')
const packageFolder = (name) => realpath(here(`../../node_modules/${name}`))
const versionOf = async (folder) => JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')).version

const [busy] = loadavg()
if (busy > 0.5) console.log(`Other work loads this machine (${busy.toFixed(1)}): times will be off.`)
await prepareGeneration().catch((error) => {
  console.error(`Can't run the benchmark. ${error.message}`)
  process.exit(1)
})
await mkdir(results, { recursive: true })
if (!flags.built || !existsSync(dist)) {
  console.log('Building …')
  await build()
}
const [peer, wllama] = await Promise.all(['@huggingface/transformers', '@wllama/wllama'].map(packageFolder))
const promptOf = await promptsOf(join(hubRoot, exported))

const hub = await startHub({ root: hubRoot })
const server = await serve({
  '/ours/': dist,
  '/peer/': join(peer, 'dist'),
  '/ort/': dirname(createRequire(join(peer, 'package.json')).resolve('onnxruntime-web')),
  '/wllama/': join(wllama, 'esm'),
  '/shared/': here('../page'),
  '/': here('page'),
})
await fetch(`${hub.url}/api/models/${exported}?blobs=true`) // the Hub hashes files when it is first asked

const own = (given) => ({
  side: 'ours',
  options: { hub: hub.url, exported, device: 'wasm', threads, ...given },
})
const other = (side, given) => ({ side, options: { hub: hub.url, exported, threads, ...given } })
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
const samples = { times: {}, visits: {}, memory: {}, gpu: {}, perplexity: {} }
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
  const { stdout } = await run(process.execPath, [here('native.mjs'), model, String(threads), given])
  return JSON.parse(stdout)
}

async function timesOf(context, side) {
  const page = await context.newPage()
  try {
    await open(page, server.url, targets[side])
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
            const { loading, gap } = await open(page, server.url, targets[side])
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
    const found = await memoryOver(server.url, targets[side], work).catch((error) =>
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
        content: `import(${JSON.stringify(`${server.url}/shared/counters.js`)})`,
      })
      const page = context.pages()[0] ?? (await context.newPage())
      await open(page, server.url, own({ device: 'webgpu', dtype }))
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
    transformers: await versionOf(peer),
    wllama: await versionOf(wllama),
    native: await versionOf(await packageFolder('onnxruntime-node')),
  }
  const rows = evaluate(samples, versions)
  const about = {
    date: new Date().toISOString(),
    rounds,
    processor: cpus()[0]?.model.trim(),
    cores: cpus().length,
    threads,
    load: busy,
    title: 'SmolLM2-135M, token by token',
    subject: `Greedy generation over the same weights; speed is that of ${COUNT} tokens around the length`,
    names: { ours: 'webformers', peer: 'the best other', native: 'onnxruntime, native' },
    browser: findBrowser(),
  }
  await writeFile(join(results, 'generation.json'), JSON.stringify({ about, rows, samples }, null, 2))
  await writeFile(join(results, 'generation.html'), toHtml(about, rows))
  printTable(about, rows)
  console.log('\n.cache/bench/generation.json, .cache/bench/generation.html')
}

try {
  if (measured.includes('times')) await measureTimes()
  if (measured.includes('visits')) await measureVisits()
  if (measured.includes('memory') && process.platform === 'linux') await measureMemory()
  if (measured.includes('gpu')) await measureGpu()
  if (measured.includes('perplexity')) samples.perplexity = await measurePerplexity({ log: console.log })
  await report()
} finally {
  await server.close()
  await hub.close()
}
