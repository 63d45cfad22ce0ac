/** @file From an architecture, a head and a configuration to the Program a worker runs. */
import { type Outputs, type Program, type Target, trace } from '@webformers/graph'
import { type Architecture, type Head, type Inputs, type Model, textInputs } from './architecture'
import type { PretrainedConfig } from './configuration'
import { UnknownArchitectureError } from './errors'
import { checkpointNames } from './names'

/** Outputs that are given only to who asks for them. */
const ON_REQUEST = ['hidden_states', 'attentions']

/**
 * What a head answers by default: all its outputs but `hidden_states` and `attentions`.
 * @example outputNames(bert, 'ForQuestionAnswering', config) // ['start_logits', 'end_logits']
 * @throws {UnknownArchitectureError} when the architecture has no such head.
 */
export function outputNames(architecture: Architecture, head: Head, config: PretrainedConfig): string[] {
  const outputs = buildModel(architecture, head, config)(inputsOf(architecture, head, config))
  return Object.keys(outputs).filter((name) => outputs[name] && !ON_REQUEST.includes(name))
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
  const parameters = program.parameters.map((parameter) => ({
    ...parameter,
    sources: checkpointNames(parameter.sources, architecture, head),
  }))
  return { ...program, parameters }
}

/** A head computes from the inputs that its own architecture makes; no type can tell here which these are. */
type AnyModel = Model & ((inputs: Inputs) => Outputs)

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
