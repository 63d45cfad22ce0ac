/** @file The keys of Python's `GenerationConfig`, their defaults, and what each may be. `null` is Python's None. */
import type { SequenceBias, Watermarking } from '@webformers/runtime'

/** Every key, by the name it has in `generation_config.json`. */
export interface GenerationValues {
  /** Tokens of prompt and answer together; `max_new_tokens` goes before it. */
  max_length: number | null
  /** Tokens of the answer. */
  max_new_tokens: number | null
  /** No end before prompt and answer have so many tokens; `min_new_tokens` goes before it. */
  min_length: number | null
  /** No end before the answer has so many tokens. */
  min_new_tokens: number | null
  /** When beams have finished: `true` as soon as there are `num_beams` of them, `false` when better ones are unlikely, `'never'` when
   * there can't be better ones. */
  early_stopping: boolean | 'never' | null
  /** Seconds after which no further token is begun. */
  max_time: number | null
  /** Texts that end an answer; they need the `tokenizer` option. */
  stop_strings: string | readonly string[] | null

  /** Draw tokens at random by their probabilities; else the likeliest is taken. */
  do_sample: boolean | null
  /** How many sequences are followed at once. */
  num_beams: number | null

  use_cache: boolean | null
  /** How keys and values are kept: `'dynamic'` grows with the text, and of layers that see a window no more than that; `'static'` is
   * as long as the text may become, on a GPU; `'dynamic_full'` keeps all. */
  cache_implementation: string | null
  cache_config: Readonly<Record<string, unknown>> | null
  return_legacy_cache: boolean | null
  /** So many tokens of a prompt are read at a time: fewer take less memory, and leave others their turns sooner. */
  prefill_chunk_size: number | null

  /** Above 1 tokens become more alike, below 1 less. */
  temperature: number | null
  /** Only so many of the likeliest tokens; 0 for all. */
  top_k: number | null
  /** Only the likeliest tokens that have together this probability. */
  top_p: number | null
  /** Only tokens at least so many times as likely as the likeliest. */
  min_p: number | null
  /** Only tokens whose surprise is nearest to the expected one, up to this probability. */
  typical_p: number | null
  /** Only tokens of at least this probability. */
  epsilon_cutoff: number | null
  /** The same, less strict where all tokens are unlikely. */
  eta_cutoff: number | null
  /** Above 1, what was said already becomes less likely. */
  repetition_penalty: number | null
  /** Above 1, what the prompt says becomes more likely. */
  encoder_repetition_penalty: number | null
  /** Above 0, beams prefer long sequences; below, short ones. */
  length_penalty: number | null
  /** No run of so many tokens twice. */
  no_repeat_ngram_size: number | null
  /** Never these runs of tokens. */
  bad_words_ids: readonly (readonly number[])[] | null
  /** Make probabilities of the scores again after all else. */
  renormalize_logits: boolean | null
  /** The first token after the decoder's start. */
  forced_bos_token_id: number | null
  /** The last token when `max_length` is reached. */
  forced_eos_token_id: number | readonly number[] | null
  /** No NaN and no infinity among scores. */
  remove_invalid_values: boolean | null
  /** After so many new tokens the end becomes likelier by this factor with each. */
  exponential_decay_length_penalty: readonly [start: number, factor: number] | null
  /** Never these tokens. */
  suppress_tokens: readonly number[] | null
  /** None of these as the first token. */
  begin_suppress_tokens: readonly number[] | null
  /** What is added to the score of a run's last token where the others came before: `[[[10, 45], -2]]`. */
  sequence_bias: readonly SequenceBias[] | null
  token_healing: boolean | null
  /** Above 1, what the prompt makes likelier counts so many times. */
  guidance_scale: number | null
  /** A mark that a detector finds in what is generated. */
  watermarking_config: Readonly<Partial<Watermarking>> | null

  /** How many answers each prompt gets. */
  num_return_sequences: number | null
  output_attentions: boolean | null
  output_hidden_states: boolean | null
  output_scores: boolean | null
  output_logits: boolean | null
  /** Give an object with all that was asked for, and not only the sequences. */
  return_dict_in_generate: boolean | null

  pad_token_id: number | null
  bos_token_id: number | null
  /** What ends a sequence: any of these. */
  eos_token_id: number | readonly number[] | null

  /** No run of so many tokens that the encoder's input, or the prompt, has. */
  encoder_no_repeat_ngram_size: number | null
  decoder_start_token_id: number | null

