/** @file The files of a repository that say what its tokenizer is. */
import type { AddedToken } from '../added-vocabulary'
import type { Side } from '../encoding'
import type { TokenizerJson } from '../tokenizer'
import type { SpecialTokenFields } from './special-tokens'

/** tokenizer_config.json, as far as it is read. */
export interface TokenizerConfig extends SpecialTokenFields {
  tokenizer_class?: string
  added_tokens_decoder?: Record<string, Partial<AddedToken> & { content: string }>
  model_max_length?: number
  max_len?: number
  model_input_names?: string[]
  padding_side?: Side
  truncation_side?: Side
  clean_up_tokenization_spaces?: boolean
  split_special_tokens?: boolean
  do_lower_case?: boolean
  strip_accents?: boolean | null
  tokenize_chinese_chars?: boolean
  add_prefix_space?: boolean
  trim_offsets?: boolean
}

/** By name; JSON files parsed, the others as text. */
export interface TokenizerFiles {
  'tokenizer.json'?: TokenizerJson & {
    padding?: { direction?: string; pad_token?: string; pad_type_id?: number } | null
    truncation?: { direction?: string } | null
  }
  'tokenizer_config.json'?: TokenizerConfig
  'special_tokens_map.json'?: SpecialTokenFields
  'added_tokens.json'?: Record<string, number>
  'config.json'?: { model_type?: string; tokenizer_class?: string | null }
  'vocab.txt'?: string
  'vocab.json'?: Record<string, number>
  'merges.txt'?: string
}
