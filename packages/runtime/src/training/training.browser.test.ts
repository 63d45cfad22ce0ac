import { attention, crossEntropy, embedding, layerNorm, linear } from '@webformers/graph'
import { describe, expect, test, vi } from 'vitest'
import type { Device } from '../adapter'
import { type Client, connect } from '../client'
import { DeviceLostError, ExecutionError, IndexOutOfRangeError, InputError, WorkerDiedError } from '../errors'
import recorded from '../fixture/training.json'
import type { PlainTensors } from '../tensor'
import { fallenToCpu, safetensors } from '../testing'
import type { LoadedTraining } from './loaded-training'
import type { AdamW, TrainingState } from './program'
import { trainingProgram } from './testing'
import type { Counted } from './testing.worker'

vi.setConfig({ testTimeout: 180_000 }) // a software GPU on a busy machine

type Name = keyof typeof recorded.shapes
const names = Object.keys(recorded.shapes) as Name[]
const [words, width] = recorded.shapes['words.weight'] as [number, number]

/** The model of training.py; on WASM its table stays outside the graph if it is only to be looked up. */
function programOf(device: Device, { lookup = false } = {}) {
  const model = {
    words: embedding(words, width, { padding: 0 }),
    query: linear(width, width),
    key: linear(width, width, { bias: false }),
    value: linear(width, width),
    norm: layerNorm(width, 1e-5),
    head: linear(width, 3),
  }
  const inputs = {
    ids: { shape: ['batch', 'sequence'], dtype: 'int32' },
    labels: { shape: ['batch'], dtype: 'int32' },
  } as const
  return trainingProgram(
    model,
    inputs,
    ({ ids, labels }) => {
      const x = model.words(ids!)
      const { context } = attention(model.query(x), model.key(x), model.value(x), { heads: 2 })
      const logits = model.head(model.norm(x.add(context)).mean([1]))
      return {
        outputs: { loss: crossEntropy(logits, labels!), logits },
        ...(lookup && { looked: { 'words.weight': { rows: x, ids: 'ids', padding: 0 } } }),
      }
    },
    device,
  )
}

const optimizer: AdamW = {
  kind: 'adamw',
  groups: [
    { parameters: recorded.decayed, weightDecay: 0.1 },
    { parameters: names.filter((name) => !recorded.decayed.includes(name)), weightDecay: 0 },
  ],
  betas: [0.9, 0.999],
  eps: 1e-8,
}

const files = {
  'model.safetensors': safetensors(
    Object.fromEntries(
      names.map((name) => {
        const data = Float32Array.from(recorded.initial[name])
        return [name, { dtype: 'float32', shape: recorded.shapes[name], data }]
      }),
    ),
  ),
}

const int32 = (rows: readonly (number | number[])[]) => {
  const data = Int32Array.from(rows.flat())
  return {
    dtype: 'int32' as const,
    shape: Array.isArray(rows[0]) ? [rows.length, rows[0].length] : [rows.length],
    data,
  }
}
const batchOf = ({ ids, labels }: { ids: number[][]; labels: number[] }): PlainTensors => ({
  ids: int32(ids),
  labels: int32(labels),
})
const some = batchOf(recorded.batches[9]![0]!)

/** Updates `from` to `to` (exclusive) of the recording: the losses, and the norms of the gradients. */
async function train(training: LoadedTraining, from = 0, to = recorded.batches.length) {
  const [losses, norms]: [number[], number[]] = [[], []]
  for (let step = from; step < to; step++) {
    for (const batch of recorded.batches[step]!)
      losses.push((await training.step(batchOf(batch), { scale: 0.5 })).loss)
    const rate = recorded.rates[step]!
    const { gradNorm } = await training.update({ learningRates: [rate, rate], maxGradNorm: 0.5 })
    norms.push(gradNorm!)
  }
  return { losses, norms }
}