  is_assistant: boolean | null
  /** How many tokens an assistant proposes at once. */
  num_assistant_tokens: number | null
  /** Whether that number grows and falls with what is accepted. */
  num_assistant_tokens_schedule: 'constant' | 'heuristic' | 'heuristic_transient' | null
  /** An assistant stops where its token is less likely than this. */
  assistant_confidence_threshold: number | null
  /** Propose so many tokens of what followed the last ones before. */
  prompt_lookup_num_tokens: number | null
  /** How many of the last ones to look for; 2 by default. */
  max_matching_ngram_size: number | null
  assistant_early_exit: number | null
  assistant_lookbehind: number | null
  target_lookbehind: number | null

  compile_config: Readonly<Record<string, unknown>> | null
  disable_compile: boolean | null

  low_memory: boolean | null
  /** Above 0, with `top_k` above 1: contrastive search, which avoids tokens too much like those before. */
  penalty_alpha: number | null
  /** DoLa: contrast the last layer with `'low'` or `'high'` ones, or with these. */
  dola_layers: 'low' | 'high' | readonly number[] | null
  /** How much a token loses for each earlier group of beams that took it. */
  diversity_penalty: number | null
  /** Beams in so many groups, which are kept apart. */
  num_beam_groups: number | null
  constraints: readonly unknown[] | null
  force_words_ids: readonly unknown[] | null
}

export type GenerationKey = keyof GenerationValues

/** Python's defaults. */
export const defaults: GenerationValues = {
  max_length: 20,
  max_new_tokens: null,
  min_length: 0,
  min_new_tokens: null,
  early_stopping: false,
  max_time: null,
  stop_strings: null,
  do_sample: false,
  num_beams: 1,
  use_cache: true,
  cache_implementation: null,
  cache_config: null,
  return_legacy_cache: null,
  prefill_chunk_size: null,
  temperature: 1,
  top_k: 50,
  top_p: 1,
  min_p: null,
  typical_p: 1,
  epsilon_cutoff: 0,
  eta_cutoff: 0,
  repetition_penalty: 1,
  encoder_repetition_penalty: 1,
  length_penalty: 1,
  no_repeat_ngram_size: 0,
  bad_words_ids: null,
  renormalize_logits: false,
  forced_bos_token_id: null,
  forced_eos_token_id: null,
  remove_invalid_values: false,
  exponential_decay_length_penalty: null,
  suppress_tokens: null,
  begin_suppress_tokens: null,
  sequence_bias: null,
  token_healing: false,
  guidance_scale: null,
  watermarking_config: null,
  num_return_sequences: 1,
  output_attentions: false,
  output_hidden_states: false,
  output_scores: false,
  output_logits: null,
  return_dict_in_generate: false,
  pad_token_id: null,
  bos_token_id: null,
  eos_token_id: null,
  encoder_no_repeat_ngram_size: 0,
  decoder_start_token_id: null,
  is_assistant: false,
  num_assistant_tokens: 20,
  num_assistant_tokens_schedule: 'constant',
  assistant_confidence_threshold: 0.4,
  prompt_lookup_num_tokens: null,
  max_matching_ngram_size: null,
  assistant_early_exit: null,
  assistant_lookbehind: 10,
  target_lookbehind: 10,
  compile_config: null,
  disable_compile: false,
  low_memory: null,
  penalty_alpha: null,
  dola_layers: null,
  diversity_penalty: 0,
  num_beam_groups: 1,
  constraints: null,
  force_words_ids: null,
}

/** The keys that no tab can act on, each with the reason. Their defaults are taken. */
export const refused: Readonly<Partial<Record<GenerationKey, string>>> = {
  cache_config: 'a cache is given as an object of its own',
  return_legacy_cache: 'caches have one form here',
  token_healing: "give a prompt that ends between words, or the tokens' texts as stopStrings",
  is_assistant: 'it is set by assisted generation itself',
  assistant_early_exit:
    'load the model once more with fewer layers, { config: { num_hidden_layers } }, as assistantModel',
  assistant_lookbehind: 'an assistant has to have the tokenizer of the model',
  target_lookbehind: 'an assistant has to have the tokenizer of the model',
  compile_config: 'nothing is compiled by torch here',
  disable_compile: 'nothing is compiled by torch here',
  low_memory: 'Python refuses it as well since beams are computed at once',
  constraints: 'beams can be constrained by prefixAllowedTokensFn or responseFormat',
  force_words_ids: 'beams can be constrained by prefixAllowedTokensFn or responseFormat',
}
