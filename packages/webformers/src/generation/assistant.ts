/** @file A smaller model whose guesses another checks. */
import { OptionError } from '../errors'
import { type Programs, programsOf } from '../programs'
import { requestOf } from '../requests'
import type { AssistantModel } from './call'

/** The assistant's programs, in the worker of the model that it assists. @throws {OptionError} when it can't assist it */
export async function draftOf(assistant: AssistantModel, model: Programs, signal: AbortSignal | undefined) {
  const programs = programsOf.get(assistant)
  if (!programs)
    throw new OptionError(
      'assistantModel was loaded from a graph that somebody exported. Load its original weights.',
    )
  const vocabulary = ({ config }: Programs) => (config as { vocab_size?: number }).vocab_size
  if (vocabulary(programs) !== vocabulary(model) || programs.head !== model.head)
    throw new OptionError(
      `assistantModel has ${vocabulary(programs)} tokens and is ${programs.head}, but this model has ${vocabulary(model)} and is ${model.head}. ` +
        'An assistant has the same tokens.',
    )
  return programs.decoder(['logits'], requestOf({}, {}), signal, model)
}