async function numbersOf(tensors: TrainingState['weights']): Promise<Record<string, readonly number[]>> {
  const read = tensors.map(async ({ name, bytes }) => {
    const stored = await new Blob([bytes]).arrayBuffer()
    return [name, [...new Float32Array(stored)]] as const
  })
  return Object.fromEntries(await Promise.all(read))
}

const written = async ({ weights, moments, ...rest }: TrainingState) => ({
  ...rest,
  weights: await numbersOf(weights),
  moments: await numbersOf(moments),
})

const distance = (actual: ArrayLike<number>, expected: readonly number[]) =>
  Math.max(...expected.map((value, i) => Math.abs(actual[i]! - value) / Math.max(1, Math.abs(value))))

/** A client whose worker tells what it took. */
function counting(device: Device) {
  let worker: Worker | undefined
  const log: string[] = []
  const spawn = () => {
    worker = new Worker(new URL('./testing.worker.ts', import.meta.url), { type: 'module' })
    worker.addEventListener('message', ({ data }) => data?.log && log.push(data.log))
    return worker
  }
  const count = () =>
    new Promise<Counted>((resolve) => {
      const told = ({ data }: MessageEvent<{ counted?: Counted }>) => {
        if (!data?.counted) return
        worker!.removeEventListener('message', told)
        resolve(data.counted)
      }
      worker!.addEventListener('message', told)
      worker!.postMessage({ count: true })
    })
  return { client: connect({ device, spawn, verbose: device === 'webgpu' }), count, log }
}

const began = (client: Client, device: Device, options = {}) =>
  client.train(programOf(device, options), files, { optimizer })

describe.each([
  { device: 'wasm', lookup: false },
  { device: 'wasm', lookup: true },
  { device: 'webgpu', lookup: false },
] as const)('$device, looked up: $lookup', ({ device, lookup }) => {
  test('losses, norms and weights agree with torch; a resume in another worker goes on as they do', async () => {
    await using client = connect({ device })
    await using other = connect({ device })
    using training = await began(client, device, { lookup })
    const first = await train(training, 0, 10)
    const state = await training.state()
    expect(state.steps).toBe(10)
    const second = await train(training, 10)
    expect(distance([...first.losses, ...second.losses], recorded.losses)).toBeLessThan(1e-5)
    expect(distance([...first.norms, ...second.norms], recorded.norms)).toBeLessThan(1e-5)
    const weights = await numbersOf(await training.weights())
    for (const name of names) expect(distance(weights[name]!, recorded.weights[name])).toBeLessThan(1e-5)

    using resumed = await began(other, device, { lookup })
    await train(resumed, 0, 1) // all of which the state replaces
    await resumed.restore(state)
    expect(await written(await resumed.state())).toEqual(await written(state))
    const third = await train(resumed, 10)
    // A GPU adds what comes to one row of a table in any order, and no two runs are the same to the last bit.
    if (device === 'webgpu') expect(distance(third.losses, second.losses)).toBeLessThan(1e-6)
    else {
      expect(third).toEqual(second)
      expect(await written(await resumed.state())).toEqual(await written(await training.state()))
    }

    const { ids, logits } = recorded.probe
    const probe = { ids: int32(ids), labels: int32([0, 0]) }
    const evaluated = await resumed.evaluate(probe, { outputs: ['logits'] })
    expect(Object.keys(evaluated)).toEqual(['logits'])
    expect(distance(evaluated.logits!.data as Float32Array, logits.flat())).toBeLessThan(1e-5)
  })
})

test('a state from one device goes on on the other', async () => {
  await using client = connect({ device: 'wasm' })
  await using other = connect({ device: 'webgpu' })
  using training = await began(client, 'wasm')
  await train(training, 0, 15)
  using resumed = await began(other, 'webgpu')
  await resumed.restore(await training.state())
  await train(resumed, 15)
  const weights = await numbersOf(await resumed.weights())
  for (const name of names) expect(distance(weights[name]!, recorded.weights[name])).toBeLessThan(1e-5)
})

