/** @file What a trainer can be told, under the names of Python's trainers in camelCase, and what it tells. */

export interface TrainerOptions {
  /** How often a pair or a word must occur to be learned. BPE, WordPiece, WordLevel. */
  minFrequency?: number
  /** How many different characters are kept at most, the most frequent ones. BPE, WordPiece. */
  limitAlphabet?: number
  /** Characters that are kept whether or not they occur; of longer texts the first one. All but WordLevel. */
  initialAlphabet?: Iterable<string>
  /** What marks a piece that continues a word, such as `##`. BPE, WordPiece. */
  continuingSubwordPrefix?: string
  /** What marks a piece that ends a word, such as `</w>`. BPE, WordPiece. */
  endOfWordSuffix?: string
  /** Tokens stay shorter than this, in characters. BPE. */
  maxTokenLength?: number
  /** In characters; left out: 16. Unigram. */
  maxPieceLength?: number
  /** Which share of the pieces survives a round of pruning; left out: 0.75. Unigram. */
  shrinkingFactor?: number
  /** How often the probabilities are estimated between two prunings; left out: 2. Unigram. */
  nSubIterations?: number
  /** How many pieces training begins with at most; left out: a million. Unigram. */
  seedSize?: number
  /** The unknown token, where the tokenizer has none of its own. Unigram. */
  unkToken?: string
}

export type TrainingStage =
  | 'Pre-processing sequences'
  | 'Tokenize words'
  | 'Count pairs'
  | 'Compute merges'
  | 'Suffix array seeds'
  | 'EM training'

/** How far a training is; `total` is left out where nobody knows it. */
export interface TrainingProgress {
  stage: TrainingStage
  done: number
  total?: number
}

export type OnProgress = (progress: TrainingProgress) => void

/** How a trainer tells, many times a stage. */
export type Report = (stage: TrainingStage, done: number, total?: number) => void

/** The words of a corpus with how often each occurs, in the order of their first appearance. */
export type WordCounts = ReadonlyMap<string, number>
