/** @file What a class of Transformers' tokenizers is: its vocabulary's files, its special tokens, and what it makes of both. */
import type { AddedToken } from '../added-vocabulary'
import type { DecoderConfig } from '../decoders'
import type { Side } from '../encoding'
import type { TokenizerConfig, TokenizerFiles, VocabularyFile } from '../pretrained/files'
import type { Role, TokenLike } from '../pretrained/special-tokens'
import type { TokenizerJson } from '../tokenizer'

/** How a token matches, where the class says so; its text may be the configuration's to say. */
export type Match = Partial<Omit<AddedToken, 'content'>>

/** A token as a class declares it: its text alone, or how it matches as well. */
export type Declaration = string | (Match & { content?: string })

export type Declarations = Partial<Record<Role, Declaration>>

/** Of one load: the files, and what is known of the special tokens before there is a vocabulary. */
export interface Context {
  files: TokenizerFiles
  config: TokenizerConfig
  /** Which text has which role. */
  roles: Partial<Record<Role, string>>
  /** The texts of all tokens that are added to the vocabulary, in that order. */
  added: readonly string[]
  /** What `added_tokens_decoder` or added_tokens.json declares. */
  declared: ReadonlyMap<number, AddedToken>
}

/** Vocabularies by language. */
export type Languages = Readonly<Record<string, Readonly<Record<string, number>>>>

export interface TokenizerClass {
  /** `model_input_names` in Python. */
  inputs: readonly string[]
  /** The files of its bare vocabulary; `vocab_files_names` in Python. */
  vocabulary: readonly VocabularyFile[]
  /** Tokens in their roles, where the files name none. */
  tokens: Declarations
  /** The same without a tokenizer.json, as far as it differs: Python's slow class has the word then. */
  bareTokens?: Declarations
  /** The tokens without a role, from those the configuration gives. */
  additional?: (
    given: readonly TokenLike[] | undefined,
    config: TokenizerConfig,
    bare: boolean,
  ) => readonly TokenLike[] | undefined
  /** A vocabulary for each language, where the bare one is several. */
  languages?: (files: TokenizerFiles) => Languages | undefined
  /** The tokenizer.json that the bare vocabulary amounts to. */
  convert?: (context: Context) => TokenizerJson
  /** Whether the bare vocabulary goes before a tokenizer.json, because of what the configuration asks for. */
  prefersVocabulary?: (config: TokenizerConfig) => boolean
  /** What the class itself sets in a tokenizer.json. */
  adapt?: (json: TokenizerJson, context: Context) => TokenizerJson
  /** The decoder as Python writes it, where the class itself decodes further. */
  savedDecoder?: (decoder: DecoderConfig) => DecoderConfig
  /** Whether lists of words need `add_prefix_space`. */
  needsPrefixSpace?: boolean
  /** Where the configuration is silent. */
  addPrefixSpace?: boolean | null
  paddingSide?: Side
  padTokenTypeId?: number
  /** Only without a tokenizer.json. */
  bareSettings?: { cleanUp?: boolean; modelMaxLength?: number }
}

export const WITH_TYPES = ['input_ids', 'token_type_ids', 'attention_mask']
export const WITHOUT_TYPES = ['input_ids', 'attention_mask']

/** Matches the text as it stands. */
export const SPECIAL: Match = { normalized: false }
/** Matches the normalized text. */
export const NORMALIZED: Match = { normalized: true }
/** Takes the space before it along, like any other word. */
export const MASK: Match = { lstrip: true, normalized: false }
export const NORMALIZED_MASK: Match = { lstrip: true, normalized: true }

/** Every declaration with `match` on top; `others` are as they are given. */
export const matching = (tokens: Declarations, match: Match, others: Declarations = {}): Declarations => ({
  ...Object.fromEntries(
    Object.entries(tokens).map(([role, token]) => [
      role,
      { ...(typeof token === 'string' ? { content: token } : token), ...match },
    ]),
  ),
  ...others,
})

export const BERT_TOKENS = {
  unk_token: '[UNK]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  cls_token: '[CLS]',
  mask_token: '[MASK]',
} satisfies Declarations

export const ROBERTA_TOKENS = {
  bos_token: '<s>',
  eos_token: '</s>',
  unk_token: '<unk>',
  sep_token: '</s>',
  pad_token: '<pad>',
  cls_token: '<s>',
} satisfies Declarations
