/** @file What the value of each key of a generation configuration may be. */
import { OptionError } from '../errors'
import type { GenerationKey } from './values'

/** What a value may be, in words and as a test. */
type Kind = readonly [expected: string, fits: (value: unknown) => boolean]

const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value)
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value)
const listOf = (fits: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(fits)
const isToken = (value: unknown) => isWhole(value) && value >= 0
const isRun = (value: unknown) => listOf(isToken)(value) && (value as unknown[]).length > 0
const isText = (value: unknown) => typeof value === 'string' && value !== ''

const flag: Kind = ['true or false', (value) => typeof value === 'boolean']
const number: Kind = ['a number', isNumber]
const positive: Kind = ['a number above 0', (value) => isNumber(value) && value > 0]
const share: Kind = ['a number from 0 to 1', (value) => isNumber(value) && value >= 0 && value <= 1]
const from = (least: number): Kind => [
  `a whole number from ${least} on`,
  (value) => isWhole(value) && value >= least,
]
const id: Kind = ['a token id', isWhole]
const ids: Kind = ['a token id or a list of them', (value) => isWhole(value) || listOf(isWhole)(value)]
const tokens: Kind = ['a list of token ids', listOf(isToken)]
const choice = (...known: readonly unknown[]): Kind => [
  `one of ${known.map((value) => JSON.stringify(value)).join(', ')}`,
  (value) => known.includes(value),
]
const object: Kind = ['an object', (value) => typeof value === 'object' && !Array.isArray(value)]
const list: Kind = ['a list', Array.isArray]

const CACHES = ['dynamic', 'dynamic_full', 'offloaded', 'quantized', 'static', 'offloaded_static']
/** Other names of caches in older files. */
const OLD_CACHES = [
  'sliding_window',
  'hybrid',
  'hybrid_chunked',
  'offloaded_hybrid',
  'offloaded_hybrid_chunked',
]

const kinds: Readonly<Record<GenerationKey, Kind>> = {
  max_length: from(1),
  max_new_tokens: from(1),
  min_length: from(0),
  min_new_tokens: from(0),
  early_stopping: choice(true, false, 'never'),
  max_time: positive,
  stop_strings: [
    'a text or a list of texts, none of them empty',
    (value) => isText(value) || listOf(isText)(value),
  ],
  do_sample: flag,
  num_beams: from(1),
  use_cache: flag,
  cache_implementation: choice(...CACHES, ...OLD_CACHES),
  cache_config: object,
  return_legacy_cache: flag,
  prefill_chunk_size: from(1),
  temperature: ['a number from 0 on', (value) => isNumber(value) && value >= 0],
  top_k: from(0),
  top_p: share,
  min_p: share,
  typical_p: ['a number above 0, to 1', (value) => isNumber(value) && value > 0 && value <= 1],
  epsilon_cutoff: ['a number from 0 to below 1', (value) => isNumber(value) && value >= 0 && value < 1],
  eta_cutoff: ['a number from 0 to below 1', (value) => isNumber(value) && value >= 0 && value < 1],
  repetition_penalty: positive,
  encoder_repetition_penalty: positive,
  length_penalty: number,
  no_repeat_ngram_size: from(0),
  bad_words_ids: ['a list of lists of token ids, none of them empty', listOf(isRun)],
  renormalize_logits: flag,
  forced_bos_token_id: id,
  forced_eos_token_id: ids,
  remove_invalid_values: flag,
  exponential_decay_length_penalty: [
    '[tokens, factor], a whole number and a number',
    (value) => Array.isArray(value) && value.length === 2 && isWhole(value[0]) && isNumber(value[1]),
  ],
  suppress_tokens: tokens,
  begin_suppress_tokens: tokens,
  sequence_bias: [
    'a list of [tokens, bias], such as [[[10, 45], -2]]',
    listOf((pair) => Array.isArray(pair) && pair.length === 2 && isRun(pair[0]) && isNumber(pair[1])),
  ],
  token_healing: flag,
  guidance_scale: number,
  watermarking_config: object,
  num_return_sequences: from(1),
  output_attentions: flag,
  output_hidden_states: flag,
  output_scores: flag,
  output_logits: flag,
  return_dict_in_generate: flag,
  pad_token_id: id,
  bos_token_id: id,
  eos_token_id: ids,
  encoder_no_repeat_ngram_size: from(0),
  decoder_start_token_id: id,
  is_assistant: flag,
  num_assistant_tokens: from(1),
  num_assistant_tokens_schedule: choice('constant', 'heuristic', 'heuristic_transient'),
  assistant_confidence_threshold: share,
  prompt_lookup_num_tokens: from(1),
  max_matching_ngram_size: from(1),
  assistant_early_exit: from(1),
  assistant_lookbehind: from(0),
  target_lookbehind: from(0),
  compile_config: object,
  disable_compile: flag,
  low_memory: flag,
  penalty_alpha: ['a number from 0 on', (value) => isNumber(value) && value >= 0],
  dola_layers: [
    '"low", "high" or a list of layers',
    (value) => value === 'low' || value === 'high' || listOf(isToken)(value),
  ],
  diversity_penalty: ['a number from 0 on', (value) => isNumber(value) && value >= 0],
  num_beam_groups: from(1),
  constraints: list,
  force_words_ids: list,
}

/** @throws {OptionError} when a value can't be one of its key's
 * @param name what the one who gave it called the key */
export function checkValue(key: GenerationKey, value: unknown, name: string = key) {
  if (value === null) return
  const [expected, fits] = kinds[key]
  if (!fits(value)) throw new OptionError(`${name} is ${JSON.stringify(value)}, expected ${expected}.`)
}
