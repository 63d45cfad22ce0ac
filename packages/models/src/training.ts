/** @file From a head to the Programs that train it: the loss, and its gradients by the parameters that are to change. */
import {
  concat,
  gradients,
  input,
  type Program,
  parameters,
  type Target,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Head } from './architecture'
import { type Called, callModel, type Hooks, type LossHook } from './call'
import type { PretrainedConfig } from './configuration'
import { UnknownPathError } from './errors'
import { checkpointNames } from './names'
import { programOf, selected } from './trace'

/** How a head is trained. */
export interface TrainingHooks extends Hooks {
  readonly loss: LossHook
  /** The own names of the parameters that change; by default all of them. */
  readonly parameters?: readonly string[]
  /** Whether layers are computed again in the backward pass instead of kept. */
  readonly checkpointing?: boolean
}

/** A parameter that changes. */
export interface TrainableParameter {
  readonly name: string
  /** Every name that a checkpoint may have for it, best first. */
  readonly sources: readonly string[]
  readonly shape: readonly number[]
}

/** How a step gets at the parameters that change: each as an input of its name, or all end to end as `parameters`. */
export type ParameterLayout = 'named' | 'flat'

/** The Programs of a model in training. Parameters that change are inputs of both. */
export interface TracedTraining {
  /** Gives `loss` and `gradient:<name>`, or `gradients`, which are `accumulated` and those of this batch; both times `scale`. */
  readonly step: Program
  /** Gives the outputs asked for, and `loss`, dropouts off. */
  readonly evaluate: Program
  readonly trainable: readonly TrainableParameter[]
  readonly layout: ParameterLayout
}

/** The name of the output that holds a parameter's gradient. */
export const gradientOutput = (name: string) => `gradient:${name}`

/**
 * The Program that gives `loss` and its gradient by each of some parameters, `gradient:<name>`. Like `loss.backward()` in torch.
 * @throws {UnknownPathError} when no parameter has such a name.
 */
export function traceGradients(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
  hooks: TrainingHooks,
  target: Target,
): Program {
  const called = callModel(architecture, head, config, hooks)
  const chosen = choose(called, hooks.parameters)
  const loss = lossOf(called)
  const found = gradients(loss, [...chosen.keys()])
  const outputs = [...chosen.values()].map((name, i) => [gradientOutput(name), found[i]!] as const)
  return programOf(called, { loss, ...Object.fromEntries(outputs) }, architecture, head, target)
}

/**
 * The Programs that train a head.
 * @param outputs what evaluation gives besides the loss
 * @throws {UnknownPathError} when no parameter has such a name.
 */
export function traceTraining(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
  outputs: readonly string[],
  hooks: TrainingHooks,
  target: Target,
  layout: ParameterLayout,
): TracedTraining {
  const called = callModel(architecture, head, config, hooks)
  const chosen = choose(called, hooks.parameters)
  const loss = lossOf(called)
  const scale = input([])
  const found = gradients(loss.mul(scale), [...chosen.keys()])
  const held = hold(chosen, layout)
  const given =
    layout === 'named'
      ? Object.fromEntries([...chosen.values()].map((name, i) => [gradientOutput(name), found[i]!]))
      : { gradients: held.accumulated!.add(endToEnd(found)) }
  const step = programOf(
    withInputs(called, held, { scale, ...(held.accumulated && { accumulated: held.accumulated }) }),
    { loss, ...given },
    architecture,
    head,
    target,
  )

  const still = callModel(architecture, head, config, { ...hooks, dropout: false })
  const evaluate = programOf(
    withInputs(still, hold(choose(still, hooks.parameters), layout), {}),
    selected(still.outputs, ['loss', ...outputs]),
    architecture,
    head,
    target,
  )
  const trainable = [...chosen].map(([{ shape }, name]) => ({
    name,
    sources: checkpointNames([name], architecture, head),
    shape: shape as readonly number[],
  }))
  return { step, evaluate, trainable, layout }
}

const lossOf = ({ outputs }: Called) => selected(outputs, ['loss']).loss!

/** The parameters of these names, in the order of the module tree. */
function choose({ model }: Called, names: readonly string[] | undefined): Map<Tensor, string> {
  const own = new Map([...parameters(model)].map(([x, [name]]) => [x, name!] as const))
  const known = new Set(own.values())
  const unknown = names?.filter((name) => !known.has(name)) ?? []
  if (unknown.length > 0) {
    throw new UnknownPathError(
      `The model has no parameter ${unknown.map((name) => `"${name}"`).join(', ')}. It has ${[...known].slice(0, 8).join(', ')}, …; ` +
        'namedParameters() lists all of them.',
    )
  }
  return new Map([...own].filter(([, name]) => names?.includes(name) ?? true))
}

interface Held {
  readonly inputs: Readonly<Record<string, Tensor>>
  readonly replaced: ReadonlyMap<Tensor, Tensor>
  readonly accumulated?: Tensor
}

/** Inputs in the place of parameters. */
function hold(chosen: ReadonlyMap<Tensor, string>, layout: ParameterLayout): Held {
  if (layout === 'named') {
    const inputs = [...chosen].map(([x, name]) => [x, name, input(x.shape)] as const)
    return {
      inputs: Object.fromEntries(inputs.map(([, name, held]) => [name, held])),
      replaced: new Map(inputs.map(([x, , held]) => [x, held])),
    }
  }
  const sizes = [...chosen.keys()].map(({ shape }) =>
    shape.reduce<number>((size, dim) => size * Number(dim), 1),
  )
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const all = input([total])
  let start = 0
  const replaced = [...chosen.keys()].map((x, i): [Tensor, Tensor] => {
    const part = all.slice(0, start, start + sizes[i]!).reshape(...x.shape)
    start += sizes[i]!
    return [x, part]
  })
  return { inputs: { parameters: all }, replaced: new Map(replaced), accumulated: input([total]) }
}

const withInputs = (called: Called, held: Held, more: Readonly<Record<string, Tensor>>) => ({
  model: called.model,
  inputs: { ...called.inputs, ...held.inputs, ...more },
  replaced: new Map([...called.replaced, ...held.replaced]),
})

const endToEnd = (tensors: readonly Tensor[]): Tensor =>
  concat(
    tensors.map((x) => x.reshape(x.shape.reduce<number>((size, dim) => size * Number(dim), 1))),
    0,
  )
