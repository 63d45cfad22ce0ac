/** @file T5, UDOP and Pegasus: SentencePiece whose texts end in `</s>`, with tokens for what is left out. */
import { TokenizerError } from '../errors'
import type { TokenizerConfig } from '../pretrained/files'
import { contentOf, type TokenLike } from '../pretrained/special-tokens'
import type { TokenizerJson } from '../tokenizer'
import { fromSentencePiece, metaspace, type Scored, scored } from './sentence-piece'
import { type Part, withTemplate } from './template'
import {
  type Context,
  type Declarations,
  matching,
  SPECIAL,
  type TokenizerClass,
  WITHOUT_TYPES,
} from './tokenizer-class'

const TOKENS: Declarations = { eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>' }

const EOS_PARTS: [Part[], Part[]] = [
  ['$A', '</s>'],
  ['$A', '</s>', '$B', '</s>'],
]

const EXTRA_IDS = 100

const extraIds = (count: number) => Array.from({ length: count }, (_, i) => `<extra_id_${i}>`)

/** The tokens that stand for what is left out of a text. */
function withExtraIds(
  given: readonly TokenLike[] | undefined,
  { extra_ids = EXTRA_IDS }: TokenizerConfig,
): readonly TokenLike[] {
  if (given === undefined) return extraIds(extra_ids)
  const extra = given.filter((token) => contentOf(token).includes('<extra_id_')).length
  if (extra === 0) return [...given, ...extraIds(extra_ids)]
  if (extra_ids > 0 && extra !== extra_ids) {
    throw new TokenizerError(
      `extra_ids is ${extra_ids}, but additional_special_tokens has ${extra} of the tokens <extra_id_0>, <extra_id_1>, …`,
    )
  }
  return given
}

const t5: TokenizerClass = {
  inputs: WITHOUT_TYPES,
  vocabulary: ['spiece.model'],
  tokens: TOKENS,
  bareTokens: matching(TOKENS, SPECIAL),
  additional: withExtraIds,
  convert: (context) => {
    const { extra_ids = EXTRA_IDS } = context.config
    const json = fromSentencePiece(context.files, 'spiece.model', {
      vocab: (pieces) => [
        ...scored(pieces),
        ...extraIds(extra_ids)
          .reverse()
          .map((token): Scored => [token, 0]),
      ],
      spacing: context.config,
    })
    return withTemplate(json, context, ...EOS_PARTS)
  },
  prefersVocabulary: ({ add_prefix_space }) => (add_prefix_space ?? null) !== null,
  addPrefixSpace: null,
}

/** Where Pegasus's own pieces begin. */
const OFFSET = 103

const unknowns = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => `<unk_${from + i}>`)

const maskSentence = ({ mask_token_sent }: TokenizerConfig) =>
  mask_token_sent === undefined ? '<mask_1>' : mask_token_sent

function pegasusAdditional(
  given: readonly TokenLike[] | undefined,
  config: TokenizerConfig,
): readonly TokenLike[] {
  const { offset = OFFSET } = config
  const mask = maskSentence(config)
  const masks = mask === null ? [] : [mask]
  if (given === undefined) return [...masks, ...unknowns(2, offset)]
  const known = given.map(contentOf)
  const all = [...masks.filter((token) => !known.includes(token)), ...given]
  const extended = [...all, ...unknowns(all.length, offset - 1)]
  if (new Set(extended.map(contentOf)).size < extended.length) {
    throw new TokenizerError(
      `additional_special_tokens has tokens <unk_2>, <unk_3>, … in other places than an offset of ${offset} gives them.`,
    )
  }
  return extended
}

function fromPegasus(context: Context): TokenizerJson {
  const { roles, config } = context
  const { offset = OFFSET } = config
  const { pad_token: pad = '', eos_token: eos = '', mask_token: mask } = roles
  const sentence = maskSentence(config)
  const masks = sentence === null ? [] : [sentence, ...(mask === undefined ? [] : [mask])]
  const json = fromSentencePiece(context.files, 'spiece.model', {
    vocab: (pieces) => [
      ...[pad, eos, ...masks].map((token): Scored => [token, 0]),
      ...unknowns(2, offset).map((token): Scored => [token, -100]),
      ...scored(pieces.slice(2)),
    ],
    unkId: (model) => model.unkId + offset,
    preTokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace()] },
  })
  return withTemplate(json, context, ['$A', eos], ['$A', '$B', eos])
}

export const t5Classes: Record<string, TokenizerClass> = {
  T5Tokenizer: t5,
  MT5Tokenizer: t5,
  UdopTokenizer: {
    inputs: WITHOUT_TYPES,
    vocabulary: ['spiece.model'],
    tokens: { ...TOKENS, sep_token: '</s>' },
    bareTokens: matching({ ...TOKENS, sep_token: '</s>' }, SPECIAL),
    convert: (context) =>
      withTemplate(
        fromSentencePiece(context.files, 'spiece.model', { spacing: context.config }),
        context,
        ...EOS_PARTS,
      ),
  },
  PegasusTokenizer: {
    inputs: WITHOUT_TYPES,
    vocabulary: ['spiece.model'],
    tokens: { ...TOKENS, mask_token: '<mask_2>' },
    additional: pegasusAdditional,
    convert: fromPegasus,
    prefersVocabulary: ({ pad_token, eos_token, unk_token }) =>
      contentOf(pad_token ?? '<pad>') !== '<pad>' ||
      contentOf(eos_token ?? '</s>') !== '</s>' ||
      contentOf(unk_token ?? '<unk>') !== '<unk>',
  },
}
