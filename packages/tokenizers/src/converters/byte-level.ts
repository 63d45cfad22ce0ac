/** @file GPT-2, RoBERTa and their relatives: byte-level BPE from vocab.json and merges.txt. */
import type { PostProcessorConfig } from '../post-processors'
import type { PreTokenizerConfig } from '../pre-tokenizers'
import type { ByteLevelConfig } from '../pre-tokenizers/byte-level'
import type { TokenizerFiles } from '../pretrained/files'
import type { TokenizerJson } from '../tokenizer'
import { clsSep, withTemplate } from './template'
import { tokenIds } from './token-ids'
import {
  BERT_TOKENS,
  type Context,
  type Declarations,
  MASK,
  matching,
  NORMALIZED,
  NORMALIZED_MASK,
  ROBERTA_TOKENS,
  SPECIAL,
  type TokenizerClass,
  WITH_TYPES,
  WITHOUT_TYPES,
} from './tokenizer-class'

/** The merges of a file, each once; `from` and `to` as Python slices its lines. */
export function mergesOf(files: TokenizerFiles, from = 1, to = -1): string[] {
  const lines = files['merges.txt']!.split(/\r\n|\r|\n/).slice(from, to)
  return [...new Set(lines.filter((line) => line.trim() !== ''))]
}

/** GPT-2's words, cut by its expression; the configuration may put a space before the first. */
export const byteLevel = (add_prefix_space: boolean, use_regex = true): PreTokenizerConfig => ({
  type: 'ByteLevel',
  add_prefix_space,
  trim_offsets: true,
  use_regex,
})

/** Its settings mean nothing to a decoder; they are written as the library writes them. */
export const BYTE_LEVEL_DECODER: ByteLevelConfig = {
  type: 'ByteLevel',
  add_prefix_space: true,
  trim_offsets: true,
  use_regex: true,
}

/** Does nothing but tell the texts of a pair apart. */
export const UNTRIMMED: PostProcessorConfig = {
  type: 'ByteLevel',
  add_prefix_space: true,
  trim_offsets: false,
  use_regex: true,
}

export function fromVocabJson(
  { files, config }: Context,
  { addPrefixSpace = false, unk }: { addPrefixSpace?: boolean; unk?: string | undefined } = {},
): TokenizerJson {
  return {
    normalizer: null,
    pre_tokenizer: byteLevel(config.add_prefix_space ?? addPrefixSpace),
    model: {
      type: 'BPE',
      unk_token: unk ?? null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: files['vocab.json']!,
      merges: mergesOf(files),
    },
    post_processor: UNTRIMMED,
    decoder: BYTE_LEVEL_DECODER,
  }
}

function fromRoberta(context: Context, addPrefixSpace = false): TokenizerJson {
  const json = fromVocabJson(context, { addPrefixSpace })
  const idOf = tokenIds(json, context)
  const special = (token = ''): [string, number] => [token, idOf(token)]
  return {
    ...json,
    post_processor: {
      type: 'RobertaProcessing',
      sep: special(context.roles.sep_token),
      cls: special(context.roles.cls_token),
      trim_offsets: true,
      add_prefix_space: context.config.add_prefix_space ?? addPrefixSpace,
    },
  }
}

/** The configuration has the last word on spaces. */
const adaptSpaces =
  ({ addPrefixSpace = false, trims = true } = {}) =>
  (json: TokenizerJson, { config }: Context): TokenizerJson => {
    const { post_processor } = json
    if (post_processor?.type !== 'RobertaProcessing' && post_processor?.type !== 'ByteLevel') return json
    const add_prefix_space = config.add_prefix_space ?? addPrefixSpace
    const trimmed = trims ? { trim_offsets: config.trim_offsets ?? true } : {}
    return { ...json, post_processor: { ...post_processor, add_prefix_space, ...trimmed } }
  }

const WITH_MASK: Declarations = { ...ROBERTA_TOKENS, mask_token: { content: '<mask>', ...MASK } }
const WITH_NORMALIZED_MASK: Declarations = {
  ...ROBERTA_TOKENS,
  mask_token: { content: '<mask>', ...NORMALIZED_MASK },
}
const NORMALIZED_TOKENS = matching(ROBERTA_TOKENS, NORMALIZED)

const roberta: TokenizerClass = {
  inputs: WITHOUT_TYPES,
  vocabulary: ['vocab.json', 'merges.txt'],
  tokens: WITH_MASK,
  bareTokens: { ...NORMALIZED_TOKENS, mask_token: MASK },
  convert: (context) => fromRoberta(context),
  adapt: adaptSpaces(),
  needsPrefixSpace: true,
}
const bart: TokenizerClass = {
  ...roberta,
  tokens: WITH_NORMALIZED_MASK,
  bareTokens: { ...NORMALIZED_TOKENS, mask_token: NORMALIZED_MASK },
}

