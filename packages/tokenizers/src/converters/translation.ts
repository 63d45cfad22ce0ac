/** @file MBart, NLLB and SeamlessM4T: SentencePiece with languages, of which the source's stands around the text. */
import { contentOf } from '../pretrained/special-tokens'
import type { TokenizerJson } from '../tokenizer'
import { FAIRSEQ_FILE, FAIRSEQ_FRONT, FAIRSEQ_SKIPPED, FAIRSEQ_TOKENS, FAIRSEQ_UNK } from './fairseq'
import { MBART_CODES, MBART50_CODES, NLLB_CODES } from './language-codes'
import { type Direction, languagesOfClass, languageTemplate } from './languages'
import { fairseqVocab, fromSentencePiece } from './sentence-piece'
import { tokenIds } from './token-ids'
import {
  type Context,
  NORMALIZED_MASK,
  ROBERTA_TOKENS,
  SPECIAL,
  type TokenizerClass,
  WITHOUT_TYPES,
} from './tokenizer-class'

/** The class's own language template, as it stands once the tokenizer is made. */
const adapt =
  (name: string, direction: Direction = 'source') =>
  (json: TokenizerJson, context: Context): TokenizerJson => {
    const { eos_token: eos, unk_token: unk } = context.roles
    const idOf = tokenIds(json, context)
    const languages = languagesOfClass(name)!
    const post_processor = languageTemplate(languages, context.config, direction, { eos, unk }, idOf)
    return { ...json, post_processor }
  }

const convert =
  (front: readonly string[], back: readonly string[] = []) =>
  ({ files }: Context): TokenizerJson =>
    fromSentencePiece(files, FAIRSEQ_FILE, {
      vocab: fairseqVocab(front, FAIRSEQ_SKIPPED, back),
      unkId: FAIRSEQ_UNK,
    })

const mbart: TokenizerClass = {
  inputs: WITHOUT_TYPES,
  vocabulary: [FAIRSEQ_FILE],
  tokens: FAIRSEQ_TOKENS,
  additional: (given = []) => [
    ...MBART_CODES,
    ...given.filter((token) => !MBART_CODES.includes(contentOf(token))),
  ],
  convert: convert(FAIRSEQ_FRONT, [...MBART_CODES, '<mask>']),
  adapt: adapt('MBartTokenizer'),
}

const { bos_token: _, ...WITHOUT_BOS } = FAIRSEQ_TOKENS

const SEAMLESS_FRONT = ['<pad>', '<unk>', '<s>', '</s>']

export const translationClasses: Record<string, TokenizerClass> = {
  MBartTokenizer: mbart,
  MBart50Tokenizer: {
    ...mbart,
    tokens: WITHOUT_BOS,
    bareTokens: { mask_token: NORMALIZED_MASK },
    additional: (given = []) => [...given, ...MBART50_CODES.filter((code) => !given.includes(code))],
    convert: convert(FAIRSEQ_FRONT, [...MBART50_CODES, '<mask>']),
    adapt: adapt('MBart50Tokenizer'),
  },
  NllbTokenizer: {
    ...mbart,
    tokens: { ...ROBERTA_TOKENS, mask_token: { content: '<mask>', ...NORMALIZED_MASK } },
    bareTokens: { bos_token: SPECIAL, eos_token: SPECIAL, unk_token: SPECIAL, pad_token: SPECIAL },
    additional: (given) => given ?? NLLB_CODES,
    convert: convert(FAIRSEQ_FRONT),
    adapt: adapt('NllbTokenizer'),
  },
  SeamlessM4TTokenizer: {
    ...mbart,
    tokens: ROBERTA_TOKENS,
    additional: (given) => given,
    convert: ({ files, config }) =>
      fromSentencePiece(files, FAIRSEQ_FILE, {
        vocab: fairseqVocab(SEAMLESS_FRONT, FAIRSEQ_SKIPPED),
        unkId: SEAMLESS_FRONT.indexOf('<unk>'),
        spacing: { add_prefix_space: config.add_prefix_space, legacy: false },
      }),
    // The target language is set last, so it stands there until the source's is asked for.
    adapt: adapt('SeamlessM4TTokenizer', 'target'),
  },
}
