/**
 * @file `npm run bench -- tokenizers [--quick] [--only bert,qwen3] [--measure throughput,lengths,loading]`: our tokenizers
 * against @huggingface/tokenizers in Chromium and against the Rust library in Node.
 */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { launch } from '../../browser.mjs'
import { hubRoot } from '../../real/minilm.mjs'
import { prepareTokenizers, tokenizerRepository } from '../../real/tokenizers.mjs'
import { openStage, results, versionOf } from '../stage.mjs'
import { tokenizers, writeTexts } from './inputs.mjs'
import { lengths, loading, native, throughput } from './measure.mjs'
import { differences, evaluate } from './metrics.mjs'
import { measureSize } from './sizes.mjs'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    fresh: { type: 'boolean' }, // the other part's; this one always starts anew
    only: { type: 'string', default: Object.keys(tokenizers).join() },
    measure: { type: 'string', default: 'throughput,lengths,loading' },
  },
})
const rounds = flags.quick ? 2 : 5
const count = flags.quick ? 60 : 120 // texts to measure, of each language
const warmUp = flags.quick ? 700 : 1500
const names = flags.only.split(',')
const measured = flags.measure.split(',')

const version = await versionOf('@huggingface/tokenizers')
let folders
let texts
const stage = await openStage(new URL('page', import.meta.url), {
  async prepare() {
    folders = await prepareTokenizers(names)
    texts = await writeTexts(results, count)
    const peer = dirname(fileURLToPath(import.meta.resolve('@huggingface/tokenizers')))
    return { '/peer/': peer, '/hub/': hubRoot, '/texts/': results }
  },
})
const browser = await launch()
const samples = { throughput: {}, lengths: {}, loading: {}, sizes: {} }

const targetOf = (side, name) => ({
  side,
  url: stage.url,
  hub: stage.hub,
  repository: tokenizerRepository(name),
})

/** Who comes first changes each time: the second finds warmer caches and a warmer processor. */
const turns = (round) => (round % 2 ? ['peer', 'ours'] : ['ours', 'peer'])

async function measureThroughput(name) {
  samples.throughput[name] = { ours: [], peer: [], node: [], rust: [] }
  const sample = samples.throughput[name]
  for (let round = 0; round < rounds; round++) {
    for (const side of turns(round)) {
      sample[side].push(await throughput(browser, targetOf(side, name), { warmUp }))
      console.log(line(round, side, name, describeRates(sample[side].at(-1))))
    }
    const { ours, rust } = await native(folders[name], texts, warmUp, round % 2 ? 'rust' : 'ours')
    sample.node.push(ours)
    sample.rust.push(rust)
    console.log(line(round, 'node', name, describeRates(ours)))
    console.log(line(round, 'rust', name, describeRates(rust)))
  }
}

async function measureLengths(name) {
  samples.lengths[name] = []
  for (let round = 0; round < Math.min(rounds, 3); round++) {
    const found = await lengths(browser, targetOf('ours', name))
    samples.lengths[name].push(found)
    const ratios = Object.entries(found).map(
      ([language, { long, pieces }]) => `${language} ${(long / pieces).toFixed(2)}`,
    )
    console.log(line(round, 'ours', name, `2 MB at once over in pieces: ${ratios.join(', ')}`))
  }
}

async function measureLoading(name) {
  samples.loading[name] = { ours: [], peer: [] }
  for (let round = 0; round < rounds; round++) {
    for (const side of turns(round)) {
      const found = await loading(targetOf(side, name))
      samples.loading[name][side].push(found)
      const visit = ({ open, task }) => `${open.toFixed(0)} ms (task ${task.toFixed(0)})`
      const memory = `${(found.memory / 1e6).toFixed(1)} MB`
      console.log(line(round, side, name, `${visit(found.first)}, later ${visit(found.later)}, ${memory}`))
    }
  }
}

const sideNames = {
  ours: 'webformers',
  peer: '@huggingface',
  node: 'webformers, Node',
  rust: 'Rust, Node',
}
const line = (round, side, name, text) => `${round + 1}/${rounds} ${name} ${sideNames[side]}: ${text}`
const describeRates = (rates) =>
  Object.entries(rates)
    .map(([language, { first, second }]) => `${language} ${first.toFixed(2)} / ${second.toFixed(2)}`)
    .join(', ')

const report = () =>
  stage.report('tokenizers-report', {
    rounds,
    threads: undefined,
    title: `webformers' tokenizers against @huggingface/tokenizers ${version}`,
    subject: 'MB/s are of UTF-8',
    names: { ours: 'webformers', peer: '@huggingface/tokenizers', native: 'Rust, from Node' },
    rows: evaluate(samples),
    samples,
  })

/** Speed counts for nothing where the answer is wrong. */
function checkIds() {
  const found = differences(samples.throughput)
  for (const { side, name, language, different, of } of found.filter(({ different }) => different > 0)) {
    console.error(
      `${sideNames[side]}: ${different} of ${of} ${language} texts have other ids than Rust's with ${name}.`,
    )
    if (side !== 'peer') process.exitCode = 1
  }
  const total = (sides, key) =>
    found.filter(({ side }) => sides.includes(side)).reduce((sum, one) => sum + one[key], 0)
  for (const sides of [['ours', 'node'], ['peer']])
    console.log(
      `${sideNames[sides[0]]}: ids differ from Rust's on ${total(sides, 'different')} of ${total(sides, 'of')} texts.`,
    )
}

try {
  for (const side of ['ours', 'peer']) samples.sizes[side] = await measureSize(side)
  for (const name of names) {
    if (measured.includes('throughput')) await measureThroughput(name)
    if (measured.includes('lengths')) await measureLengths(name)
    if (measured.includes('loading') && tokenizers[name].open) await measureLoading(name)
  }
  await report()
  if (measured.includes('throughput')) checkIds()
} finally {
  await browser.close()
  await stage.close()
}
