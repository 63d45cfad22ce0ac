/** @file A tokenizer.json and the words of a corpus → a tokenizer.json with a new vocabulary and nothing else changed. */

import type { Steps } from '@webformers/hub'
import type { AddedToken } from '../added-vocabulary'
import { TokenizerError } from '../errors'
import type { TokenizerJson } from '../tokenizer'
import { trainBpe } from './bpe'
import type { Report, TrainerOptions, WordCounts } from './options'
import { trainUnigram } from './unigram'
import { trainWordLevel } from './word-level'

/** The options each trainer knows. */
export const OPTIONS_OF = {
  BPE: [
    'minFrequency',
    'limitAlphabet',
    'initialAlphabet',
    'continuingSubwordPrefix',
    'endOfWordSuffix',
    'maxTokenLength',
  ],
  Unigram: ['initialAlphabet', 'maxPieceLength', 'shrinkingFactor', 'nSubIterations', 'seedSize', 'unkToken'],
  WordLevel: ['minFrequency'],
  WordPiece: [
    'minFrequency',
    'limitAlphabet',
    'initialAlphabet',
    'continuingSubwordPrefix',
    'endOfWordSuffix',
  ],
} as const satisfies Record<string, readonly (keyof TrainerOptions)[]>

export type Trainable = keyof typeof OPTIONS_OF

/** @throws {TokenizerError} when there is no trainer for the model. */
export function modelType(json: TokenizerJson): Trainable {
  return trainable(json).type
}

function trainable({ model }: TokenizerJson): Extract<TokenizerJson['model'], { type: Trainable }> {
  const type: string | undefined = model?.type
  if (type !== undefined && Object.hasOwn(OPTIONS_OF, type)) return model as ReturnType<typeof trainable>
  throw new TokenizerError(
    `A model ${JSON.stringify(type)} can't be trained. Known: ${Object.keys(OPTIONS_OF).join(', ')}.`,
  )
}

/**
 * Like `Tokenizer.train_from_iterator` in Python, with a trainer of the model's kind.
 * @param specialTokens come first in the vocabulary, and are the tokenizer's added tokens.
 * @throws {TokenizerError} when the model can't be trained, or not to this size.
 */
export function* train(
  json: TokenizerJson,
  counts: WordCounts,
  vocabSize: number,
  specialTokens: readonly AddedToken[],
  options: TrainerOptions,
  report: Report,
): Steps<TokenizerJson> {
  const { model, ids } = yield* trainModel(
    json,
    counts,
    vocabSize,
    contentsOf(specialTokens),
    options,
    report,
  )
  return { ...json, model, added_tokens: withIds(specialTokens, ids) }
}

const contentsOf = (tokens: readonly AddedToken[]): string[] => tokens.map(({ content }) => content)

function* trainModel(
  json: TokenizerJson,
  counts: WordCounts,
  vocabSize: number,
  special: readonly string[],
  options: TrainerOptions,
  report: Report,
): Steps<{ model: TokenizerJson['model']; ids: ReadonlyMap<string, number> }> {
  const model = trainable(json)
  switch (model.type) {
    case 'BPE': {
      const { vocabulary, merges } = yield* trainBpe(counts, vocabSize, special, options, report)
      const trained = {
        ...model,
        continuing_subword_prefix: options.continuingSubwordPrefix ?? null,
        end_of_word_suffix: options.endOfWordSuffix ?? null,
        vocab: yield* vocabOf(vocabulary),
        merges,
      }
      return { model: trained, ids: vocabulary }
    }
    case 'WordPiece': {
      const { continuingSubwordPrefix = '##' } = options
      const all = { ...options, continuingSubwordPrefix, maxTokenLength: undefined }
      const { vocabulary } = yield* trainBpe(counts, vocabSize, special, all, report)
      const trained = {
        ...model,
        continuing_subword_prefix: continuingSubwordPrefix,
        vocab: yield* vocabOf(vocabulary),
      }
      return { model: trained, ids: vocabulary }
    }
    case 'Unigram': {
      const { vocab, unkId } = yield* trainUnigram(counts, vocabSize, special, options, report)
      return {
        model: { ...model, unk_id: unkId, vocab, byte_fallback: false },
        ids: new Map(vocab.map(([piece], id) => [piece, id])),
      }
    }
    case 'WordLevel': {
      const vocabulary = yield* trainWordLevel(counts, vocabSize, special, options)
      return { model: { ...model, vocab: yield* vocabOf(vocabulary) }, ids: vocabulary }
    }
  }
}

/** A yield every so many tokens. */
const STEP = 4096

/** A vocabulary in the order of its ids, as the library writes it. */
function* vocabOf(vocabulary: ReadonlyMap<string, number>): Steps<Record<string, number>> {
  const tokens: string[] = []
  for (const [token, id] of vocabulary) tokens[id] = token
  // Without a prototype, `__proto__` is a token like any other.
  const vocab: Record<string, number> = Object.create(null)
  for (const [id, token] of tokens.entries()) {
    if (token !== undefined) vocab[token] = id
    if (id % STEP === 0) yield
  }
  return vocab
}

/** Added tokens with the ids they have in the vocabulary; those it lacks come after it. */
function withIds(
  tokens: readonly AddedToken[],
  ids: ReadonlyMap<string, number>,
): (AddedToken & { id: number })[] {
  const added = new Map<number, AddedToken>()
  const own = new Map<string, number>()
  let next = ids.size
  for (const token of tokens) {
    if (token.content === '') continue
    const id = own.get(token.content) ?? ids.get(token.content) ?? next++
    own.set(token.content, id)
    added.set(id, token)
  }
  return [...added].sort(([a], [b]) => a - b).map(([id, token]) => ({ id, ...token }))
}
