/** @file What a loop is told: a configuration with all that depends on the model and on the prompt filled in. */
import type { Device, GenerationSettings, Watermarking } from '@webformers/runtime'
import { OptionError } from '../errors'
import type { GenerationConfig } from './configuration'
import { warnOnce } from './validation'
import { defaults, type GenerationValues } from './values'

/** What a loop's settings depend on besides the configuration. */
export interface SettingsContext {
  /** How many tokens the decoder begins with. */
  readonly promptLength: number
  /** What the call itself set. */
  readonly values?: Partial<GenerationValues>
  readonly isEncoderDecoder?: boolean
  /** The model's longest sequence, where it has one. */
  readonly maxPositionEmbeddings?: number
  readonly hasAttentionMask?: boolean
  /** Whether there is an assistant model. */
  readonly assisted?: boolean
  /** Whether tokens are told as they come. */
  readonly streamed?: boolean
  readonly batch?: number
  /** Whether the texts of tokens are known, which stop strings need. */
  readonly hasTokenizer?: boolean
  /** Whether there is a cache of calls before this one. */
  readonly hasCache?: boolean
  readonly device?: Device
}

/** @throws {OptionError} when what is asked for can't be */
export function settingsOf(config: GenerationConfig, context: SettingsContext): GenerationSettings {
  const mode = config.getGenerationMode(context.assisted)
  const length = lengths(config, context)
  const { eos, pad } = specialTokens(config, context)
  checkMode(config, mode, context)
  checkCache(config, context)
  const number = (
    key: 'temperature' | 'top_p' | 'typical_p' | 'repetition_penalty' | 'encoder_repetition_penalty',
  ) => config[key] ?? 1
  const list = <T>(value: T | readonly T[] | null): readonly T[] =>
    value === null ? [] : Array.isArray(value) ? value : [value as T]
  if (config.do_sample && number('temperature') === 0)
    throw new OptionError(
      'temperature is 0, expected a number above 0. For greedy search set doSample to false.',
    )
  if (config.exponential_decay_length_penalty && eos.length === 0)
    throw new OptionError('exponentialDecayLengthPenalty makes an end likelier, but there is no eosTokenId.')
  if (config.stop_strings !== null && !context.hasTokenizer)
    throw new OptionError(
      "stopStrings need the texts of tokens: give the model's tokenizer as the option tokenizer.",
    )
  return {
    mode,
    ...length,
    max_time: config.max_time ?? undefined,
    stop_strings: list(config.stop_strings),
    eos_token_id: eos,
    pad_token_id: pad,
    do_sample: config.do_sample ?? false,
    num_beams: config.num_beams ?? 1,
    num_beam_groups: config.num_beam_groups ?? 1,
    diversity_penalty: config.diversity_penalty ?? 0,
    num_return_sequences: config.num_return_sequences ?? 1,
    early_stopping: config.early_stopping ?? false,
    length_penalty: config.length_penalty ?? 1,
    penalty_alpha: config.penalty_alpha ?? undefined,
    prompt_lookup_num_tokens: config.prompt_lookup_num_tokens ?? undefined,
    max_matching_ngram_size: config.max_matching_ngram_size ?? 2,
    num_assistant_tokens: config.num_assistant_tokens ?? 20,
    num_assistant_tokens_schedule: config.num_assistant_tokens_schedule ?? 'constant',
    assistant_confidence_threshold: config.assistant_confidence_threshold ?? 0,
    temperature: number('temperature'),
    top_k: config.top_k ?? 0,
    top_p: number('top_p'),
    min_p: config.min_p ?? undefined,
    typical_p: number('typical_p'),
    epsilon_cutoff: config.epsilon_cutoff ?? 0,
    eta_cutoff: config.eta_cutoff ?? 0,
    repetition_penalty: number('repetition_penalty'),
    encoder_repetition_penalty: number('encoder_repetition_penalty'),
    no_repeat_ngram_size: config.no_repeat_ngram_size ?? 0,
    encoder_no_repeat_ngram_size: config.encoder_no_repeat_ngram_size ?? 0,
    bad_words_ids: config.bad_words_ids ?? [],
    sequence_bias: config.sequence_bias ?? [],
    forced_bos_token_id: config.forced_bos_token_id ?? undefined,
    forced_eos_token_id: list(config.forced_eos_token_id),
    suppress_tokens: config.suppress_tokens ?? [],
    begin_suppress_tokens: config.begin_suppress_tokens ?? [],
    exponential_decay_length_penalty: config.exponential_decay_length_penalty ?? undefined,
    guidance_scale: config.guidance_scale ?? 1,
    remove_invalid_values: config.remove_invalid_values ?? false,
    renormalize_logits: config.renormalize_logits ?? false,
    watermarking_config: watermarking(config),
    output_scores: Boolean(config.return_dict_in_generate && config.output_scores),
    output_logits: Boolean(config.return_dict_in_generate && config.output_logits),
  }
}

