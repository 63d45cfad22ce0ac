/** @file How a model's loss changes with its parameters: one forward and one backward pass. */
import type { Tensor as GraphTensor, Outputs } from '@webformers/graph'
import { gradientOutput, traceGradients } from '@webformers/models'
import { completeInputs, type ModelInputs } from './inputs'
import type { ForwardOptions } from './outputs'
import type { Programs } from './programs'
import { requestOf } from './requests'
import type { Tensor } from './tensor'

export interface GradientOptions
  extends Omit<ForwardOptions, 'capture' | 'outputHiddenStates' | 'outputAttentions'> {
  /** A scalar made of what the model gives, in terms of the graph; by default the head's own loss of the labels. */
  loss?: (outputs: Outputs) => GraphTensor
  /** The parameters by whose values the loss is differentiated. Default: all of them. */
  parameters?: readonly string[]
}

/** What `loss.backward()` leaves behind. */
export interface Gradients {
  readonly loss: Tensor<'float32'>
  /** By the names of the parameters, each in the shape of its parameter. */
  readonly gradients: Record<string, Tensor<'float32'>>
}

/** @throws {UnknownPathError} when no parameter has such a name */
export async function gradientsOf(
  model: Programs,
  inputs: ModelInputs,
  { loss: of, parameters, ...options }: GradientOptions = {},
): Promise<Gradients> {
  const { configured, head, target, client, files, policy } = model
  const request = requestOf(inputs, options)
  const hooks = { ...request.hooks, loss: { ...request.hooks.loss, of }, parameters }
  const program = traceGradients(configured.architecture, head, configured.config, hooks, target)
  using loaded = await client.load(program, files, { policy, signal: options.signal })
  const fed = completeInputs(request.inputs, program, configured.config)
  const { loss, ...found } = await loaded.run(fed, { signal: options.signal })
  const names = Object.entries(found).map(([name, value]) => [name.slice(gradientOutput('').length), value])
  return { loss, gradients: Object.fromEntries(names) } as Gradients
}
