/** @file What `tokenizer_class` stands for: a model's inputs, its special tokens, and how its files become a tokenizer.json. */
import { TokenizerError } from '../errors'
import type { TokenizerJson } from '../tokenizer'
import type { TokenizerConfig, TokenizerFiles } from './files'
import type { Role, TokenLike } from './special-tokens'
import { fromVocabJson, fromVocabTxt } from './vocabulary-files'

export interface TokenizerClass {
  inputs: readonly string[]
  /** Tokens in their roles, where the files name none. */
  tokens: Partial<Record<Role, string>>
  additional?: readonly string[]
  /** How a token matches of which the files give only the text; `bare`: there is no tokenizer.json. */
  declare?: (role: Role, content: string, bare: boolean) => TokenLike
  /** What the class itself sets in a tokenizer.json. */
  adapt?: (json: TokenizerJson, config: TokenizerConfig) => TokenizerJson
  /** Whether lists of words need `add_prefix_space`. */
  needsPrefixSpace?: boolean
  /** The tokenizer.json that other files amount to. */
  convert?: (files: TokenizerFiles, config: TokenizerConfig) => TokenizerJson | undefined
}

const WITH_TYPES = ['input_ids', 'token_type_ids', 'attention_mask']
const WITHOUT_TYPES = ['input_ids', 'attention_mask']

const BERT_TOKENS = {
  unk_token: '[UNK]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  cls_token: '[CLS]',
  mask_token: '[MASK]',
}
const ROBERTA_TOKENS = {
  bos_token: '<s>',
  eos_token: '</s>',
  unk_token: '<unk>',
  sep_token: '</s>',
  pad_token: '<pad>',
  cls_token: '<s>',
  mask_token: '<mask>',
}

/** The mask takes the space before it along, like any other word. */
const wordMask = (content: string, normalized: boolean): TokenLike => ({ content, lstrip: true, normalized })

const declareMask =
  (normalized: boolean): TokenizerClass['declare'] =>
  (role, content) =>
    role === 'mask_token' ? wordMask(content, normalized) : content

/** BERT's classes let the configuration have the last word on cleaning. */
function adaptNormalizer(json: TokenizerJson, config: TokenizerConfig, cjk: boolean): TokenizerJson {
  const { normalizer } = json
  if (normalizer?.type !== 'BertNormalizer') return json
  return {
    ...json,
    normalizer: {
      ...normalizer,
      lowercase: config.do_lower_case ?? true,
      strip_accents: config.strip_accents ?? null,
      handle_chinese_chars: cjk ? (config.tokenize_chinese_chars ?? true) : normalizer.handle_chinese_chars,
    },
  }
}

function adaptByteLevel(json: TokenizerJson, config: TokenizerConfig): TokenizerJson {
  const { post_processor } = json
  if (post_processor?.type !== 'RobertaProcessing' && post_processor?.type !== 'ByteLevel') return json
  const { add_prefix_space = false, trim_offsets = true } = config
  return { ...json, post_processor: { ...post_processor, add_prefix_space, trim_offsets } }
}

const bert: TokenizerClass = {
  inputs: WITH_TYPES,
  tokens: BERT_TOKENS,
  adapt: (json, config) => adaptNormalizer(json, config, true),
  convert: (files, config) => fromVocabTxt(files, config, { ...BERT_TOKENS, separators: 1 }),
}

const classes: Record<string, TokenizerClass> = {
  BertTokenizer: bert,
  DistilBertTokenizer: { ...bert, inputs: WITHOUT_TYPES },
  ElectraTokenizer: bert,
  MPNetTokenizer: {
    inputs: WITHOUT_TYPES,
    tokens: { ...ROBERTA_TOKENS, unk_token: '[UNK]' },
    declare: (role, content, bare) =>
      role === 'mask_token' ? wordMask(content, !bare) : { content, normalized: !bare },
    adapt: (json, config) => adaptNormalizer(json, config, false),
    convert: (files, config) =>
      fromVocabTxt(files, config, { unk_token: '[UNK]', cls_token: '<s>', sep_token: '</s>', separators: 2 }),
  },
  RobertaTokenizer: {
    inputs: WITHOUT_TYPES,
    tokens: ROBERTA_TOKENS,
    declare: (role, content, bare) =>
      role === 'mask_token' ? wordMask(content, false) : { content, normalized: bare },
    needsPrefixSpace: true,
    adapt: adaptByteLevel,
    convert: (files, config) => fromVocabJson(files, config, ROBERTA_TOKENS),
  },
  XLMRobertaTokenizer: { inputs: WITHOUT_TYPES, tokens: ROBERTA_TOKENS, declare: declareMask(true) },
  CamembertTokenizer: {
    inputs: WITHOUT_TYPES,
    tokens: ROBERTA_TOKENS,
    additional: ['<s>NOTUSED', '</s>NOTUSED', '<unk>NOTUSED'],
    declare: declareMask(false),
  },
  AlbertTokenizer: {
    inputs: WITH_TYPES,
    tokens: {
      bos_token: '[CLS]',
      eos_token: '[SEP]',
      unk_token: '<unk>',
      sep_token: '[SEP]',
      pad_token: '<pad>',
      cls_token: '[CLS]',
      mask_token: '[MASK]',
    },
    declare: declareMask(false),
  },
}

/** Any other class: the tokenizer.json says all. */
const base: TokenizerClass = { inputs: WITH_TYPES, tokens: {} }

/** Which class a model's tokenizer is of, where its files don't say. */
const classOfModel: Record<string, string> = {
  albert: 'AlbertTokenizer',
  bert: 'BertTokenizer',
  camembert: 'CamembertTokenizer',
  distilbert: 'DistilBertTokenizer',
  electra: 'ElectraTokenizer',
  mpnet: 'MPNetTokenizer',
  roberta: 'RobertaTokenizer',
  'xlm-roberta': 'XLMRobertaTokenizer',
}

export function classOf({ tokenizer_class }: TokenizerConfig, files: TokenizerFiles): TokenizerClass {
  const { tokenizer_class: ofModel, model_type } = files['config.json'] ?? {}
  const name = tokenizer_class ?? ofModel ?? classOfModel[model_type ?? ''] ?? ''
  return classes[name.replace(/Fast$/, '')] ?? base
}

/**
 * The tokenizer.json of a repository: its own, or what its other files amount to, as the class adapts it.
 * @throws {TokenizerError} when no file of them says what the tokenizer is.
 */
export function tokenizerJson(
  kind: TokenizerClass,
  files: TokenizerFiles,
  config: TokenizerConfig,
): TokenizerJson {
  const own = files['tokenizer.json'] ?? kind.convert?.(files, config)
  if (own === undefined) {
    throw new TokenizerError(
      `No tokenizer in ${JSON.stringify(Object.keys(files))}. It needs tokenizer.json, or vocab.txt for a BERT-like or vocab.json and merges.txt for a RoBERTa-like tokenizer_class.`,
    )
  }
  const { pre_tokenizer } = own
  const adapted =
    pre_tokenizer?.type === 'ByteLevel'
      ? { ...own, pre_tokenizer: { ...pre_tokenizer, add_prefix_space: config.add_prefix_space ?? false } }
      : own
  return kind.adapt?.(adapted, config) ?? adapted
}
