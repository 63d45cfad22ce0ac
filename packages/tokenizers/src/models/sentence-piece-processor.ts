/** @file A SentencePiece model's file as it is stored and handed over: its pieces in typed arrays, by their own ids. */

import type { Steps } from '@webformers/hub'
import {
  MODEL,
  PIECE,
  readSentencePieceModel,
  type SentencePieceModel,
} from '../converters/sentence-piece-model'
import { TokenizerError } from '../errors'
import type { SentencePieceNormalization } from '../normalizers/sentence-piece'
import { utf8Length } from '../text/bytes'
import type { CompiledSentencePieceBpe } from './sentence-piece-bpe'
import { type CompiledUnigram, compileUnigram, UNKNOWN_PENALTY } from './unigram'
import { compileTokens, type Vocabulary } from './vocabulary'

/** One of SentencePiece's models, its pieces by their own ids. */
export interface CompiledProcessor {
  file: Uint8Array<ArrayBuffer>
  normalization: SentencePieceNormalization
  pieces: CompiledUnigram | CompiledSentencePieceBpe
  /** Of each piece the id in the tokenizer's vocabulary, −1 for a piece that it lacks. */
  ids: Int32Array<ArrayBuffer>
  /** Pieces that no rule rewrites and nothing is merged with. */
  symbols: string[]
  byteFallback: boolean
  /** What is read otherwise than it is written. */
  unkPiece: string
  control: string[]
}

/**
 * @param vocabulary whose ids the pieces get.
 * @throws {TokenizerError} when the file is no SentencePiece model, or of an algorithm that is not known.
 */
export function* compileProcessor(
  file: Uint8Array<ArrayBuffer>,
  vocabulary: Vocabulary,
): Steps<CompiledProcessor> {
  const { pieces, charsmap, ...model } = readSentencePieceModel(file, 'The SentencePiece model')
  const textsOf = (type: number) => pieces.filter((piece) => piece.type === type).map(({ text }) => text)
  const { addDummyPrefix, removeExtraWhitespaces, escapeWhitespaces, spaceAsSuffix, byteFallback } = model
  return {
    file,
    // Whose bytes are a part of the file would be kept twice.
    normalization: {
      charsmap: charsmap.slice(),
      addDummyPrefix,
      removeExtraWhitespaces,
      escapeWhitespaces,
      spaceAsSuffix,
    },
    pieces: yield* compilePieces({ pieces, charsmap, ...model }),
    ids: Int32Array.from(pieces, ({ text }) => vocabulary.idOf(text) ?? -1),
    symbols: textsOf(PIECE.userDefined),
    byteFallback,
    unkPiece: model.unkPiece,
    control: textsOf(PIECE.control),
  }
}

/** The texts of pieces that a text may hold; the others have none. */
function* compilePieces({
  pieces,
  modelType,
  unkId,
}: SentencePieceModel): Steps<CompiledProcessor['pieces']> {
  const held: number[] = [PIECE.normal, PIECE.userDefined]
  const normal = pieces.filter(({ type }) => type === PIECE.normal)
  if (modelType === MODEL.unigram) {
    const worst = normal.reduce((least, { score }) => Math.min(least, score), Number.POSITIVE_INFINITY)
    const best = normal.reduce((most, { score }) => Math.max(most, score), 0)
    const vocab = pieces.map(({ text, type, score }): [string, number] => [
      held.includes(type) ? text : '',
      // Better than all that it could be cut into: no logarithm of a probability is above 0.
      type === PIECE.userDefined ? Math.fround(utf8Length(text) * best - 0.1) : score,
    ])
    const unknown_score = Math.fround(worst - UNKNOWN_PENALTY)
    return yield* compileUnigram({ type: 'Unigram', unk_id: unkId, vocab, unknown_score }, true)
  }
  if (modelType !== MODEL.bpe) {
    throw new TokenizerError(
      `The SentencePiece model is of algorithm ${modelType}; only unigram (1) and BPE (2) are known.`,
    )
  }
  held.push(PIECE.unused)
  const scores = [...new Set(pieces.map(({ score }) => score))].sort((a, b) => b - a)
  const rankOf = new Map(scores.map((score, rank) => [score, rank]))
  return {
    type: 'SentencePieceBPE',
    vocabulary: yield* compileTokens(pieces.map(({ text, type }) => (held.includes(type) ? text : ''))),
    ranks: Int32Array.from(pieces, ({ score }) => rankOf.get(score)!),
    unused: pieces.flatMap(({ type }, id) => (type === PIECE.unused ? [id] : [])),
  }
}
