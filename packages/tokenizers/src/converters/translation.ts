/** @file MBart, NLLB and SeamlessM4T: SentencePiece with languages, of which the source's stands around the text. */
import { contentOf } from '../pretrained/special-tokens'
import type { TokenizerJson } from '../tokenizer'
import { FAIRSEQ_FILE, FAIRSEQ_FRONT, FAIRSEQ_SKIPPED, FAIRSEQ_TOKENS, FAIRSEQ_UNK } from './fairseq'
import { MBART_CODES, MBART50_CODES, NLLB_CODES } from './language-codes'
import { fairseqVocab, fromSentencePiece } from './sentence-piece'
import { template } from './template'
import { tokenIds } from './token-ids'
import {
  type Context,
  NORMALIZED_MASK,
  ROBERTA_TOKENS,
  SPECIAL,
  type TokenizerClass,
  WITHOUT_TYPES,
} from './tokenizer-class'

/** `before` the texts and `after`; a token that the vocabulary lacks is the unknown token, by its own name. */
function withLanguage(
  json: TokenizerJson,
  context: Context,
  before: readonly string[],
  after: readonly string[],
): TokenizerJson {
  const idOf = tokenIds(json, context)
  const unk = context.roles.unk_token ?? ''
  const named = (token: string) => (token !== unk && idOf(token) === idOf(unk) ? unk : token)
  const [first, last] = [before.map(named), after.map(named)]
  const post_processor = template([...first, '$A', ...last], [...first, '$A', '$B', ...last], idOf)
  return { ...json, post_processor }
}

const eosOf = ({ roles }: Context) => roles.eos_token ?? '</s>'

const afterText = (json: TokenizerJson, context: Context, language: string) =>
  withLanguage(json, context, [], [eosOf(context), language])
const beforeText = (json: TokenizerJson, context: Context, language: string) =>
  withLanguage(json, context, [language], [eosOf(context)])

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
  adapt: (json, context) => afterText(json, context, context.config.src_lang ?? 'en_XX'),
}

const { bos_token: _, ...WITHOUT_BOS } = FAIRSEQ_TOKENS

/** `eng` is written `__eng__`. */
const seamlessCode = (language: string) => (language.includes('__') ? language : `__${language}__`)

const SEAMLESS_FRONT = ['<pad>', '<unk>', '<s>', '</s>']

export const translationClasses: Record<string, TokenizerClass> = {
  MBartTokenizer: mbart,
  MBart50Tokenizer: {
    ...mbart,
    tokens: WITHOUT_BOS,
    bareTokens: { mask_token: NORMALIZED_MASK },
    additional: (given = []) => [...given, ...MBART50_CODES.filter((code) => !given.includes(code))],
    convert: convert(FAIRSEQ_FRONT, [...MBART50_CODES, '<mask>']),
    adapt: (json, context) => beforeText(json, context, context.config.src_lang ?? 'en_XX'),
  },
  NllbTokenizer: {
    ...mbart,
    tokens: { ...ROBERTA_TOKENS, mask_token: { content: '<mask>', ...NORMALIZED_MASK } },
    bareTokens: { bos_token: SPECIAL, eos_token: SPECIAL, unk_token: SPECIAL, pad_token: SPECIAL },
    additional: (given) => given ?? NLLB_CODES,
    convert: convert(FAIRSEQ_FRONT),
    adapt: (json, context) => {
      const { src_lang, legacy_behaviour = false } = context.config
      return (legacy_behaviour ? afterText : beforeText)(json, context, src_lang ?? 'eng_Latn')
    },
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
    adapt: (json, context) => {
      const language = seamlessCode(context.config.tgt_lang ?? 'fra')
      return withLanguage(json, context, [eosOf(context), language], [eosOf(context)])
    },
  },
}
