/** @file What a call of fromPretrained sets otherwise than tokenizer_config.json does. */
import type { TokenizerConfig } from './files'

type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name

type Settable = Omit<TokenizerConfig, 'added_tokens_decoder' | 'max_len'>

/**
 * The settings of tokenizer_config.json in camelCase; one that is given goes before the file's. Like the keyword
 * arguments of `from_pretrained` in Python.
 */
export type InitOptions = { [Key in keyof Settable as CamelCase<Key>]?: Settable[Key] }

const NAMES: { [Key in keyof Required<Settable>]: CamelCase<Key> } = {
  tokenizer_class: 'tokenizerClass',
  bos_token: 'bosToken',
  eos_token: 'eosToken',
  unk_token: 'unkToken',
  sep_token: 'sepToken',
  pad_token: 'padToken',
  cls_token: 'clsToken',
  mask_token: 'maskToken',
  additional_special_tokens: 'additionalSpecialTokens',
  model_max_length: 'modelMaxLength',
  model_input_names: 'modelInputNames',
  padding_side: 'paddingSide',
  truncation_side: 'truncationSide',
  clean_up_tokenization_spaces: 'cleanUpTokenizationSpaces',
  split_special_tokens: 'splitSpecialTokens',
  add_prefix_space: 'addPrefixSpace',
  do_lower_case: 'doLowerCase',
  do_basic_tokenize: 'doBasicTokenize',
  strip_accents: 'stripAccents',
  tokenize_chinese_chars: 'tokenizeChineseChars',
  keep_accents: 'keepAccents',
  split_by_punct: 'splitByPunct',
  question_token: 'questionToken',
  trim_offsets: 'trimOffsets',
  chat_template: 'chatTemplate',
  add_bos_token: 'addBosToken',
  add_eos_token: 'addEosToken',
  legacy: 'legacy',
  prefix_token: 'prefixToken',
  middle_token: 'middleToken',
  suffix_token: 'suffixToken',
  eot_token: 'eotToken',
  extra_ids: 'extraIds',
  offset: 'offset',
  mask_token_sent: 'maskTokenSent',
  src_lang: 'srcLang',
  tgt_lang: 'tgtLang',
  legacy_behaviour: 'legacyBehaviour',
  language_codes: 'languageCodes',
  separate_vocabs: 'separateVocabs',
  language: 'language',
  task: 'task',
  predict_timestamps: 'predictTimestamps',
  word_delimiter_token: 'wordDelimiterToken',
  replace_word_delimiter_char: 'replaceWordDelimiterChar',
  target_lang: 'targetLang',
}

/** What of a call's options is the tokenizer's, as its configuration names it; in an order that never changes. */
export function overridesOf(options: InitOptions): TokenizerConfig {
  const given: Record<string, unknown> = { ...options }
  const entries = Object.entries(NAMES).map(([name, option]) => [name, given[option]] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}