test('on WebGPU nothing runs on the CPU and nothing of a weight leaves the GPU; the optimizer is a tenth of the work', async () => {
  const { client, count, log } = counting('webgpu')
  await using _ = client
  await client.open()
  log.length = 0 // the self-check has a part on the CPU
  using training = await began(client, 'webgpu')
  await train(training, 0, 1)
  expect(fallenToCpu(log)).toEqual([])
  const before = await count()
  await training.step(some)
  const stepped = await count()
  await training.update({ learningRates: [1e-3, 1e-3], maxGradNorm: 1 })
  const updated = await count()
  expect(stepped.read - before.read).toBeLessThanOrEqual(16) // the loss
  expect(updated.read - stepped.read).toBe(1024) // parts of the norm
  const [step, update] = [stepped.dispatches - before.dispatches, updated.dispatches - stepped.dispatches]
  expect(update).toBeGreaterThan(0)
  expect(update * 10).toBeLessThanOrEqual(step)
})

test('on WASM memory does not grow over 200 steps', async () => {
  const { client, count } = counting('wasm')
  await using _ = client
  using training = await began(client, 'wasm')
  const steps = async (number: number) => {
    for (let i = 0; i < number; i++) {
      await training.step(some)
      await training.update({ learningRates: [1e-3, 1e-3] })
    }
  }
  await steps(5)
  const { wasm } = await count()
  await steps(200)
  expect((await count()).wasm).toBe(wasm)
})

describe('gradients', () => {
  test.each<Device>(['wasm', 'webgpu'])('are seen, added up and forgotten on %s', async (device) => {
    await using client = connect({ device })
    using training = await began(client, device)
    await training.step(some)
    const once = await training.gradients()
    const { loss: before } = await training.step(some, { scale: 2 })
    const { 'head.weight': thrice } = await training.gradients(['head.weight'])
    expect(
      distance(
        thrice!.data,
        [...once['head.weight']!.data].map((x) => 3 * x),
      ),
    ).toBeLessThan(1e-6)
    await training.zeroGrad()
    await training.step(some)
    const again = await training.gradients()
    expect(Object.keys(again)).toEqual(Object.keys(once))
    for (const [name, { data }] of Object.entries(again))
      expect(distance(data, [...once[name]!.data]), name).toBeLessThan(1e-6) // a GPU adds up in an order of its own
    // The slope is what the loss changes by.
    await training.update({ learningRates: [1e-4, 1e-4] })
    const { loss: after } = await training.step(some)
    expect(after).toBeLessThan(before)
  })

  test('are scaled up, and infinite ones change nothing but the scale', async () => {
    await using client = connect({ device: 'wasm' })
    const lossScaling = { initial: 2 ** 120, growthFactor: 2, backoffFactor: 0.5, growthInterval: 2 }
    using plain = await began(client, 'wasm')
    using scaled = await client.train(programOf('wasm'), files, { optimizer, lossScaling })
    const rates = { learningRates: [0.01, 0.01], maxGradNorm: 0.5 }
    await scaled.step(some, { scale: 2 ** 20 })
    expect(await scaled.update(rates)).toMatchObject({ skipped: true })
    const skipped = await scaled.state()
    expect(skipped).toMatchObject({ steps: 0, lossScale: { scale: 2 ** 119, unchanged: 0 } })
    expect((await numbersOf(skipped.weights))['head.bias']).toEqual([
      ...Float32Array.from(recorded.initial['head.bias']),
    ])
    for (let i = 0; i < 2; i++) {
      const losses = await Promise.all([plain, scaled].map((training) => training.step(some)))
      expect(losses[0]).toEqual(losses[1])
      const [one, two] = await Promise.all([plain.update(rates), scaled.update(rates)])
      expect(two).toEqual(one) // a power of two changes no digit
    }
    expect((await scaled.state()).lossScale).toEqual({ scale: 2 ** 120, unchanged: 0 })
    expect(await numbersOf(await scaled.weights())).toEqual(await numbersOf(await plain.weights()))
  })
})

