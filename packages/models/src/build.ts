/** @file A head built from a configuration, and what it reads. */
import type { Outputs } from '@webformers/graph'
import { type Architecture, type Head, type Inputs, type Model, textInputs } from './architecture'
import type { PretrainedConfig } from './configuration'
import { UnknownArchitectureError } from './errors'

/** A head computes from the inputs that its own architecture makes; no type can tell here which these are. */
export type AnyModel = Model & ((inputs: Inputs) => Outputs)

export const inputsOf = (
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
  given?: readonly string[],
): Inputs => architecture.inputs?.(head, config, given) ?? textInputs(head)

/** @throws {UnknownArchitectureError} when the architecture has no such head. */
export function buildModel({ heads }: Architecture, head: Head, config: PretrainedConfig): AnyModel {
  const build = heads[head]
  if (!build) {
    throw new UnknownArchitectureError(
      `model_type "${config.model_type}" has no ${head}. It has: ${Object.keys(heads).join(', ')}.`,
    )
  }
  return build(config) as AnyModel
}
