/** @file The files of a repository that say what its tokenizer is. */
import type { AddedToken } from '../added-vocabulary'
import type { Side } from '../encoding'
import type { TokenizerJson } from '../tokenizer'
import type { SpecialTokenFields } from './special-tokens'

/** One template, or several. */
type DeclaredChatTemplate = string | { name: string; template: string }[]

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
  add_prefix_space?: boolean | null
  /** BERT's family, and SentencePiece's that clean like it. */
  do_lower_case?: boolean
  do_basic_tokenize?: boolean
  strip_accents?: boolean | null
  tokenize_chinese_chars?: boolean
  keep_accents?: boolean
  split_by_punct?: boolean
  /** Splinter. */
  question_token?: string
  /** RoBERTa's family. */
  trim_offsets?: boolean
  chat_template?: DeclaredChatTemplate | null
  /** Llama, Gemma and their like. */
  add_bos_token?: boolean
  add_eos_token?: boolean
  legacy?: boolean | null
  /** CodeLlama. */
  prefix_token?: string | null
  middle_token?: string | null
  suffix_token?: string | null
  eot_token?: string | null
  /** T5 and Pegasus. */
  extra_ids?: number
  offset?: number
  mask_token_sent?: string | null
  /** Translation. */
  src_lang?: string | null
  tgt_lang?: string | null
  legacy_behaviour?: boolean
  language_codes?: string
  separate_vocabs?: boolean
  /** Whisper. */
  language?: string | null
  task?: string | null
  predict_timestamps?: boolean
  /** Wav2Vec2. */
  word_delimiter_token?: string | null
  replace_word_delimiter_char?: string
  target_lang?: string | null
}

/** Bare vocabularies, from before tokenizer.json. */
export interface VocabularyFiles {
  'vocab.txt'?: string
  'vocab.json'?: Record<string, number>
  'merges.txt'?: string
  /** SentencePiece's models are bytes. */
  'spiece.model'?: Uint8Array
  'sentencepiece.bpe.model'?: Uint8Array
  'sentencepiece.model'?: Uint8Array
  'spm.model'?: Uint8Array
  'source.spm'?: Uint8Array
  'target.spm'?: Uint8Array
  /** SentencePiece's pieces or tiktoken's ranks. */
  'tokenizer.model'?: Uint8Array
}

export type VocabularyFile = keyof VocabularyFiles

/** By name; JSON files parsed, `.model` and `.spm` files as bytes, the others as text. */
export interface TokenizerFiles extends VocabularyFiles {
  'tokenizer.json'?: TokenizerJson & {
    padding?: { direction?: string; pad_token?: string; pad_type_id?: number } | null
    truncation?: { direction?: string } | null
  }
  'tokenizer_config.json'?: TokenizerConfig
  'special_tokens_map.json'?: SpecialTokenFields
  'added_tokens.json'?: Record<string, number>
  'chat_template.jinja'?: string
  'chat_template.json'?: { chat_template?: DeclaredChatTemplate }
  'additional_chat_templates/tool_use.jinja'?: string
  'additional_chat_templates/rag.jinja'?: string
  'config.json'?: { model_type?: string; tokenizer_class?: string | null }
}
