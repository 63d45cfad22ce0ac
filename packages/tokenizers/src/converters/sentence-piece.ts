/** @file SentencePiece models as a tokenizer.json, with what nearly all of their classes have in common. */
import type { AddedToken } from '../added-vocabulary'
import type { DecoderConfig } from '../decoders'
import { TokenizerError } from '../errors'
import type { ModelConfig } from '../models'
import type { NormalizerConfig } from '../normalizers'
import type { PreTokenizerConfig } from '../pre-tokenizers'
import type { MetaspaceConfig } from '../pre-tokenizers/metaspace'
import type { TokenizerConfig, TokenizerFiles, VocabularyFile } from '../pretrained/files'
import type { TokenizerJson } from '../tokenizer'
import { mergesByScore } from './merges'
import {
  MODEL,
  PIECE,
  type Piece,
  readSentencePieceModel,
  type SentencePieceModel,
} from './sentence-piece-model'
import { numbered } from './token-ids'

export type Spacing = Pick<TokenizerConfig, 'add_prefix_space' | 'legacy'>

export type Scored = readonly [piece: string, score: number]

/** What a class does its own way. */
export interface SentencePieceOptions {
  /** Pieces by id; those of the model unless said. */
  vocab?: (pieces: readonly Piece[]) => Scored[]
  unkId?: number | ((model: SentencePieceModel) => number)
  byteFallback?: boolean
  /** Pieces that parts of others may be, besides the model's own. */
  extraParts?: readonly string[]
  /** Symbols that are special though the model doesn't say so. */
  special?: readonly string[]
  normalizer?: (charsmap: NormalizerConfig[]) => NormalizerConfig | undefined
  /** What the configuration says of spaces; only some classes listen. */
  spacing?: Spacing
  preTokenizer?: PreTokenizerConfig | null
  decoder?: DecoderConfig
}

export const SPACE = '▁'

/** @throws {TokenizerError} when the file is missing, malformed, or of an algorithm with no tokenizer.json. */
export function fromSentencePiece(
  files: TokenizerFiles,
  name: VocabularyFile,
  options: SentencePieceOptions = {},
): TokenizerJson {
  const model = readSentencePieceModel(bytesOf(files, name), name)
  const spaces = metaspace(options.spacing)
  const { normalizer = standardNormalizer, preTokenizer = spaces, decoder = spaces, special = [] } = options
  const charsmap: NormalizerConfig[] =
    model.charsmap.length === 0
      ? []
      : [{ type: 'Precompiled', precompiled_charsmap: toBase64(model.charsmap) }]
  const symbols = model.pieces.flatMap(({ text, type }): AddedToken[] => {
    if (type !== PIECE.control && type !== PIECE.userDefined) return []
    const isSpecial = type === PIECE.control || special.includes(text)
    const match = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: isSpecial }
    return [{ content: text, ...match }]
  })
  const config = modelOf(model, name, options)
  return {
    added_tokens: numbered(config, symbols),
    normalizer: normalizer(charsmap) ?? null,
    pre_tokenizer: preTokenizer,
    model: config,
    post_processor: null,
    decoder,
  }
}

/** @throws {TokenizerError} when the file is missing. */
export function bytesOf(files: TokenizerFiles, name: VocabularyFile): Uint8Array<ArrayBuffer> {
  const bytes = files[name]
  if (bytes instanceof Uint8Array) return bytes as Uint8Array<ArrayBuffer>
  throw new TokenizerError(`${name} must be given as its bytes (a Uint8Array), but it is a ${typeof bytes}.`)
}

function modelOf(model: SentencePieceModel, name: string, options: SentencePieceOptions): ModelConfig {
  const { byteFallback = false, extraParts = [], unkId = model.unkId } = options
  const vocab = options.vocab?.(model.pieces) ?? scored(model.pieces)
  if (model.modelType === MODEL.unigram) {
    const unk_id = typeof unkId === 'number' ? unkId : unkId(model)
    return { type: 'Unigram', unk_id, vocab, byte_fallback: byteFallback }
  }
  if (model.modelType === MODEL.bpe) {
    const parts = new Set([...model.pieces.map(({ text }) => text), ...extraParts])
    return {
      type: 'BPE',
      unk_token: model.unkPiece,
      fuse_unk: true,
      byte_fallback: byteFallback,
      vocab: Object.fromEntries(vocab.map(([piece], id) => [piece, id])),
      merges: mergesByScore(parts, new Map(vocab)),
    }
  }
  throw new TokenizerError(
    `${name} was trained with algorithm ${model.modelType} of SentencePiece; only unigram (1) and BPE (2) can be converted.`,
  )
}

export const scored = (pieces: readonly Piece[]): Scored[] => pieces.map(({ text, score }) => [text, score])

/** `front` in place of the first pieces, `back` behind all. */
export const fairseqVocab =
  (front: readonly string[], skipped: number, back: readonly string[] = []) =>
  (pieces: readonly Piece[]): Scored[] => [
    ...front.map((token): Scored => [token, 0]),
    ...scored(pieces.slice(skipped)),
    ...back.map((token): Scored => [token, 0]),
  ]

/** What Python calls a digit: decimals, superscripts and digits in circles, too. */
const DIGIT_COMMA =
  /[\p{Nd}\u00b2\u00b3\u00b9\u1369-\u1371\u19da\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792],$/u

/** A digit and a comma must stay apart: a piece that joins them is made unlikely. */
export const numberCommaVocab = (pieces: readonly Piece[]): Scored[] =>
  pieces.map(({ text, score }) => [text, DIGIT_COMMA.test(text) ? score - 100 : score])

export const regexReplace = (pattern: string, content: string): NormalizerConfig => ({
  type: 'Replace',
  pattern: { Regex: pattern },
  content,
})
export const stringReplace = (pattern: string, content: string): NormalizerConfig & { type: 'Replace' } => ({
  type: 'Replace',
  pattern: { String: pattern },
  content,
})
export const sequence = (normalizers: NormalizerConfig[]): NormalizerConfig => ({
  type: 'Sequence',
  normalizers,
})

const standardNormalizer = (charsmap: NormalizerConfig[]): NormalizerConfig =>
  sequence([
    ...charsmap,
    { type: 'Strip', strip_left: false, strip_right: true },
    regexReplace(' {2,}', SPACE),
  ])

export const metaspace = ({ add_prefix_space, legacy }: Spacing = {}): MetaspaceConfig => ({
  type: 'Metaspace',
  replacement: SPACE,
  prepend_scheme: (add_prefix_space ?? true) ? ((legacy ?? true) ? 'always' : 'first') : 'never',
  split: true,
})

/** As much as fits on the stack of one call. */
const CHUNK = 8192

function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let i = 0; i < bytes.length; i += CHUNK) binary += String.fromCharCode(...bytes.subarray(i, i + CHUNK))
  return btoa(binary)
}
