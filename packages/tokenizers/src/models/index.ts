/** @file `model` of a tokenizer.json → typed arrays → model. */

import type { Steps } from '@webformers/hub'
import { build } from '../registry'
import { type BpeConfig, bpe, bpeConfig, type CompiledBpe, compileBpe } from './bpe'
import type { Model } from './model'
import {
  type CompiledSentencePiece,
  compileSentencePiece,
  type SentencePieceConfig,
  sentencePiece,
  sentencePieceConfig,
} from './sentence-piece'
import { type CompiledUnigram, compileUnigram, type UnigramConfig, unigram, unigramConfig } from './unigram'
import {
  type CompiledWordLevel,
  compileWordLevel,
  type WordLevelConfig,
  wordLevel,
  wordLevelConfig,
} from './word-level'
import {
  type CompiledWordPiece,
  compileWordPiece,
  type WordPieceConfig,
  wordPiece,
  wordPieceConfig,
} from './word-piece'

export type { Model, TokenKind, Word } from './model'

export type ModelConfig = BpeConfig | SentencePieceConfig | UnigramConfig | WordLevelConfig | WordPieceConfig

/** A model as it is stored and handed over: nothing but typed arrays and a few options. */
export type CompiledModel =
  | CompiledBpe
  | CompiledSentencePiece
  | CompiledUnigram
  | CompiledWordLevel
  | CompiledWordPiece

/** @throws {TokenizerError} when the model is unknown, or its vocabulary or merges are malformed. */
export function* compileModel(
  config: ModelConfig,
  { bytes, exact }: { bytes: boolean; exact: boolean },
): Steps<CompiledModel> {
  return yield* build<ModelConfig, Steps<CompiledModel>>('model', withType(config), {
    BPE: (bpe) => compileBpe(bpe, bytes),
    SentencePiece: compileSentencePiece,
    Unigram: (unigram) => compileUnigram(unigram, exact),
    WordLevel: compileWordLevel,
    WordPiece: compileWordPiece,
  })
}

/** The model itself; nothing is read but what a word asks for. */
export const openModel = (compiled: CompiledModel): Model =>
  build<CompiledModel, Model>('model', compiled, {
    BPE: bpe,
    SentencePiece: sentencePiece,
    Unigram: unigram,
    WordLevel: wordLevel,
    WordPiece: wordPiece,
  })

/** The configuration that a compiled model was made of. */
export const modelConfig = (compiled: CompiledModel): ModelConfig =>
  build<CompiledModel, ModelConfig>('model', compiled, {
    BPE: bpeConfig,
    SentencePiece: sentencePieceConfig,
    Unigram: unigramConfig,
    WordLevel: wordLevelConfig,
    WordPiece: wordPieceConfig,
  })

/** Files of the first versions leave `type` out; what they carry tells the model. */
function withType(config: ModelConfig): ModelConfig {
  if (config?.type !== undefined || typeof config !== 'object' || config === null) return config
  const { vocab } = config as ModelConfig
  if ('merges' in config) return { ...(config as BpeConfig), type: 'BPE' }
  if (Array.isArray(vocab)) return { ...(config as UnigramConfig), type: 'Unigram' }
  if ('max_input_chars_per_word' in config) return { ...(config as WordPieceConfig), type: 'WordPiece' }
  return { ...(config as WordLevelConfig), type: 'WordLevel' }
}
