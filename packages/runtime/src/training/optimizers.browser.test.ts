import { parameter, type Tensor } from '@webformers/graph'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Device } from '../adapter'
import { type Client, connect } from '../client'
import recorded from '../fixture/optimizers.json'
import type { PlainTensors } from '../tensor'
import { safetensors } from '../testing'
import type { LoadedTraining } from './loaded-training'
import type { Optimizer, ParameterGroup } from './program'
import { trainingProgram } from './testing'

vi.setConfig({ testTimeout: 180_000 }) // a software GPU on a busy machine

type Name = keyof typeof recorded.shapes
type Values = Record<Name, number[]>
const names = Object.keys(recorded.shapes) as Name[]

/** A model whose gradients are its inputs: the sum of weights times these. */
function program(device: Device) {
  const tree = Object.fromEntries(names.map((name) => [name, parameter(...recorded.shapes[name])]))
  const inputs = Object.fromEntries(names.map((name) => [`of ${name}`, { shape: recorded.shapes[name] }]))
  const sum = (x: Tensor) => x.sum(x.shape.map((_, axis) => axis))
  return trainingProgram(
    tree,
    inputs,
    (given) => {
      const products = names.map((name) => sum(tree[name]!.mul(given[`of ${name}`]!)))
      return { outputs: { loss: products.reduce((a, b) => a.add(b)) } }
    },
    device,
  )
}

const tensors = (values: Values, prefix = ''): PlainTensors =>
  Object.fromEntries(
    names.map((name) => [
      prefix + name,
      { dtype: 'float32', shape: recorded.shapes[name], data: Float32Array.from(values[name]) },
    ]),
  )
const files = { 'model.safetensors': safetensors(tensors(recorded.initial)) }

/** What was recorded, in our words. */
function optimizerOf({
  options,
  weight_decay,
}: (typeof recorded.cases)[keyof typeof recorded.cases]): Optimizer {
  const groups: ParameterGroup[] = [
    { parameters: recorded.decayed, weightDecay: weight_decay },
    { parameters: names.filter((name) => !recorded.decayed.includes(name)), weightDecay: 0 },
  ]
  if ('betas' in options)
    return { kind: 'adamw', groups, betas: options.betas as [number, number], eps: options.eps }
  if ('clip_threshold' in options)
    return {
      kind: 'adafactor',
      groups,
      eps: options.eps as [number, number],
      clipThreshold: options.clip_threshold,
      decayRate: options.decay_rate,
      ...(options.beta1 !== null && { beta1: options.beta1 }),
      scaleParameter: options.scale_parameter,
      relativeStep: options.relative_step,
      warmupInit: options.warmup_init,
    }
  const { momentum = 0, nesterov = false } = options as { momentum?: number; nesterov?: boolean }
  return { kind: 'sgd', groups, momentum, nesterov }
}

async function weightsOf(training: LoadedTraining): Promise<Values> {
  const read = await training.weights()
  const values = await Promise.all(
    read.map(async ({ name, bytes }) => [name, [...new Float32Array(await new Blob([bytes]).arrayBuffer())]]),
  )
  return Object.fromEntries(values)
}

/** The greatest difference, relative to what was recorded where that is larger than one. */
const distance = (actual: readonly number[], expected: readonly number[]) =>
  Math.max(...expected.map((value, i) => Math.abs(actual[i]! - value) / Math.max(1, Math.abs(value))))

describe.each<Device>(['wasm', 'webgpu'])('%s', (device) => {
  let client: Client
  beforeAll(async () => {
    client = connect({ device })
    // A worker that holds nothing ends, and every case would begin by compiling all shaders anew.
    await client.train(program(device), files, { optimizer: optimizerOf(recorded.cases.adamw) })
  }, 60_000)
  afterAll(() => client.dispose())

  test.each(Object.entries(recorded.cases))('%s agrees with Python over 20 steps', async (_, truth) => {
    const optimizer = optimizerOf(truth)
    using training = await client.train(program(device), files, { optimizer })
    for (const [step, pair] of recorded.batches.entries()) {
      for (const batch of pair) await training.step(tensors(batch as Values, 'of '), { scale: 0.5 })
      const { gradNorm, skipped } = await training.update({
        learningRates: recorded.rates[step]!,
        ...(truth.max_norm !== null && { maxGradNorm: truth.max_norm }),
      })
      expect(skipped).toBe(false)
      if (truth.max_norm !== null) expect(distance([gradNorm!], [truth.norms[step]!])).toBeLessThan(1e-6)
    }
    const weights = await weightsOf(training)
    for (const name of names) expect(distance(weights[name], truth.weights[name])).toBeLessThan(1e-6)
  })
})
