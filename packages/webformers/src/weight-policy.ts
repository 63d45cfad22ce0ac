/** @file What a model takes from its checkpoint, and what the caller is told of the rest. */
import { type Head, modelParameters, savedBuffers } from '@webformers/models'
import type { LoadingInfo, WeightPolicy } from '@webformers/runtime'
import type { Configured } from './configured'
import { OptionError } from './errors'
import type { LoadOptions, NewOptions } from './load-options'

/**
 * A head may be new, as it is over the checkpoint of a base model; a base model may not, unless the caller said so.
 * @throws {OptionError} when `keyMapping` has a key that is no regular expression
 */
export function weightPolicy(
  { architecture, config }: Configured,
  head: Head,
  options: LoadOptions & NewOptions,
): WeightPolicy {
  const { ignoreMismatchedSizes = false, outputLoadingInfo = false, fromScratch = false } = options
  const { keyMapping, seed = 0 } = options
  for (const pattern of Object.keys(keyMapping ?? {})) expectExpression(pattern)
  const mayBeNew = head.startsWith('For') ? 'parts' : 'refuse'
  return {
    parameters: modelParameters(architecture, head, config),
    basePrefix: architecture.base_model_prefix,
    buffers: savedBuffers,
    missing: ignoreMismatchedSizes || outputLoadingInfo || fromScratch ? 'any' : mayBeNew,
    mismatched: ignoreMismatchedSizes ? 'any' : 'refuse',
    keyMapping,
    deviation: Number(config.initializer_range ?? config.init_std ?? 0.02),
    seed,
  }
}

function expectExpression(pattern: string) {
  try {
    new RegExp(pattern)
  } catch (cause) {
    throw new OptionError(`keyMapping has the key "${pattern}", expected a regular expression.`, { cause })
  }
}

/** Tell which weights are new: nothing has been learnt in them. */
export function warnOfNewWeights({ missing, parameters }: WeightPolicy, info: LoadingInfo, name: string) {
  const made = [...(missing === 'refuse' ? [] : info.missing_keys), ...info.mismatched_keys]
  if (made.length === 0) return
  const shapes = new Map(parameters.map(({ sources, shape }) => [sources[0], shape]))
  const list = made.map((key) => `${key} [${shapes.get(key)?.join(', ')}]`).join(', ')
  console.warn(
    `webformers: the checkpoint of ${name} does not have these weights of the model, or has them in another shape; ` +
      `they are new and random, so train the model before you trust it: ${list}.`,
  )
}
