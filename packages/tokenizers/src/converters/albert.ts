/** @file ALBERT, XLNet and their relatives: SentencePiece whose texts are cleaned like BERT's. */
import type { NormalizerConfig } from '../normalizers'
import type { TokenizerConfig } from '../pretrained/files'
import {
  fromSentencePiece,
  metaspace,
  numberCommaVocab,
  regexReplace,
  type SentencePieceOptions,
  sequence,
  stringReplace,
} from './sentence-piece'
import { clsSep, withTemplate } from './template'
import {
  BERT_TOKENS,
  type Context,
  type Declarations,
  MASK,
  matching,
  NORMALIZED,
  NORMALIZED_MASK,
  SPECIAL,
  type TokenizerClass,
  WITH_TYPES,
  WITHOUT_TYPES,
} from './tokenizer-class'

interface Cleaning {
  lowercase: boolean
  keepAccents: boolean
}

const QUOTES = [stringReplace('``', '"'), stringReplace("''", '"')]
const ONE_SPACE = regexReplace(' {2,}', ' ')

/** What the configuration says, or else the class. */
const cleaningOf = ({ do_lower_case, keep_accents }: TokenizerConfig, otherwise: Cleaning): Cleaning => ({
  lowercase: do_lower_case ?? otherwise.lowercase,
  keepAccents: keep_accents ?? otherwise.keepAccents,
})

const clean = ({ lowercase, keepAccents }: Cleaning): NormalizerConfig[] => [
  ...(keepAccents ? [] : [{ type: 'NFKD' } as const, { type: 'StripAccents' } as const]),
  ...(lowercase ? [{ type: 'Lowercase' } as const] : []),
]

const numberCommas = (config: TokenizerConfig, otherwise: Cleaning): SentencePieceOptions => ({
  vocab: numberCommaVocab,
  normalizer: (charsmap) =>
    sequence([...QUOTES, ...clean(cleaningOf(config, otherwise)), ...charsmap, ONE_SPACE]),
})

const fromAlbert = (otherwise: Cleaning) => (context: Context) =>
  withTemplate(
    fromSentencePiece(context.files, 'spiece.model', numberCommas(context.config, otherwise)),
    context,
    ...clsSep('[CLS]', '[SEP]'),
  )

const ALBERT_TOKENS: Declarations = {
  bos_token: '[CLS]',
  eos_token: '[SEP]',
  ...BERT_TOKENS,
  unk_token: '<unk>',
  pad_token: '<pad>',
  mask_token: { content: '[MASK]', ...MASK },
}

const BIG_BIRD_TOKENS = {
  ...BERT_TOKENS,
  bos_token: '<s>',
  eos_token: '</s>',
  unk_token: '<unk>',
  pad_token: '<pad>',
}

export const albertClasses: Record<string, TokenizerClass> = {
  AlbertTokenizer: {
    inputs: WITH_TYPES,
    vocabulary: ['spiece.model'],
    tokens: ALBERT_TOKENS,
    convert: fromAlbert({ lowercase: true, keepAccents: false }),
  },
  FNetTokenizer: {
    inputs: ['input_ids', 'token_type_ids'],
    vocabulary: ['spiece.model'],
    tokens: {
      unk_token: '<unk>',
      sep_token: { content: '[SEP]', ...SPECIAL },
      pad_token: '<pad>',
      cls_token: { content: '[CLS]', ...SPECIAL },
      mask_token: { content: '[MASK]', ...MASK },
    },
    convert: fromAlbert({ lowercase: false, keepAccents: true }),
  },
  XLNetTokenizer: {
    inputs: WITH_TYPES,
    vocabulary: ['spiece.model'],
    tokens: {
      bos_token: '<s>',
      eos_token: '</s>',
      unk_token: '<unk>',
      sep_token: '<sep>',
      pad_token: '<pad>',
      cls_token: '<cls>',
      mask_token: { content: '<mask>', ...MASK },
    },
    additional: (given) => given ?? ['<eop>', '<eod>'],
    convert: (context) =>
      withTemplate(
        fromSentencePiece(
          context.files,
          'spiece.model',
          numberCommas(context.config, { lowercase: false, keepAccents: false }),
        ),
        context,
        ['$A', '<sep>', ['<cls>', 2]],
        ['$A', '<sep>', ['$B', 1], ['<sep>', 1], ['<cls>', 2]],
      ),
    paddingSide: 'left',
    padTokenTypeId: 3,
  },
  RemBertTokenizer: {
    inputs: WITH_TYPES,
    vocabulary: ['sentencepiece.model'],
    tokens: ALBERT_TOKENS,
    bareTokens: { unk_token: '[UNK]', pad_token: '[PAD]', mask_token: NORMALIZED_MASK },
    convert: (context) => {
      const cleaning = cleaningOf(context.config, { lowercase: false, keepAccents: true })
      const json = fromSentencePiece(context.files, 'sentencepiece.model', {
        normalizer: (charsmap) => sequence([...QUOTES, ONE_SPACE, ...clean(cleaning), ...charsmap]),
      })
      return withTemplate(json, context, ...clsSep('[CLS]', '[SEP]'))
    },
  },
  BigBirdTokenizer: {
    inputs: WITHOUT_TYPES,
    vocabulary: ['spiece.model'],
    tokens: matching(BIG_BIRD_TOKENS, SPECIAL, { mask_token: { content: '[MASK]', ...MASK } }),
    bareTokens: matching(BIG_BIRD_TOKENS, NORMALIZED, { mask_token: NORMALIZED_MASK }),
    convert: (context) =>
      withTemplate(fromSentencePiece(context.files, 'spiece.model'), context, ...clsSep('[CLS]', '[SEP]')),
  },
  DebertaV2Tokenizer: {
    inputs: WITH_TYPES,
    vocabulary: ['spm.model'],
    tokens: { bos_token: '[CLS]', eos_token: '[SEP]', ...BERT_TOKENS },
    bareTokens: { unk_token: NORMALIZED },
    convert: (context) => {
      const { do_lower_case = false, split_by_punct = false } = context.config
      const json = fromSentencePiece(context.files, 'spm.model', {
        normalizer: (charsmap) =>
          sequence([
            ...clean({ lowercase: do_lower_case, keepAccents: true }),
            { type: 'Strip', strip_left: true, strip_right: true },
            ...charsmap,
            ONE_SPACE,
          ]),
        preTokenizer: {
          type: 'Sequence',
          pretokenizers: [
            ...(split_by_punct ? [{ type: 'Punctuation', behavior: 'Isolated' } as const] : []),
            metaspace(),
          ],
        },
      })
      return withTemplate(json, context, ...clsSep('[CLS]', '[SEP]'))
    },
  },
  ReformerTokenizer: {
    inputs: WITHOUT_TYPES,
    vocabulary: ['spiece.model'],
    tokens: { eos_token: '</s>', unk_token: '<unk>' },
    convert: ({ files }) => fromSentencePiece(files, 'spiece.model'),
  },
}