describe('what is wrong', () => {
  test('is said before anything is trained', async () => {
    await using client = connect({ device: 'wasm' })
    const groups = [{ parameters: recorded.decayed, weightDecay: 0.1 }]
    const lacking = client.train(programOf('wasm'), files, { optimizer: { ...optimizer, groups } })
    await expect(lacking).rejects.toThrow('No parameter group holds query.bias, value.bias, norm.weight')
    const unknown = { ...optimizer, groups: [{ parameters: ['tail'], weightDecay: 0 }] }
    await expect(client.train(programOf('wasm'), files, { optimizer: unknown })).rejects.toBeInstanceOf(
      InputError,
    )
    using training = await began(client, 'wasm', { lookup: true })
    await expect(training.update({ learningRates: [1, 1] })).rejects.toBeInstanceOf(ExecutionError)
    await training.step(some)
    await expect(training.update({ learningRates: [1] })).rejects.toThrow(
      'each of the 2 parameter groups, got 1',
    )
    const beyond = { ...some, ids: int32([[1, words]]) }
    await expect(training.step(beyond)).rejects.toBeInstanceOf(IndexOutOfRangeError)
    await expect(training.step(some, { outputs: ['attentions'] })).rejects.toThrow(
      'Unknown output attentions',
    )
    const state = await training.state()
    const other = { ...state, moments: state.moments.slice(1) }
    await expect(training.restore(other)).rejects.toThrow('The state holds nothing for exp_avg:words.weight')
  })

  test('a loss that is no number is told, not thrown', async () => {
    await using client = connect({ device: 'wasm' })
    using training = await began(client, 'wasm')
    const ignored = { ...some, labels: int32([-100, -100, -100, -100]) }
    expect((await training.step(ignored)).loss).toBeNaN()
    await training.zeroGrad()
    expect((await training.step(some)).loss).toBeGreaterThan(0)
  })

  test('an abort ends what has not begun, and the training goes on', async () => {
    await using client = connect({ device: 'wasm' })
    using training = await began(client, 'wasm')
    const controller = new AbortController()
    const running = training.step(some)
    const aborted = training.step(some, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    await running
    const once = await training.gradients(['head.bias'])
    await training.zeroGrad()
    await training.step(some)
    expect(await training.gradients(['head.bias'])).toEqual(once)
  })

  test.each([
    { device: 'wasm', fault: 'throw', kind: WorkerDiedError },
    { device: 'webgpu', fault: 'lose device', kind: DeviceLostError },
  ] as const)(
    'a worker or a GPU that goes takes with it what was not kept, and says so: $fault',
    async ({ device, fault, kind }) => {
      let worker: Worker | undefined
      const spawn = () => {
        worker = new Worker(new URL('../faulty.worker.ts', import.meta.url), { type: 'module' })
        return worker
      }
      await using client = connect({ device, spawn })
      using training = await began(client, device)
      await train(training, 0, 1)
      const state = await training.state()
      worker!.postMessage({ fault })
      const lost = training.step(some)
      await expect(lost).rejects.toBeInstanceOf(kind)
      await expect(lost).rejects.toThrow('since the last state() is lost')
      await expect(training.step(some)).rejects.toThrow('since the last state() is lost')
      using again = await began(client, device)
      await again.restore(state)
      const { losses } = await train(again, 1, 2)
      expect(distance(losses, recorded.losses.slice(2, 4))).toBeLessThan(1e-5)
    },
  )

  test('memory that runs out leaves the weights; a smaller batch may follow', async () => {
    await using client = connect({ device: 'wasm' })
    using training = await began(client, 'wasm')
    // Scores [1, 2, 23165, 23165] are all that 32 bits can address, less two megabytes.
    const long = { ids: int32([Array(23_165).fill(1)]), labels: int32([0]) }
    await expect(training.step(long)).rejects.toThrow('gradientCheckpointing')
    await training.zeroGrad()
    const { losses } = await train(training, 0, 2)
    expect(distance(losses, recorded.losses.slice(0, 4))).toBeLessThan(1e-5)
  })
})
