/** @file What is wrong with the values of a generation configuration together: an error, or something that has no effect. */
import { OptionError } from '../errors'
import { defaults, type GenerationKey, type GenerationValues } from './values'

/** The keys that only drawing at random reads, each with the value that changes nothing. */
const SAMPLING: readonly GenerationKey[] = [
  'temperature',
  'top_p',
  'min_p',
  'typical_p',
  'top_k',
  'epsilon_cutoff',
  'eta_cutoff',
]
/** What is given only beside other things. */
export const EXTRA_OUTPUTS: readonly GenerationKey[] = [
  'output_attentions',
  'output_hidden_states',
  'output_scores',
  'output_logits',
]

/** Like `validate` of Python's `GenerationConfig`.
 * @returns what will have no effect, and why, by key
 * @throws {OptionError} when the values contradict each other */
export function withoutEffect(values: GenerationValues): Map<GenerationKey, string> {
  const issues = new Map<GenerationKey, string>()
  const note = (key: GenerationKey, why: string) =>
    issues.set(key, `${key} is ${JSON.stringify(values[key])}, but ${why}`)
  const { do_sample, num_beams, num_return_sequences, early_stopping, length_penalty } = values

  if (values.pad_token_id !== null && values.pad_token_id < 0)
    note('pad_token_id', 'a negative id can pad no batch')
  if (do_sample === false) {
    for (const key of SAMPLING)
      if (values[key] !== null && values[key] !== defaults[key])
        note(key, 'only sampling reads it: set do_sample to true')
  }
  if (num_beams === 1) {
    if (early_stopping !== false && early_stopping !== null) note('early_stopping', 'only beams read it')
    if (length_penalty !== null && length_penalty !== 1) note('length_penalty', 'only beams read it')
    if (num_return_sequences !== null && num_return_sequences !== 1 && do_sample === false) {
      throw new OptionError(
        `num_return_sequences is ${num_return_sequences}, but greedy search finds one sequence. Set do_sample to true, or num_beams to ${num_return_sequences} or more.`,
      )
    }
  } else if (num_return_sequences !== null && num_beams !== null && num_return_sequences > num_beams) {
    throw new OptionError(
      `num_return_sequences is ${num_return_sequences}, but ${num_beams} beams find no more than ${num_beams} sequences.`,
    )
  }
  if (values.use_cache === false && values.cache_implementation !== null)
    note('cache_implementation', 'use_cache is false')
  if (values.return_dict_in_generate !== true) {
    for (const key of EXTRA_OUTPUTS)
      if (values[key] === true) note(key, 'only what return_dict_in_generate gives has it')
  }
  return issues
}

const told = new Set<string>()

/** Warn of something once. */
export function warnOnce(message: string) {
  if (told.has(message)) return
  told.add(message)
  console.warn(`webformers: ${message}`)
}
