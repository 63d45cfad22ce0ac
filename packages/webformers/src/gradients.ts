/** @file How a model's loss changes with its parameters: one forward and one backward pass. */
import type { Tensor as GraphTensor, Outputs } from '@webformers/graph'
import { finishCalmly } from '@webformers/hub'
import { gradientOutput, traceGradients } from '@webformers/models'
import { InputError } from '@webformers/runtime'
import { completeInputs, type ModelInputs } from './inputs'
import type { ForwardOptions } from './outputs'
import type { Programs } from './programs'
import { LABELS, requestOf, sizeOf, stillRead } from './requests'
import { findParameter } from './surgery/model-parameters'
import type { Tensor } from './tensor'

export interface GradientOptions
  extends Omit<ForwardOptions, 'capture' | 'outputHiddenStates' | 'outputAttentions'> {
  /** A scalar made of what the model gives, in terms of the graph; by default the head's own loss of the labels. */
  loss?: (outputs: Outputs) => GraphTensor
  /** The parameters by whose values the loss is differentiated. Default: those that training changes. */
  parameters?: readonly string[]
}

/** What `loss.backward()` leaves behind. */
export interface Gradients {
  readonly loss: Tensor<'float32'>
  /** By the names of the parameters, each in the shape of its parameter. */
  readonly gradients: Record<string, Tensor<'float32'>>
}

/**
 * @throws {UnknownPathError} when no parameter has such a name
 * @throws {InputError} when labels are missing
 */
export async function gradientsOf(
  model: Programs,
  given: ModelInputs,
  { loss: of, parameters, ...asked }: GradientOptions = {},
): Promise<Gradients> {
  const { configured, head, target, client, files, policy, adapters } = model
  const [inputs, options] = await model.matched(given, asked)
  const { optional } = configured.architecture
  const request = requestOf(inputs, options, optional, sizeOf(inputs, configured))
  const chosen =
    parameters?.map((name) => (adapters?.has(name) ? name : findParameter(model, name).paths[0]!)) ??
    model.trained
  const adapted = adapters?.training()
  const hooks = {
    ...request.hooks,
    loss: { ...request.hooks.loss, of },
    parameters: chosen,
    adapt: adapted?.adapt,
  }
  const tracing = traceGradients(configured.architecture, head, configured.config, hooks, target)
  const program = await finishCalmly(tracing, options.signal)
  const missing = LABELS.filter((name) => name in program.inputs && !(name in request.inputs))
  if (missing.length > 0) {
    throw new InputError(
      `The labels are missing: the loss of ${head} is made of ${missing.join(' and ')}. ` +
        'Give them beside the inputs, or another loss: { loss: ({ logits }) => … }.',
    )
  }
  const changed = [...(policy.changed ?? []), ...(adapted?.changed ?? [])]
  using loaded = await client.load(program, files, {
    policy: { ...policy, changed },
    signal: options.signal,
  })
  const tensors = completeInputs({ ...request.inputs, ...adapted?.inputs }, program, configured)
  const complete = stillRead(tensors, program, model)
  const fed = adapters?.feed(complete, program) ?? complete
  const { loss, ...found } = await loaded.run(fed, { signal: options.signal })
  const names = Object.entries(found).map(([name, value]) => [name.slice(gradientOutput('').length), value])
  return { loss, gradients: Object.fromEntries(names) } as Gradients
}
