/** @file XLM-R and its relatives: SentencePiece with the special tokens where fairseq has them. */
import { fairseqVocab, fromSentencePiece, scored } from './sentence-piece'
import { doubleSep, type Part, withTemplate } from './template'
import {
  type Declarations,
  MASK,
  ROBERTA_TOKENS,
  type TokenizerClass,
  WITHOUT_TYPES,
} from './tokenizer-class'

export const FAIRSEQ_FRONT = ['<s>', '<pad>', '</s>', '<unk>']
/** How many pieces of a model those replace. */
export const FAIRSEQ_SKIPPED = 3
export const FAIRSEQ_UNK = 3
export const FAIRSEQ_FILE = 'sentencepiece.bpe.model'

export const FAIRSEQ_TOKENS: Declarations = {
  ...ROBERTA_TOKENS,
  mask_token: { content: '<mask>', ...MASK },
}

const xlmRoberta: TokenizerClass = {
  inputs: WITHOUT_TYPES,
  vocabulary: [FAIRSEQ_FILE],
  tokens: FAIRSEQ_TOKENS,
  convert: (context) => {
    const vocab = fairseqVocab(FAIRSEQ_FRONT, FAIRSEQ_SKIPPED, ['<mask>'])
    const json = fromSentencePiece(context.files, FAIRSEQ_FILE, { vocab, unkId: FAIRSEQ_UNK })
    return withTemplate(json, context, ...doubleSep('<s>', '</s>'))
  },
}

const MADE_UP = Array.from({ length: 7 }, (_, i) => `<madeupword${i}>`)

export const fairseqClasses: Record<string, TokenizerClass> = {
  XLMRobertaTokenizer: xlmRoberta,
  LayoutXLMTokenizer: xlmRoberta,
  BarthezTokenizer: {
    ...xlmRoberta,
    convert: (context) => {
      const json = fromSentencePiece(context.files, FAIRSEQ_FILE, { unkId: FAIRSEQ_UNK })
      return withTemplate(json, context, ...doubleSep('<s>', '</s>'))
    },
  },
  CamembertTokenizer: {
    ...xlmRoberta,
    additional: (given) => given ?? ['<s>NOTUSED', '</s>NOTUSED', '<unk>NOTUSED'],
    convert: (context) => {
      const json = fromSentencePiece(context.files, FAIRSEQ_FILE, {
        vocab: (pieces) => [
          ['<s>NOTUSED', 0],
          ['<pad>', 0],
          ['</s>NOTUSED', 0],
          ['<unk>', 0],
          // The model's own unknown token stays, too unlikely to be taken.
          ['<unk>NOTUSED', -100],
          ...scored(pieces.slice(1)),
          ['<mask>', 0],
        ],
        unkId: FAIRSEQ_UNK,
      })
      return withTemplate(json, context, ...doubleSep('<s>', '</s>'))
    },
  },
  XGLMTokenizer: {
    ...xlmRoberta,
    tokens: ROBERTA_TOKENS,
    additional: (given = []) => [...given, ...MADE_UP.filter((word) => !given.includes(word))],
    convert: (context) => {
      const vocab = fairseqVocab(FAIRSEQ_FRONT, FAIRSEQ_SKIPPED, MADE_UP)
      const json = fromSentencePiece(context.files, FAIRSEQ_FILE, { vocab, unkId: FAIRSEQ_UNK })
      const single: Part[] = ['</s>', '$A']
      return withTemplate(json, context, single, [...single, '</s>', '</s>', '$B'])
    },
  },
}