/** Like `_prepare_generated_length` and `_validate_generated_length`. */
function lengths(
  config: GenerationConfig,
  {
    promptLength,
    values = {},
    maxPositionEmbeddings = Number.POSITIVE_INFINITY,
    isEncoderDecoder,
  }: SettingsContext,
): Pick<GenerationSettings, 'max_length' | 'min_length' | 'min_new_tokens'> {
  const { max_new_tokens, min_new_tokens } = config
  const stated = (key: 'max_length' | 'min_length') => values[key] !== undefined && values[key] !== null
  let { max_length, min_length } = config
  if (max_new_tokens !== null) {
    if (stated('max_length'))
      warnOnce(
        `maxNewTokens (${max_new_tokens}) and maxLength (${max_length}) are both given; maxNewTokens counts.`,
      )
    max_length = promptLength + max_new_tokens
  } else if (!stated('max_length') && max_length === defaults.max_length) {
    warnOnce(
      `no length was asked for, so answers end after ${max_length} tokens. Ask for another with maxNewTokens.`,
    )
    max_length = Math.min(promptLength + max_length!, maxPositionEmbeddings)
  }
  if (min_new_tokens !== null) {
    if (stated('min_length'))
      warnOnce(
        `minNewTokens (${min_new_tokens}) and minLength (${min_length}) are both given; minNewTokens counts.`,
      )
    min_length = promptLength + min_new_tokens
  }
  if (max_length === null)
    throw new OptionError('maxLength is null, and so is maxNewTokens. Give one of them.')
  if (promptLength >= max_length) {
    const what = isEncoderDecoder ? "the decoder's beginning" : 'the prompt'
    throw new OptionError(
      `maxLength is ${max_length}, but ${what} alone has ${promptLength} tokens. Give maxNewTokens, which does not count it, or a larger maxLength.`,
    )
  }
  if (min_length !== null && min_length > max_length)
    warnOnce(
      `a sequence can't have ${min_length} tokens at least and ${max_length} at most; it ends at ${max_length}.`,
    )
  return { max_length, min_length: min_length ?? 0, min_new_tokens: min_new_tokens ?? 0 }
}

/** Like `_prepare_special_tokens`. */
function specialTokens(
  config: GenerationConfig,
  { isEncoderDecoder, hasAttentionMask = true }: SettingsContext,
): { eos: readonly number[]; pad: number | undefined } {
  const { eos_token_id, pad_token_id } = config
  const eos = eos_token_id === null ? [] : [eos_token_id].flat()
  if (isEncoderDecoder && decoderStartOf(config) === undefined)
    throw new OptionError(
      'An encoder-decoder needs decoderStartTokenId or bosTokenId, which its decoder begins with.',
    )
  const negative = eos.filter((token) => token < 0)
  if (negative.length > 0)
    warnOnce(`eosTokenId is ${eos.join(', ')}, but no model makes negative tokens: that ends nothing.`)
  if (pad_token_id !== null || eos.length === 0) return { eos, pad: pad_token_id ?? undefined }
  if (!hasAttentionMask)
    warnOnce(
      'there is neither an attention_mask nor a padTokenId, so all of the prompt is read, padding included.',
    )
  warnOnce(`padTokenId is set to eosTokenId ${eos[0]}: there is none.`)
  return { eos, pad: eos[0] }
}

/** What the decoder of an encoder-decoder begins with. */
export const decoderStartOf = ({
  decoder_start_token_id,
  bos_token_id,
}: GenerationValues): number | undefined => decoder_start_token_id ?? bos_token_id ?? undefined

