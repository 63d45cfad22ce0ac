/** @file For test suites: small models as programs that can be trained. */
import {
  concat,
  type DType,
  gradients,
  input,
  type Program,
  parameters,
  program,
  type Shape,
  type Target,
  type Tensor,
  type Tree,
} from '@webformers/graph'
import type { Device } from '../adapter'
import { sizeOf } from '../tensor'
import type { Trainable, TrainingProgram } from './program'

interface Forward {
  readonly outputs: Record<string, Tensor> & { loss: Tensor }
  /** Tables that stay outside the graph on WASM, by their names: what is read of them, and by which input. */
  readonly looked?: Record<string, { rows: Tensor; ids: string; padding?: number }>
}

/** The programs of a model on a device. */
export function trainingProgram(
  tree: Tree,
  inputs: Readonly<Record<string, { shape: Shape; dtype?: DType }>>,
  forward: (inputs: Record<string, Tensor>) => Forward,
  device: Device,
): TrainingProgram {
  const given = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]) => [name, input(shape, dtype)]),
  )
  const names = parameters(tree)
  const leaves = [...names.keys()]
  const trainable = [...names].map(
    ([{ shape }, sources]): Trainable => ({ name: sources[0]!, sources, shape: shape as number[] }),
  )
  const target: Target = { device, fused: false, compute: 'float32', weights: 'float32' }
  const lossScale = input([])
  const { outputs, looked = {} } = forward(given)
  const slopesOf = (targets: readonly Tensor[]) => gradients(outputs.loss.mul(lossScale), targets)

  if (device === 'wasm') {
    const held = trainable.map((weight, i) => {
      const { rows = leaves[i]!, ...lookup } = looked[weight.name] ?? {}
      return { target: rows, weight: 'ids' in lookup ? { ...weight, lookup } : weight }
    })
    const slopes = slopesOf(held.map(({ target }) => target))
    const replaced = new Map(held.map(({ target }) => [target, input(target.shape)]))
    const own = Object.fromEntries(held.map(({ target, weight }) => [weight.name, replaced.get(target)!]))
    const named = Object.fromEntries(trainable.map(({ name }, i) => [`gradient:${name}`, slopes[i]!]))
    const of = (made: Record<string, Tensor>, more: Record<string, Tensor> = {}): Program =>
      program(made, { ...given, ...own, ...more }, names, target, replaced)
    const step = of({ ...outputs, ...named }, { loss_scale: lossScale })
    return { step, evaluate: of(outputs), trainable: held.map(({ weight }) => weight), layout: 'named' }
  }

  const length = trainable.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  const [flat, accumulated] = [input([length]), input([length])]
  const replaced = new Map<Tensor, Tensor>()
  let begin = 0
  for (const leaf of leaves) {
    const end = begin + sizeOf(leaf.shape as number[])
    replaced.set(leaf, flat.slice(0, begin, end).reshape(...leaf.shape))
    begin = end
  }
  const whole = concat(
    slopesOf(leaves).map((slope) => slope.reshape(sizeOf(slope.shape as number[]))),
    0,
  )
  const of = (made: Record<string, Tensor>, more: Record<string, Tensor> = {}): Program =>
    program(made, { ...given, parameters: flat, ...more }, names, target, replaced)
  const step = of({ ...outputs, gradients: accumulated.add(whole) }, { accumulated, loss_scale: lossScale })
  return { step, evaluate: of(outputs), trainable, layout: 'flat' }
}