export const END = { bos_token: '<|endoftext|>', eos_token: '<|endoftext|>', unk_token: '<|endoftext|>' }

export const gpt2: TokenizerClass = {
  inputs: WITHOUT_TYPES,
  vocabulary: ['vocab.json', 'merges.txt'],
  tokens: END,
  bareTokens: { ...matching(END, NORMALIZED), pad_token: NORMALIZED },
  convert: (context) => {
    const json = fromVocabJson(context)
    const { bos_token: bos } = context.roles
    if (!context.config.add_bos_token || bos === undefined) return json
    return withTemplate(json, context, [bos, '$A'], [bos, '$A', ['$B', 1]])
  },
  needsPrefixSpace: true,
}

const DEBERTA_TOKENS: Declarations = { bos_token: '[CLS]', eos_token: '[SEP]', ...BERT_TOKENS }

export const QWEN2_PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

export const byteLevelClasses: Record<string, TokenizerClass> = {
  RobertaTokenizer: roberta,
  LongformerTokenizer: roberta,
  BartTokenizer: bart,
  LEDTokenizer: bart,
  MvpTokenizer: {
    ...roberta,
    tokens: matching(ROBERTA_TOKENS, SPECIAL, { mask_token: { content: '<mask>', ...MASK } }),
    bareTokens: {},
  },
  LayoutLMv3Tokenizer: {
    ...bart,
    tokens: { ...ROBERTA_TOKENS, mask_token: '<mask>' },
    convert: (context) => fromRoberta(context, true),
    adapt: adaptSpaces({ addPrefixSpace: true }),
    addPrefixSpace: true,
    needsPrefixSpace: false,
  },
  BlenderbotTokenizer: {
    ...roberta,
    // Of a pair, Python's template says nothing.
    convert: (context) => {
      const { eos_token: eos = '' } = context.roles
      return withTemplate(fromVocabJson(context), context, ['$A', eos], ['$A', ['$B', 1]])
    },
  },
  MarkupLMTokenizer: {
    ...roberta,
    inputs: WITH_TYPES,
    tokens: matching(ROBERTA_TOKENS, SPECIAL, { mask_token: { content: '<mask>', ...MASK } }),
    bareTokens: { ...NORMALIZED_TOKENS, mask_token: NORMALIZED_MASK },
    convert: (context) => {
      const { cls_token: cls = '', sep_token: sep = '', unk_token: unk } = context.roles
      const json = fromVocabJson(context, { unk })
      return withTemplate(json, context, [cls, '$A', sep], [cls, '$A', sep, '$B', sep])
    },
    adapt: adaptSpaces({ trims: false }),
    needsPrefixSpace: false,
  },
  DebertaTokenizer: {
    ...gpt2,
    inputs: ['input_ids', 'attention_mask', 'token_type_ids'],
    tokens: DEBERTA_TOKENS,
    bareTokens: { ...matching(DEBERTA_TOKENS, SPECIAL), mask_token: NORMALIZED_MASK },
    convert: (context) => withTemplate(fromVocabJson(context), context, ...clsSep('[CLS]', '[SEP]')),
  },
  GPT2Tokenizer: gpt2,
  CodeGenTokenizer: {
    ...gpt2,
    bareTokens: { ...matching(END, SPECIAL), pad_token: SPECIAL },
  },
  Qwen2Tokenizer: {
    ...gpt2,
    tokens: {
      bos_token: SPECIAL,
      ...matching(
        { eos_token: '<|endoftext|>', unk_token: '<|endoftext|>', pad_token: '<|endoftext|>' },
        SPECIAL,
      ),
    },
    bareTokens: {},
    convert: (context) => {
      const json = fromVocabJson(context)
      const first = context.files['merges.txt']!.startsWith('#version:') ? 1 : 0
      return {
        ...json,
        model: { ...json.model, merges: mergesOf(context.files, first, undefined) } as TokenizerJson['model'],
        normalizer: { type: 'NFC' },
        pre_tokenizer: {
          type: 'Sequence',
          pretokenizers: [
            { type: 'Split', pattern: { Regex: QWEN2_PATTERN }, behavior: 'Isolated', invert: false },
            byteLevel(false, false),
          ],
        },
      }
    },
    needsPrefixSpace: false,
  },
}
