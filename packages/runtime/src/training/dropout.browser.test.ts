import { drawnFactors, parameter } from '@webformers/graph'
import { expect, test, vi } from 'vitest'
import type { Device } from '../adapter'
import { connect } from '../client'
import { hash, randomOf } from '../random'
import { fallenToCpu, safetensors } from '../testing'
import type { Optimizer } from './program'
import { trainingProgram } from './testing'

vi.setConfig({ testTimeout: 180_000 }) // a software GPU on a busy machine

const [rows, columns] = [3, 7] // bytes that fill no word of a GPU
const x = Float32Array.from({ length: rows * columns }, (_, i) => i + 1)
const weight = { dtype: 'float32', shape: [columns], data: new Float32Array(columns).fill(1) } as const
const files = { 'model.safetensors': safetensors({ weight }) }
const optimizer: Optimizer = {
  kind: 'sgd',
  groups: [{ parameters: ['weight'], weightDecay: 0 }],
  momentum: 0,
  nesterov: false,
}

/** The sum of inputs times weights, of which two dropouts leave something. */
function programOf(device: Device) {
  const tree = { weight: parameter(columns) }
  return trainingProgram(
    tree,
    { x: { shape: ['rows', columns] } },
    ({ x }) => {
      const first = x!.mul(tree.weight).mul(drawnFactors(['rows', columns], 0.25, 0))
      const left = first.mul(drawnFactors(['rows', columns], 0.5, 1))
      return { outputs: { loss: left.sum([0, 1]), left } }
    },
    device,
  )
}

/** What is left of each input, drawn one number at a time. */
function expected(seed: number): number[] {
  const sites = [0.25, 0.5].map((probability, site) => {
    const random = randomOf(hash(`${seed} ${site}`))
    return () => (random() < probability ? 0 : 1 / (1 - probability))
  })
  return Array.from(x, (value) =>
    sites.reduce((left, factor) => Math.fround(left * Math.fround(factor())), value),
  )
}

test.each<Device>(['wasm', 'webgpu'])(
  'a seed drops the same everywhere, forward and backward: %s',
  async (device) => {
    const log: string[] = []
    const spawn = () => {
      const worker = new Worker(new URL('../testing.worker.ts', import.meta.url), { type: 'module' })
      worker.addEventListener('message', ({ data }) => data?.log && log.push(data.log))
      return worker
    }
    await using client = connect({ device, spawn, verbose: device === 'webgpu' })
    await client.open()
    log.length = 0 // the self-check has a part on the CPU
    using training = await client.train(programOf(device), files, { optimizer })
    const inputs = { x: { dtype: 'float32', shape: [rows, columns], data: x } } as const
    for (const seed of [1, 2]) {
      const { outputs } = await training.step(inputs, { seed, outputs: ['left'] })
      const { weight } = await training.gradients()
      const left = expected(seed)
      expect([...outputs.left!.data]).toEqual(left)
      const sums = Array.from({ length: columns }, (_, c) =>
        left.filter((_, i) => i % columns === c).reduce((sum, value) => sum + value, 0),
      )
      for (const [c, sum] of sums.entries()) expect(weight!.data[c]).toBeCloseTo(sum, 3)
      await training.zeroGrad()
    }
    if (device === 'webgpu') {
      expect(log.length).toBeGreaterThan(0)
      expect(fallenToCpu(log)).toEqual([])
    }
  },
)
