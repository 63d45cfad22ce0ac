/** @file `model.generate()`: options and inputs become a request, and what comes back Python's outputs. */
import type { Repository } from '@webformers/hub'
import type { ModelInputs } from '../inputs'
import type { Programs } from '../programs'
import type { Tensor } from '../tensor'
import { CALL_ONLY, type CallOnly, type GenerateOptions, type OnTokens } from './call'
import { configOf, splitOptions } from './options'
import type { GenerateOutput } from './outputs'
import { ownConfig } from './own-config'
import { produce } from './produce'
import { besideInputs, encoderInputs, promptsOf } from './prompt'
import type { SpeechGenerateOptions } from './whisper/options'

/** See `ModelGeneration.generate`.
 * @param onTokens told of new tokens, one for each of so many rows; of one row, several may come at once */
export function generate(
  model: Programs,
  repository: Repository,
  inputs: ModelInputs,
  options: GenerateOptions | SpeechGenerateOptions = {},
  onTokens?: OnTokens,
): Promise<Tensor<'int32'> | GenerateOutput> {
  return model.during(begin(model, repository, inputs, options, onTokens))
}

async function begin(
  model: Programs,
  repository: Repository,
  inputs: ModelInputs,
  options: GenerateOptions | SpeechGenerateOptions,
  onTokens: OnTokens | undefined,
): Promise<Tensor<'int32'> | GenerateOutput> {
  if (model.configured.architecture.generation === 'speech')
    return (await import('./whisper/generate')).generateSpeech(model, repository, inputs, options, onTokens)
  const { values, others } = splitOptions<CallOnly>(options as GenerateOptions, CALL_ONLY)
  const { generationConfig, useModelDefaults, signal } = others
  signal?.throwIfAborted()
  const { architecture, config: about } = model.configured
  const asked = configOf(await ownConfig(model, repository), values, generationConfig, useModelDefaults)
  const own = architecture.generating?.(model.head, about)
  const config = asked.with(own?.config ?? {})
  const read = { encoder: encoderInputs(model), beside: besideInputs(model), asGiven: own?.decoderAsGiven }
  const prompts = promptsOf(inputs, config, read)
  const { output, sequences } = await produce(model, { prompts, config, values, others, onTokens })
  return config.return_dict_in_generate ? output : sequences
}
