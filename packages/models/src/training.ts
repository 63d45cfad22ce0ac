/** @file From a head to the Programs that train it: the loss, and its gradients by the parameters that are to change. */
import {
  concat,
  flatten,
  gradientSteps,
  input,
  type Outputs,
  type Program,
  type Steps,
  type Target,
  type Tensor,
  topologicalOrder,
} from '@webformers/graph'
import type { Architecture, Head, Inputs } from './architecture'
import { inputsOf } from './build'
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
  /** Names of parameters that are changed alike: they lie side by side, so that an optimizer changes them at once. */
  readonly groups?: readonly (readonly string[])[]
}

/** A parameter that changes. */
export interface TrainableParameter {
  readonly name: string
  /** Every name that a checkpoint may have for it, best first. */
  readonly sources: readonly string[]
  readonly shape: readonly number[]
  /** Of a table that is only read by ids: its input and its gradient are the rows that these name. */
  readonly lookup?: { readonly ids: string; readonly padding?: number }
}

/** How a step gets at the parameters that change: each as an input of its name, or all end to end as `parameters`. */
export type ParameterLayout = 'named' | 'flat'

/** The Programs of a model in training. Parameters that change are inputs of both. */
export interface TracedTraining {
  /** Gives `loss` and `gradient:<name>`, or `gradients`, which are `accumulated` and those of this batch; gradients are
   * `loss_scale` times what they are. */
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
export function* traceGradients(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
  hooks: TrainingHooks,
  target: Target,
): Steps<Program> {
  const called = callModel(architecture, head, config, hooks)
  yield
  const chosen = choose(called, hooks.parameters)
  const loss = lossOf(called)
  const found = yield* gradientSteps(loss, [...chosen.keys()], recomputed(called, hooks))
  const outputs = [...chosen.values()].map((name, i) => [gradientOutput(name), found[i]!] as const)
  return yield* programOf(called, { loss, ...Object.fromEntries(outputs) }, architecture, head, target)
}

/**
 * The Programs that train a head.
 * @param outputs what evaluation gives besides the loss
 * @throws {UnknownPathError} when no parameter has such a name.
 */
export function* traceTraining(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
  outputs: readonly string[],
  hooks: TrainingHooks,
  target: Target,
  layout: ParameterLayout,
): Steps<TracedTraining> {
  const called = callModel(architecture, head, config, hooks)
  yield
  const loss = lossOf(called)
  const held = hold(called, grouped(choose(called, hooks.parameters), hooks), layout)
  const loss_scale = input([])
  yield
  const found = yield* gradientSteps(loss.mul(loss_scale), held.targets, recomputed(called, hooks))
  const given = held.accumulated
    ? { gradients: held.accumulated.add(endToEnd(found)) }
    : Object.fromEntries(held.trainable.map(({ name }, i) => [gradientOutput(name), found[i]!]))
  const more = { loss_scale, ...(held.accumulated && { accumulated: held.accumulated }) }
  const step = yield* programOf(
    withInputs(called, held, more),
    { loss, ...given },
    architecture,
    head,
    target,
  )

  const still = callModel(architecture, head, config, { ...hooks, dropout: false })
  yield
  const evaluate = yield* programOf(
    withInputs(still, hold(still, grouped(choose(still, hooks.parameters), hooks), layout), {}),
    selected(still.outputs, ['loss', ...outputs]),
    architecture,
    head,
    target,
  )
  const trainable = held.trainable.map((parameter) => ({
    ...parameter,
    sources: checkpointNames([parameter.name], architecture, head),
  }))
  return { step, evaluate, trainable, layout }
}

/** What there is to train, and what a loss takes. */
export interface TrainingDescription {
  readonly inputs: Inputs
  /** The inputs that are labels, and how many classes each may name. */
  readonly labels: Readonly<Record<string, number | undefined>>
  readonly parameters: readonly {
    readonly name: string
    readonly shape: readonly number[]
    /** Whether it belongs to a layer normalization. */
    readonly layerNorm: boolean
  }[]
}

/** @throws {GraphError} when the head has no loss. */
export function describeTraining(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
  hooks: Pick<TrainingHooks, 'loss' | 'adapt'>,
): TrainingDescription {
  const { parameters, inputs, outputs } = callModel(architecture, head, config, hooks)
  const own = Object.keys(inputsOf(architecture, head, config))
  const names = new Set([...parameters.values()].map(([name]) => name!))
  const order = topologicalOrder([lossOf({ outputs })])
  const norms = new Set(
    order.flatMap(({ op, inputs: given }) => (op === 'layerNorm' ? given.slice(1, 3) : [])),
  )
  const classes = new Map(
    order.flatMap(({ op, inputs: [logits] }) =>
      op === 'crossEntropy' || op === 'ctcLoss' ? [['labels', logits!.shape.at(-1)]] : [],
    ),
  )
  const labels = Object.keys(inputs).filter((name) => !own.includes(name) && !names.has(name))
  return {
    inputs: Object.fromEntries(Object.entries(inputs).filter(([name]) => !names.has(name))),
    labels: Object.fromEntries(
      labels.map((name) => [
        name,
        typeof classes.get(name) === 'number' ? Number(classes.get(name)) : undefined,
      ]),
    ),
    parameters: [...parameters].map(([x, [name]]) => ({
      name: name!,
      shape: x.shape as readonly number[],
      layerNorm: norms.has(x),
    })),
  }
}

const lossOf = ({ outputs }: Pick<Called, 'outputs'>) => selected(outputs, ['loss']).loss!

/** Layers are what checkpoints lie between. */
const recomputed = ({ layers }: Called, { checkpointing = false }: TrainingHooks) => ({
  recompute: checkpointing ? layers : [],
})

/** The parameters of these names, in the order of the module tree. */
function choose({ parameters }: Called, names: readonly string[] | undefined): Map<Tensor, string> {
  const own = new Map([...parameters].map(([x, [name]]) => [x, name!] as const))
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

/** Those of a group together, in their order. */
function grouped(chosen: ReadonlyMap<Tensor, string>, { groups = [] }: TrainingHooks): Map<Tensor, string> {
  const places = new Map(groups.flatMap((names, place) => names.map((name) => [name, place] as const)))
  const placeOf = (name: string) => places.get(name) ?? 0
  return new Map([...chosen].sort(([, a], [, b]) => placeOf(a) - placeOf(b)))
}

interface Held {
  readonly inputs: Readonly<Record<string, Tensor>>
  readonly replaced: ReadonlyMap<Tensor, Tensor>
  /** What gradients are taken by. */
  readonly targets: readonly Tensor[]
  readonly trainable: readonly Omit<TrainableParameter, 'sources'>[]
  readonly accumulated?: Tensor
}

/** Inputs in the place of parameters. */
function hold(called: Called, chosen: ReadonlyMap<Tensor, string>, layout: ParameterLayout): Held {
  return layout === 'named' ? holdNamed(called, chosen) : holdFlat(chosen)
}

function holdNamed({ inputs, outputs }: Called, chosen: ReadonlyMap<Tensor, string>): Held {
  const lookups = lookupsOf(outputs, inputs)
  const held = [...chosen].map(([x, name]) => {
    const { target = x, ...found } = lookups.get(x) ?? {}
    return { target, value: input(target.shape), trainable: { name, shape: x.shape as number[], ...found } }
  })
  return {
    inputs: Object.fromEntries(held.map(({ trainable, value }) => [trainable.name, value])),
    replaced: new Map(held.map(({ target, value }) => [target, value])),
    targets: held.map(({ target }) => target),
    trainable: held.map(({ trainable }) => trainable),
  }
}

interface Lookup extends Pick<TrainableParameter, 'lookup'> {
  /** The rows that are read. */
  readonly target?: Tensor
}

/** A table of so many rows is larger than the rows that a batch reads of it. */
const MANY_ROWS = 2048

/** Tables of which nothing but rows is read, by ids that come in as they are. */
function lookupsOf(outputs: Outputs, inputs: Called['inputs']): Map<Tensor, Lookup> {
  const order = topologicalOrder(Object.values(flatten(outputs)))
  const names = new Map(Object.entries(inputs).map(([name, x]) => [x, name]))
  const found = new Map<Tensor, Lookup>()
  for (const node of order.filter(({ op }) => op === 'embedding')) {
    const [table, ids] = node.inputs
    const name = names.get(ids!)
    const users = order.filter((user) => user.inputs.includes(table))
    if (name === undefined || users.length > 1 || Number(table!.shape[0]) < MANY_ROWS) continue
    const { padding } = node.attributes
    const lookup = { ids: name, ...(padding !== undefined && { padding: Number(padding) }) }
    found.set(table!, { target: node.outputs[0]!, lookup })
  }
  return found
}

function holdFlat(chosen: ReadonlyMap<Tensor, string>): Held {
  const targets = [...chosen.keys()]
  const sizes = targets.map(countOf)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const all = input([total])
  let start = 0
  const replaced = targets.map((x, i): [Tensor, Tensor] => {
    const part = all.slice(0, start, start + sizes[i]!).reshape(...x.shape)
    start += sizes[i]!
    return [x, part]
  })
  return {
    inputs: { parameters: all },
    replaced: new Map(replaced),
    targets,
    trainable: [...chosen].map(([{ shape }, name]) => ({ name, shape: shape as number[] })),
    accumulated: input([total]),
  }
}

const countOf = ({ shape }: Tensor) => shape.reduce<number>((size, dim) => size * Number(dim), 1)

const withInputs = (called: Called, held: Held, more: Readonly<Record<string, Tensor>>) => ({
  model: called.model,
  inputs: { ...called.inputs, ...held.inputs, ...more },
  replaced: new Map([...called.replaced, ...held.replaced]),
})

const endToEnd = (tensors: readonly Tensor[]): Tensor =>
  concat(
    tensors.map((x) => x.reshape(countOf(x))),
    0,
  )
