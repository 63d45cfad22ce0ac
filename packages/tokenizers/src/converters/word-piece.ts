/** @file BERT and its relatives: WordPiece, one token a line of vocab.txt. */
import { TokenizerError } from '../errors'
import type { TokenizerConfig } from '../pretrained/files'
import type { TokenizerJson } from '../tokenizer'
import { clsSep, type Part, withTemplate } from './template'
import {
  BERT_TOKENS,
  type Context,
  MASK,
  matching,
  ROBERTA_TOKENS,
  SPECIAL,
  type TokenizerClass,
  WITH_TYPES,
  WITHOUT_TYPES,
} from './tokenizer-class'

/** @param parts what stands around one text and a pair, from the texts of the special tokens. */
function fromVocabTxt(
  context: Context,
  parts: (cls: string, sep: string) => [single: Part[], pair: Part[]] = clsSep,
): TokenizerJson {
  const { files, config, roles } = context
  const lines = files['vocab.txt']!.split(/\r\n|\r|\n/)
  if (lines.at(-1) === '') lines.pop()
  const [unk, cls, sep] = [roles.unk_token, roles.cls_token, roles.sep_token]
  if (unk === undefined || cls === undefined || sep === undefined) {
    throw new TokenizerError(
      'The configuration takes away unk_token, cls_token or sep_token, and the tokenizer needs all three.',
    )
  }
  const basic = config.do_basic_tokenize ?? true
  const json: TokenizerJson = {
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: basic && (config.tokenize_chinese_chars ?? true),
      strip_accents: basic ? (config.strip_accents ?? null) : false,
      lowercase: basic && (config.do_lower_case ?? true),
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    model: {
      type: 'WordPiece',
      vocab: Object.fromEntries(lines.map((line, id) => [line, id])),
      unk_token: unk,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  }
  return withTemplate(json, context, ...parts(cls, sep))
}

/** The configuration has the last word on cleaning; of some classes not on Chinese characters. */
const adaptCleaning =
  (cjk: boolean) =>
  (json: TokenizerJson, { config }: { config: TokenizerConfig }): TokenizerJson => {
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

const bert: TokenizerClass = {
  inputs: WITH_TYPES,
  vocabulary: ['vocab.txt'],
  tokens: BERT_TOKENS,
  convert: fromVocabTxt,
  adapt: adaptCleaning(true),
  bareSettings: { cleanUp: true },
}
const unclean: TokenizerClass = { ...bert, bareSettings: {} }

export const wordPieceClasses: Record<string, TokenizerClass> = {
  BertTokenizer: bert,
  ConvBertTokenizer: bert,
  DPRContextEncoderTokenizer: bert,
  DPRQuestionEncoderTokenizer: bert,
  DPRReaderTokenizer: { ...bert, inputs: WITHOUT_TYPES },
  DistilBertTokenizer: { ...bert, inputs: WITHOUT_TYPES },
  ElectraTokenizer: bert,
  LayoutLMTokenizer: bert,
  LxmertTokenizer: bert,
  MobileBertTokenizer: bert,
  SqueezeBertTokenizer: bert,
  RealmTokenizer: unclean,
  RetriBertTokenizer: { ...unclean, inputs: WITHOUT_TYPES },
  LayoutLMv2Tokenizer: {
    ...unclean,
    bareTokens: matching(BERT_TOKENS, SPECIAL),
    adapt: adaptCleaning(false),
    bareSettings: { modelMaxLength: 512 },
  },
  FunnelTokenizer: {
    ...bert,
    tokens: {
      bos_token: '<s>',
      eos_token: '</s>',
      unk_token: '<unk>',
      sep_token: '<sep>',
      pad_token: '<pad>',
      cls_token: '<cls>',
      mask_token: '<mask>',
    },
    // The first token has a type of its own.
    convert: (context) =>
      fromVocabTxt(context, (cls, sep) => [
        [[cls, 2], '$A', sep],
        [[cls, 2], '$A', sep, ['$B', 1], [sep, 1]],
      ]),
  },
  MPNetTokenizer: {
    ...bert,
    inputs: WITHOUT_TYPES,
    tokens: matching({ ...ROBERTA_TOKENS, unk_token: '[UNK]' }, SPECIAL, {
      mask_token: { content: '<mask>', ...MASK },
    }),
    convert: (context) =>
      fromVocabTxt(context, (cls, sep) => [
        [cls, '$A', sep],
        [cls, '$A', sep, sep, ['$B', 1], [sep, 1]],
      ]),
    adapt: adaptCleaning(false),
  },
  SplinterTokenizer: {
    ...unclean,
    additional: (_, { question_token = '[QUESTION]' }) => [question_token],
    convert: (context) => {
      const { question_token: question = '[QUESTION]', padding_side } = context.config
      // The slow class doesn't add the question's token: what vocab.txt lacks is unknown.
      const added = context.added.filter((token) => token !== question)
      return fromVocabTxt({ ...context, added }, (cls, sep) => [
        [cls, '$A', sep],
        padding_side === 'left'
          ? [cls, '$A', sep, ['$B', 1], question, '.', [sep, 1]]
          : [cls, '$A', question, '.', sep, ['$B', 1], [sep, 1]],
      ])
    },
    adapt: adaptCleaning(false),
  },
}
