/** @file A head called on symbolic inputs, with all that may be asked for besides its outputs. */
import {
  drawnFactors,
  input,
  type ModuleCall,
  type Outputs,
  observe,
  parameters,
  Tensor,
  within,
} from '@webformers/graph'
import { type Architecture, type Head, type Inputs, isTrained } from './architecture'
import { type AnyModel, buildModel, inputsOf } from './build'
import type { Json, PretrainedConfig } from './configuration'
import { type Continued, continuing, type Remembering, scoring, withEarly } from './continuation'
import { embeddingModules } from './embeddings'
import { withHeadMasks } from './head-masks'
import { type InnerValues, withInnerValues } from './inner-values'
import { headLoss, labelInputs } from './losses'

/** What a loss is made of, where it is not just the head's own. */
export interface LossHook {
  /** A scalar of what the model gives and of the labels; by default what Python's `forward` computes from them. */
  readonly of?: (outputs: Outputs, labels: Inputs) => Tensor
  /** The dtype of the labels, which tells what a classifier's loss is where its configuration does not. */
  readonly labels?: 'int32' | 'float32'
  readonly labelSmoothing?: number
  /** Whether the loss is a sum over `num_items_in_batch`, an input. */
  readonly itemCount?: boolean
}

/** What is asked of a model besides its outputs. */
export interface Hooks extends InnerValues {
  /** Whether masks over its heads come in: `head_mask`, and those of a decoder. */
  readonly headMask?: boolean
  /** Whether it also gives `loss`. */
  readonly loss?: LossHook
  /** Whether its dropouts drop. */
  readonly dropout?: boolean
  /** Calls it with what is added to it. */
  readonly adapt?: Adapt
  /** Whether it goes on from a cache of what it has read. */
  readonly continuation?: boolean
  /** How it goes on. */
  readonly remembering?: Remembering
  /** Of the inputs that the architecture calls optional, those that a call gives. */
  readonly given?: readonly string[]
  /** What Python's `forward` takes besides tensors, in the place of the configuration's values. */
  readonly options?: Json
  /** Hidden states that are scored as well, where it goes on: `early` has the scores of each, of the tokens that are scored. */
  readonly early?: readonly number[]
}

/** Calls a model with parameters that are not its own. */
export type Adapt = <R>(model: AnyModel, inputs: Inputs, call: () => R) => Adapted<R>

export interface Adapted<R> {
  readonly result: R
  /** The inputs that hold parameters, by the parameters' names. */
  readonly weights: ReadonlyMap<string, Tensor>
  /** Parameters of the model that some of them take the place of. */
  readonly replaced: ReadonlyMap<Tensor, Tensor>
}

/** A layer as the backward pass computes it again. */
export interface Layer {
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
}

export interface Called {
  readonly model: AnyModel
  readonly inputs: Inputs
  readonly outputs: Outputs
  /** What can be differentiated by: the parameters, with their paths, and those that were added. */
  readonly parameters: ReadonlyMap<Tensor, readonly string[]>
  /** Inner values by path, one for each time their module was called. */
  readonly captured: ReadonlyMap<string, readonly Tensor[]>
  /** Parameters and what takes their place. */
  readonly replaced: ReadonlyMap<Tensor, Tensor>
  readonly layers: readonly Layer[]
  /** What goes from one run to the next. */
  readonly continued?: Continued
}

/** The name of the input that takes the place of an inner value. */
export const patchInput = (path: string) => `patch:${path}`

/**
 * Build a head and call it.
 * @throws {UnknownArchitectureError} when the architecture has no such head.
 * @throws {UnknownPathError} when no module stands where a value is to be read or replaced.
 */
export function callModel(
  architecture: Architecture,
  head: Head,
  configured: PretrainedConfig,
  hooks: Hooks = {},
): Called {
  const config = hooks.options ? { ...configured, ...hooks.options } : configured
  const model = buildModel(architecture, head, config)
  const usual = inputsOf(architecture, head, config, hooks.given)
  const goingOn = hooks.continuation ? continuing(usual, hooks.remembering) : undefined
  const own = goingOn?.continued.own ?? usual
  const layers: Layer[] = []
  const plain = () => observe(model, keepLayers(layers), () => model(own))
  const call = () => {
    if (!goingOn) return plain()
    const { output } = embeddingModules(architecture, head, config)
    const { scored } = goingOn.continued.inputs
    return goingOn.within(() => {
      if (!output) return plain()
      const outputs = scoring(model, output.path, scored!, plain)
      return hooks.early ? withEarly(model, output.path, scored!, outputs, hooks.early) : outputs
    })
  }
  const masked = () =>
    hooks.headMask
      ? withHeadMasks(config, call, architecture.ownStack)
      : { outputs: call(), inputs: {}, replaced: new Map<Tensor, Tensor>() }
  const like = ({ shape, dtype }: Tensor) => input(shape, dtype)
  const looking = () => withInnerValues(model, hooks, architecture.base_model_prefix, like, masked)
  const adapted = () => (hooks.adapt ?? unadapted)(model, own, looking)
  const { weights, ...called } = hooks.dropout ? within({ dropout: dropouts() }, adapted) : adapted()
  const { result, captured, patched } = called.result
  const { outputs, inputs } = hooks.loss
    ? withLoss(head, config, result.outputs, own, hooks.loss)
    : { outputs: result.outputs, inputs: {} }
  const patches = [...patched].map(([path, x]) => [patchInput(path), x] as const)
  return {
    model,
    inputs: {
      ...own,
      ...goingOn?.continued.inputs,
      ...result.inputs,
      ...Object.fromEntries([...patches, ...weights]),
      ...inputs,
    },
    outputs,
    parameters: new Map<Tensor, readonly string[]>([
      ...[...parameters(model)].filter(([, [name]]) => isTrained(architecture, name!)),
      ...[...weights].map(([name, x]) => [x, [name]] as const),
    ]),
    captured,
    replaced: new Map([...result.replaced, ...called.replaced]),
    layers,
    ...(goingOn && { continued: goingOn.continued }),
  }
}

const unadapted: Adapt = (_model, _inputs, call) => ({
  result: call(),
  weights: new Map(),
  replaced: new Map(),
})

function withLoss(head: Head, config: PretrainedConfig, outputs: Outputs, read: Inputs, hook: LossHook) {
  const custom = hook.of && hook.of.length < 2 // it reads no labels
  if (custom) return { outputs: { ...outputs, loss: hook.of!(outputs, {}) }, inputs: {} }
  const labels = labelInputs(head, config, outputs, hook.labels)
  const count = hook.itemCount ? input([]) : undefined
  const loss =
    hook.of?.(outputs, labels) ??
    headLoss(head, config, outputs, labels, { labelSmoothing: hook.labelSmoothing, count, inputs: read })
  return { outputs: { ...outputs, loss }, inputs: { ...labels, ...(count && { num_items_in_batch: count }) } }
}

/** Each dropout of a model draws for itself. */
function dropouts() {
  let sites = 0
  return (shape: Tensor['shape'], probability: number) => drawnFactors(shape, probability, sites++)
}

/** Modules in a list are layers, the outermost of them. */
const keepLayers =
  (layers: Layer[]) =>
  ({ paths, inputs, result }: ModuleCall): unknown => {
    if (isLayer(paths[0]!)) layers.push({ inputs: tensorsIn(inputs), outputs: tensorsIn(result) })
    return result
  }

const isLayer = (path: string) => /^\D*[.]\d+$|^\d+$/.test(path)

const tensorsIn = (value: unknown): Tensor[] => {
  if (value instanceof Tensor) return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(tensorsIn) : []
}