/** Like `_validate_generation_mode`, and the checks of the strategies themselves. */
function checkMode(
  {
    num_beams,
    num_beam_groups,
    diversity_penalty,
    num_return_sequences,
    do_sample,
    guidance_scale,
    return_dict_in_generate,
    output_hidden_states,
    output_attentions,
    repetition_penalty,
  }: GenerationConfig,
  mode: GenerationSettings['mode'],
  { streamed, isEncoderDecoder, batch = 1 }: SettingsContext,
) {
  if (streamed && (num_beams ?? 1) > 1)
    throw new OptionError(
      `Beams can't be streamed: which one wins is known at the end. Set numBeams to 1, or await generate().`,
    )
  switch (mode) {
    case 'assisted_generation':
      if ((num_return_sequences ?? 1) > 1)
        throw new OptionError(
          `numReturnSequences is ${num_return_sequences}, but assisted generation makes one sequence.`,
        )
      if (batch > 1) throw new OptionError(`Assisted generation takes one prompt at a time, got ${batch}.`)
      if (return_dict_in_generate && (output_hidden_states || output_attentions))
        throw new OptionError(
          'outputHiddenStates and outputAttentions do not go with assisted generation, which settles several tokens at once.',
        )
      if ((guidance_scale ?? 1) !== 1)
        throw new OptionError('guidanceScale does not go with assisted generation, which takes tokens back.')
      return
    case 'group_beam_search':
      if ((guidance_scale ?? 1) !== 1)
        throw new OptionError(
          'guidanceScale does not go with groups of beams, which are shaped one after the other.',
        )
      if (do_sample) throw new OptionError('Groups of beams are not sampled: set doSample to false.')
      if (!diversity_penalty)
        throw new OptionError(
          'diversityPenalty is 0, expected a number above 0: without it all groups of beams are alike.',
        )
      if (num_beams! % num_beam_groups! !== 0)
        throw new OptionError(
          `numBeams (${num_beams}) can't be divided into ${num_beam_groups} groups (numBeamGroups).`,
        )
      return
    case 'dola_generation':
      if (isEncoderDecoder) throw new OptionError('dolaLayers go with decoder-only models.')
      if ((repetition_penalty ?? 1) < 1.2) warnOnce('DoLa repeats itself with a repetitionPenalty below 1.2.')
  }
}

/** Caches that there are, the older names of some among them. */
const CACHES = ['dynamic', 'dynamic_full', 'static', 'sliding_window', 'hybrid', 'hybrid_chunked']
/** Why there are no others. */
const NO_CACHES: Readonly<Record<string, string>> = {
  quantized: 'keys and values are kept as they were computed, so that texts are those of Python’s own cache',
  offloaded: 'there is one memory for all layers: nothing can be moved out of its way',
}

/** How keys and values are kept, which has no say in what is generated. A model's own file may name what only Python has. */
function checkCache(
  { use_cache, cache_implementation }: GenerationConfig,
  { values = {}, hasCache, isEncoderDecoder, device }: SettingsContext,
) {
  if (hasCache && isEncoderDecoder)
    throw new OptionError(
      "pastKeyValues go with decoder-only models: what a decoder reads depends on its encoder's text, which is another one each time.",
    )
  if (hasCache && cache_implementation !== null && values.cache_implementation)
    throw new OptionError(
      `cacheImplementation is "${cache_implementation}", but pastKeyValues is a cache already. Give one of them.`,
    )
  if (use_cache === false)
    warnOnce(
      'useCache is false, but keys and values are always kept: without them only the time would differ.',
    )
  if (cache_implementation === null) return
  if (cache_implementation === 'static' && device === 'wasm')
    warnOnce(
      'cacheImplementation is "static", but only a GPU shares a buffer between steps: on WASM keys and values grow with the text.',
    )
  if (CACHES.includes(cache_implementation)) return
  const why = NO_CACHES[cache_implementation] ?? NO_CACHES.offloaded
  const message = `cacheImplementation is "${cache_implementation}", but ${why}. Expected ${CACHES.join(', ')}.`
  if (values.cache_implementation) throw new OptionError(message)
  warnOnce(message)
}

/** Python's defaults of `WatermarkingConfig`. */
function watermarking({ watermarking_config: given }: GenerationConfig): Watermarking | undefined {
  if (given === null) return undefined
  const config: Watermarking = {
    greenlist_ratio: 0.25,
    bias: 2,
    hashing_key: 15485863,
    seeding_scheme: 'lefthash',
    context_width: 1,
    ...given,
  }
  const unknown = Object.keys(config).filter((key) => !WATERMARKING.includes(key))
  if (unknown.length > 0)
    throw new OptionError(
      `watermarkingConfig has ${unknown.join(', ')}, expected ${WATERMARKING.join(', ')}. SynthID's watermark is not written here.`,
    )
  const { seeding_scheme, greenlist_ratio, context_width } = config
  if (seeding_scheme !== 'lefthash' && seeding_scheme !== 'selfhash')
    throw new OptionError(
      `watermarkingConfig.seeding_scheme is "${seeding_scheme}", expected "lefthash" or "selfhash".`,
    )
  if (!(greenlist_ratio > 0 && greenlist_ratio < 1))
    throw new OptionError(
      `watermarkingConfig.greenlist_ratio is ${greenlist_ratio}, expected a number between 0 and 1.`,
    )
  if (!(context_width >= 1))
    throw new OptionError(
      `watermarkingConfig.context_width is ${context_width}, expected a whole number from 1 on.`,
    )
  return config
}

const WATERMARKING = ['greenlist_ratio', 'bias', 'hashing_key', 'seeding_scheme', 'context_width']
