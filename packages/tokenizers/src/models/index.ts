/** @file `model` of a tokenizer.json → model, in steps. */
import { build } from '../registry'
import type { Steps } from '../steps'
import { type BpeConfig, bpe } from './bpe'
import type { Model } from './model'
import { type UnigramConfig, unigram } from './unigram'
import { type WordPieceConfig, wordPiece } from './word-piece'

export type { Model, Word } from './model'

export type ModelConfig = BpeConfig | UnigramConfig | WordPieceConfig

/** @throws {TokenizerError} when the model is unknown, or its vocabulary or merges are malformed. */
export function* createModel(config: ModelConfig): Steps<Model> {
  return yield* build<ModelConfig, Steps<Model>>('model', withType(config), {
    BPE: bpe,
    Unigram: unigram,
    WordPiece: wordPiece,
  })
}

/** Files of the first versions leave `type` out; what they carry tells the model. */
function withType(config: ModelConfig): ModelConfig {
  if (config?.type !== undefined || typeof config !== 'object' || config === null) return config
  const { vocab } = config as ModelConfig
  if ('merges' in config) return { ...(config as BpeConfig), type: 'BPE' }
  if (Array.isArray(vocab)) return { ...(config as UnigramConfig), type: 'Unigram' }
  return { ...(config as WordPieceConfig), type: 'WordPiece' }
}
