/** @file What is compared, and what we aim at. */
import { verdict } from '../metrics.mjs'
import { summary } from '../statistics.mjs'

/** @param {object} samples by side a sample for each round, and `tasks`, `loraTasks`, `memory`, `loraMemory`, `gpu` */
export function evaluate(samples, versions) {
  const {
    ours = [],
    still = [],
    lora = [],
    memory = [],
    loraMemory = [],
    tasks = [],
    loraTasks = [],
    gpu,
  } = samples
  const row = (group, name, unit, mine, { theirs = [], aim, names } = {}) => {
    const found = {
      group,
      name,
      unit,
      ours: summary(mine),
      peer: summary(theirs),
      ratio: summary(mine.map((value, i) => value / theirs[i])),
      aim,
      names,
    }
    return { ...found, verdict: verdict(found) }
  }
  const all = (side, key) => side.map((sample) => sample?.[key])
  const overForward = (side) => side.map(({ step, forward }) => step / forward)

  const own = 'On WASM'
  const rows = [
    row(own, 'forward', 'ms', all(ours, 'forward')),
    row(own, 'step, dropout 0.1', 'ms', all(ours, 'step')),
    row(own, '… over the forward', 'times', overForward(ours), { aim: { most: 3.5 } }),
    row(own, 'step, no dropout', 'ms', all(still, 'step')),
    row(own, '… over the forward', 'times', overForward(still), { aim: { most: 3.5 } }),
    row(own, 'of it clipping and AdamW', 'ms', all(still, 'update')),
    row(own, 'step of LoRA (rank 8, queries, values, head), dropout 0.1', 'ms', all(lora, 'step')),
    row(own, '… over the forward without it', 'times', overForward(lora), { aim: { most: 2.5 } }),
  ]
  const against = (key, name, title, mine, aim) => {
    const theirs = samples[key] ?? []
    const names = { ours: 'webformers', peer: name }
    const group = `${title}: ${name}`
    if (theirs.length === 0) return []
    const dropout = mine === ours ? 'dropout 0.1' : 'no dropout'
    const pair = (what) => [all(mine, what).slice(0, theirs.length), { theirs: all(theirs, what), names }]
    const [forwards, about] = pair('forward')
    const [steps, aboutSteps] = pair('step')
    return [
      row(group, `forward beside steps with ${dropout}`, 'ms', forwards, about),
      row(group, `step, ${dropout}`, 'ms', steps, { ...aboutSteps, aim }),
    ]
  }
  const times = [
    ...against('pytorch', `PyTorch ${versions.pytorch}`, 'Against Python, CPU, AdamW', ours, { ratio: 4 }),
    ...against('pytorchStill', `PyTorch ${versions.pytorch}`, 'Against Python, CPU, AdamW', still, {
      ratio: 4,
    }),
    ...against(
      'tfjs',
      `TensorFlow.js ${versions.tfjs}`,
      'Against its backend wasm, Adam without clipping',
      still,
      {
        ratio: 1,
      },
    ),
    ...against('jax', `jax-js ${versions.jax}`, 'Against its backend wasm, AdamW without clipping', still, {
      ratio: 1,
    }),
  ]

  const busy = "The page's main thread, from the import to the fifth step"
  const longest = [
    ['all weights', tasks],
    ['LoRA', loraTasks],
  ].flatMap(([what, side]) => [
    row(busy, `longest task, ${what}`, 'ms', all(side, 'task')),
    row(busy, '… of it with a core', 'ms', all(side, 'work'), { aim: { most: 50 } }),
  ])

  const held = 'Memory over idle, from a first visit to the end of 30 steps on WASM'
  const memories = [
    row(
      held,
      'peak',
      'MB',
      memory.map(({ peak }) => peak / 1e6),
    ),
    row(held, '… as a multiple of the weights', 'times', memory.map(timesWeights), { aim: { most: 5 } }),
    row(
      held,
      'when loaded, before the first step',
      'MB',
      memory.map(({ loaded }) => loaded / 1e6),
    ),
    row(
      held,
      'peak with LoRA',
      'MB',
      loraMemory.map(({ peak }) => peak / 1e6),
    ),
  ]
  return [...rows, ...times, ...longest, ...memories, ...(gpu ? gpuRows(gpu, row) : [])]
}

const timesWeights = ({ peak, trained }) => peak / (4 * trained)

function gpuRows({ gradients, update, cpuNodes }, row) {
  const group = 'A step on WebGPU: forward and backward, then clipping and AdamW'
  const dispatches = gradients.dispatches + update.dispatches
  return [
    row(group, 'dispatches', 'count', [dispatches]),
    row(group, 'of them the optimizer’s', 'count', [update.dispatches]),
    row(group, '… as a share', 'share', [update.dispatches / dispatches], { aim: { most: 0.1 } }),
    // A loss, and the sums from which the norm of all gradients follows.
    row(group, 'read back: no weight, no state', 'bytes', [gradients.read + update.read], {
      aim: { most: 4096 },
    }),
    row(group, 'written to it, of a batch of 2 × 16', 'bytes', [gradients.written + update.written]),
    row(group, 'nodes left on the CPU', 'count', [cpuNodes]),
  ]
}
