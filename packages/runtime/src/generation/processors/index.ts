/** @file All that changes scores in a generation, in Python's order. */
import type { Hooks } from '../hooks'
import type { Decoder } from '../model'
import type { GenerationRequest } from '../settings'
import { badWords, sequenceBias } from './bias'
import { HammingDiversity } from './diversity'
import { guidance } from './guidance'
import { allowedTokens, custom } from './hooks'
import { decayingLength, forced, minLength, suppress, suppressAt } from './length'
import type { LogitsProcessor } from './processor'
import {
  encoderNoRepeatNgram,
  encoderRepetitionPenalty,
  noRepeatNgram,
  repetitionPenalty,
} from './repetition'
import { epsilonCutoff, etaCutoff, minP, topK, topP, typicalP } from './truncation'
import { removeInvalid, renormalize, temperature } from './values'
import { watermark } from './watermark'

export type { LogitsProcessor } from './processor'

/** What few generations have. */
interface Special {
  /** A second decoder of the model, which guidance needs. */
  readonly unconditional?: Decoder
  /** Keeps outputs to a form, whatever others favour or forbid. */
  readonly constraint?: LogitsProcessor
  /** Keeps tokens that stand for times in order. */
  readonly timestamps?: LogitsProcessor
}

/** Like `_get_logits_processor`.
 * @throws {InputError} */
export function logitsProcessors(
  request: GenerationRequest,
  vocabulary: number,
  hooks: Hooks,
  { unconditional, constraint, timestamps }: Special = {},
): LogitsProcessor[] {
  const { settings, prompts, encoderInputs = prompts, negativePrompts } = request
  const { eos_token_id: eos, exponential_decay_length_penalty: decay } = settings
  const promptLength = prompts[0]!.length
  // A forced first token comes before what counts as the beginning.
  const begin = promptLength + (promptLength > 1 || settings.forced_bos_token_id === undefined ? 0 : 1)
  const possible: (LogitsProcessor | false | undefined)[] = [
    settings.guidance_scale !== 1 &&
      unconditional &&
      guidance(settings.guidance_scale, unconditional, negativePrompts, promptLength),
    settings.sequence_bias.length > 0 && sequenceBias(settings.sequence_bias, vocabulary),
    settings.num_beam_groups > 1 && new HammingDiversity(settings.diversity_penalty),
    settings.encoder_repetition_penalty !== 1 &&
      encoderRepetitionPenalty(settings.encoder_repetition_penalty, encoderInputs),
    settings.repetition_penalty !== 1 && repetitionPenalty(settings.repetition_penalty),
    settings.no_repeat_ngram_size > 0 && noRepeatNgram(settings.no_repeat_ngram_size),
    settings.encoder_no_repeat_ngram_size > 0 &&
      encoderNoRepeatNgram(settings.encoder_no_repeat_ngram_size, encoderInputs),
    settings.bad_words_ids.length > 0 && badWords(settings.bad_words_ids, eos, vocabulary),
    settings.min_length > 0 && minLength(settings.min_length, eos),
    settings.min_new_tokens > 0 && minLength(promptLength + settings.min_new_tokens, eos),
    hooks.prefixAllowedTokens && allowedTokens(hooks.prefixAllowedTokens, prompts.length),
    settings.forced_bos_token_id !== undefined && forced(1, [settings.forced_bos_token_id]),
    settings.forced_eos_token_id.length > 0 && forced(settings.max_length - 1, settings.forced_eos_token_id),
    settings.remove_invalid_values && removeInvalid,
    decay && decayingLength(promptLength + decay[0], decay[1], eos),
    settings.suppress_tokens.length > 0 && suppress(settings.suppress_tokens),
    settings.begin_suppress_tokens.length > 0 && suppressAt(begin, settings.begin_suppress_tokens),
    timestamps,
    ...(hooks.logitsProcessors ?? []).map(custom),
    constraint,
    ...(settings.do_sample ? warpers(request) : []),
    settings.watermarking_config && watermark(settings.watermarking_config, vocabulary),
    settings.renormalize_logits && renormalize,
  ]
  return possible.filter((processor): processor is LogitsProcessor => Boolean(processor))
}

/** What shapes the distribution that is drawn from. */
function warpers({ settings }: GenerationRequest): (LogitsProcessor | false | undefined)[] {
  const { min_p, typical_p, epsilon_cutoff, eta_cutoff, eos_token_id } = settings
  // Beams need a token that ends none of them.
  const keep = settings.num_beams > 1 ? Math.max(1, eos_token_id.length) + 1 : 1
  return [
    settings.temperature !== 1 && temperature(settings.temperature),
    settings.top_k !== 0 && topK(settings.top_k, keep),
    settings.top_p < 1 && topP(settings.top_p, keep),
    min_p !== undefined && minP(min_p, keep),
    typical_p < 1 && typicalP(typical_p, keep),
    epsilon_cutoff > 0 && epsilon_cutoff < 1 && epsilonCutoff(epsilon_cutoff, keep),
    eta_cutoff > 0 && eta_cutoff < 1 && etaCutoff(eta_cutoff, keep),
  ]
}
