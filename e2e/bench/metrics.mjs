/** @file What is compared, where it is found in the samples, and what we aim at. */
import { shapes } from './inputs.mjs'
import { summary } from './statistics.mjs'

/**
 * The most or least that ours over the peer's may be, or ours itself.
 * @typedef {{ ratio: number } | { leastRatio: number } | { most: number } | { least: number }} Aim
 */

/**
 * @typedef {object} Metric
 * @property {string} group
 * @property {string} name
 * @property {'ms' | 'MB' | 'kB' | 'count' | 'cosine' | 'times'} unit
 * @property {(side: object) => number[]} values of one side, one a round
 * @property {Aim} [aim]
 */

const rounds = (read) => (side) => side.rounds.map(read)
const once = (read) => (side) => [read(side)]

const forwards = (dtype, aim) =>
  shapes.map(({ name }) => ({
    group: `Forward on WASM, ${dtype}, batch × tokens`,
    name,
    unit: 'ms',
    values: rounds((round) => round[dtype]?.warm?.forwards[name]),
    aim,
  }))

const loading = (dtype, aims = {}) => {
  const group = `Loading on WASM, ${dtype}`
  const row = (name, unit, read, aim) => ({
    group,
    name,
    unit,
    values: rounds((round) => read(round[dtype])),
    aim,
  })
  return [
    row('first visit → first embedding', 'ms', (run) => run?.cold?.load),
    row('later visit → first embedding', 'ms', (run) => run?.warm?.load, aims.warm),
    row('page reload → first embedding', 'ms', (run) => run?.warm?.reload),
    row('longest task of the main thread, first visit', 'ms', (run) => run?.cold?.task, aims.task),
    row('longest task of the main thread, later visit', 'ms', (run) => run?.warm?.task, aims.task),
    row('longest wait of a timer there, first visit', 'ms', (run) => run?.cold?.gap, aims.gap),
    row('longest wait of a timer there, later visit', 'ms', (run) => run?.warm?.gap, aims.gap),
    row('peak memory over idle', 'MB', (run) => run?.memory?.peak / 1e6, aims.memory),
  ]
}

const bytes = (dtype, kind, name, unit, aim) => ({
  group: 'Downloaded on a first visit, WASM, gzip',
  name,
  unit,
  values: once((side) => side.bytes?.[dtype][kind].gzip / (unit === 'kB' ? 1e3 : 1e6)),
  aim,
})

const gpu = (key, name, aim) => ({
  group: 'One sentence on WebGPU, fp32',
  name,
  unit: 'count',
  values: once((side) => side.webgpu?.[key]),
  aim,
})

const nearness = (name, read, aim) => ({
  group: 'Cosine to PyTorch, 56 sentences in 14 languages',
  name,
  unit: 'cosine',
  values: once(read),
  aim,
})

const gain = (shape) => ({
  group: 'int8 against fp32 of the same library',
  name: shape,
  unit: 'times',
  values: rounds(({ fp32, int8 }) => fp32?.warm?.forwards[shape] / int8?.warm?.forwards[shape]),
  aim: { least: 1.7 },
})

/** @type {Metric[]} */
const metrics = [
  ...forwards('fp32', { ratio: 1 }),
  ...forwards('int8'),
  gain('1 × 128'),
  gain('8 × 128'),
  nearness('fp32, mean', (side) => side.cosines?.fp32.mean),
  nearness('int8, mean', (side) => side.cosines?.int8.mean, { least: 0.99 }),
  nearness('int8, worst', (side) => side.cosines?.int8.worst),
  ...loading('fp32', { warm: { ratio: 0.6 }, task: { most: 50 }, gap: { most: 50 }, memory: { ratio: 0.7 } }),
  ...loading('int8', { task: { most: 50 }, gap: { most: 50 } }),
  bytes('fp32', 'code', 'JavaScript', 'kB'),
  bytes('fp32', 'wasm', 'WebAssembly', 'MB', { most: 4.2 }),
  bytes('fp32', 'weights', 'weights for fp32', 'MB'),
  bytes('int8', 'weights', 'weights for int8 (ours: the original)', 'MB'),
  bytes('fp32', 'other', 'configuration and tokenizer', 'kB'),
  gpu('dispatches', 'dispatches', { ratio: 0.6 }),
  gpu('submits', 'submits'),
  gpu('readbacks', 'readbacks', { most: 1 }),
  gpu('cpuNodes', 'nodes left on the CPU', { most: 0 }),
]

/** Every metric with both sides' summaries, their ratio round by round, and a verdict. */
export function evaluate({ ours, peer, native }) {
  return metrics.map(({ group, name, unit, values, aim }) => {
    const [mine, theirs] = [values(ours), values(peer)]
    const row = {
      group,
      name,
      unit,
      ours: summary(mine),
      peer: summary(theirs),
      native: native && /^Forward/.test(group) ? summary(values(native)) : undefined,
      ratio: summary(mine.map((value, i) => value / theirs[i])),
      aim,
    }
    return { ...row, verdict: verdict(row) }
  })
}

/** Where the rounds disagree about it, neither yes nor no would be honest. */
export function verdict({ ours, ratio, aim }) {
  if (!aim) return undefined
  const [[kind, limit]] = Object.entries(aim)
  const value = /ratio/i.test(kind) ? ratio : ours
  const least = kind.startsWith('least')
  if (!value) return 'unknown'
  const meets = (one) => (least ? one >= limit : one <= limit)
  if (meets(value.median)) return 'met'
  return meets(value.low) || meets(value.high) ? 'within the spread' : 'missed'
}

export function describeAim(aim) {
  if (!aim) return ''
  if ('ratio' in aim) return `ratio ≤ ${aim.ratio}`
  if ('leastRatio' in aim) return `ratio ≥ ${aim.leastRatio}`
  return 'most' in aim ? `≤ ${aim.most}` : `≥ ${aim.least}`
}
