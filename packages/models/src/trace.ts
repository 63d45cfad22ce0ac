/** @file From an architecture, a head and a configuration to the Program a worker runs. */
import {
  flatten,
  type Outputs,
  type Program,
  parameters,
  type StandaloneGraph,
  standalone,
  type Target,
  Tensor,
  trace,
} from '@webformers/graph'
import { type Architecture, type Head, type Inputs, type Model, textInputs } from './architecture'
import type { PretrainedConfig } from './configuration'
import { UnknownArchitectureError } from './errors'
import { checkpointNames } from './names'

/**
 * What a head answers by default: all its outputs but the lists, which are given only to who asks for them.
 * @example outputNames(bert, 'ForQuestionAnswering', config) // ['start_logits', 'end_logits']
 * @throws {UnknownArchitectureError} when the architecture has no such head.
 */
export function outputNames(architecture: Architecture, head: Head, config: PretrainedConfig): string[] {
  const outputs = outputsOf(architecture, head, config)
  return Object.keys(outputs).filter((name) => outputs[name] instanceof Tensor)
}

/**
 * The lists of one kind that a head gives to who asks for them: one, or those of an encoder and a decoder.
 * @example
 * listNames(bert, 'Model', config, 'attentions') // ['attentions']
 * listNames(t5, 'Model', config, 'attentions') // ['decoder_attentions', 'cross_attentions', 'encoder_attentions']
 * @throws {UnknownArchitectureError} when the architecture has no such head.
 */
export function listNames(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
  kind: 'hidden_states' | 'attentions',
): string[] {
  const outputs = outputsOf(architecture, head, config)
  const found = Object.keys(outputs).filter((name) => Array.isArray(outputs[name]) && name.endsWith(kind))
  return found.length > 0 ? found : [kind] // who traces it is told what there is
}

/**
 * The Program that gives `outputs` of a head, its parameters under every name a checkpoint may have for them.
 * @throws {UnknownArchitectureError} when the architecture has no such head.
 * @throws {GraphError} when the head has no output of that name.
 */
export function traceModel(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
  outputs: readonly string[],
  target: Target,
): Program {
  const inputs = inputsOf(architecture, head, config)
  const program = trace(buildModel(architecture, head, config), inputs, outputs, target)
  const named = program.parameters.map((parameter) => ({
    ...parameter,
    sources: checkpointNames(parameter.sources, architecture, head),
  }))
  return { ...program, parameters: named }
}

/**
 * The graph that gives `outputs` of a head as a file of its own, for whoever runs ONNX.
 * @throws {UnknownArchitectureError} when the architecture has no such head.
 */
export function traceStandalone(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
  outputs: readonly string[],
  weights: 'float32' | 'float16',
): StandaloneGraph {
  const inputs = inputsOf(architecture, head, config)
  const model = buildModel(architecture, head, config)
  const given = model(inputs)
  const wanted = Object.fromEntries(outputs.map((name) => [name, given[name]]))
  return standalone(flatten(wanted), inputs, parameters(model), weights)
}

/** A parameter of a model, needed or not by what is computed. */
export interface ModelParameter {
  /** Its path, and those of the places it is tied to. */
  readonly paths: readonly string[]
  /** Every name that a checkpoint may have for it, best first. */
  readonly sources: readonly string[]
  readonly shape: readonly number[]
}

/**
 * All parameters of a head, in the order of the module tree. Like `model.state_dict()` in Python, tied ones once.
 * @example
 * modelParameters(bert, 'ForMaskedLM', config)[0]
 * // { paths: ['bert.embeddings.word_embeddings.weight', 'cls.predictions.decoder.weight'], sources: […], shape: [30522, 768] }
 * @throws {UnknownArchitectureError} when the architecture has no such head.
 */
export function modelParameters(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
): ModelParameter[] {
  const tree = parameters(buildModel(architecture, head, config))
  return [...tree].map(([{ shape }, paths]) => ({
    paths,
    sources: checkpointNames(paths, architecture, head),
    shape: shape as readonly number[],
  }))
}

/** A head computes from the inputs that its own architecture makes; no type can tell here which these are. */
type AnyModel = Model & ((inputs: Inputs) => Outputs)

const outputsOf = (architecture: Architecture, head: Head, config: PretrainedConfig): Outputs =>
  buildModel(architecture, head, config)(inputsOf(architecture, head, config))

const inputsOf = (architecture: Architecture, head: Head, config: PretrainedConfig): Inputs =>
  architecture.inputs?.(head, config) ?? textInputs(head)

function buildModel({ heads }: Architecture, head: Head, config: PretrainedConfig): AnyModel {
  const build = heads[head]
  if (!build) {
    throw new UnknownArchitectureError(
      `model_type "${config.model_type}" has no ${head}. It has: ${Object.keys(heads).join(', ')}.`,
    )
  }
  return build(config) as AnyModel
}
