/** @file A tokenizer like another one, with a vocabulary of its own: `train_new_from_iterator`. */

import { finishCalmly } from '@webformers/hub'
import type { AddedToken } from '../added-vocabulary'
import { compileTokenizer } from '../compiler/compile-tokenizer'
import { TokenizerError } from '../errors'
import type { PostProcessorConfig } from '../post-processors'
import type { PreTokenizerConfig } from '../pre-tokenizers'
import { alphabet } from '../text/bytes'
import { Tokenizer, type TokenizerJson } from '../tokenizer'
import type { OnProgress, Report, TrainerOptions, TrainingStage } from '../trainers/options'
import { modelType, OPTIONS_OF, train } from '../trainers/train'
import { countWords, type TrainingTexts } from '../trainers/word-counts'
import { missingTokens, type Parts } from './assemble'
import {
  addedToken,
  contentOf,
  ROLES,
  type SpecialTokenFields,
  SpecialTokens,
  type TokenLike,
} from './special-tokens'

export interface TrainOptions extends TrainerOptions {
  /** Special tokens that the new tokenizer has besides the old one's. */
  newSpecialTokens?: readonly TokenLike[]
  /** What special tokens are called from now on, by what they were called. */
  specialTokensMap?: Readonly<Record<string, string>>
  /** How many texts there are, for the progress, where the texts don't tell. */
  length?: number
  onProgress?: OnProgress
  signal?: AbortSignal
}

type Rename = (token: string) => string

/**
 * The parts of a tokenizer trained on `texts`, with the pipeline, the special tokens and the settings of the one that
 * `parts` are of.
 * @throws {TokenizerError} when the model can't be trained, or not to this size.
 */
export async function trainNew(
  parts: Parts,
  texts: TrainingTexts,
  vocabSize: number,
  options: TrainOptions = {},
): Promise<Parts> {
  const trained = await trainJson(parts.tokenizer.toJson(), texts, vocabSize, options)
  const tokenizer = new Tokenizer(await finishCalmly(compileTokenizer(trained), options.signal))
  const special = new SpecialTokens(rolesOf(parts.special, options))
  tokenizer.vocabulary.add(missingTokens(trained.added_tokens ?? [], special, []))
  return { ...parts, tokenizer, special, settings: { ...parts.settings } }
}

/**
 * The tokenizer.json trained on `texts`, with the pipeline and the special tokens of `json`.
 * @throws {TokenizerError} when the model can't be trained, or not to this size.
 */
export async function trainJson(
  json: TokenizerJson,
  texts: TrainingTexts,
  vocabSize: number,
  options: TrainOptions = {},
): Promise<TokenizerJson> {
  if (!Number.isInteger(vocabSize) || vocabSize < 0) {
    throw new TokenizerError(`vocabSize must be a whole number, but it is ${vocabSize}.`)
  }
  warnOfUnknown(json, options)
  const rename = renameBy(options)
  const report = reporter(options.onProgress)
  const total = options.length ?? (Array.isArray(texts) ? texts.flat().length : undefined)
  const counts = await countWords(
    json,
    texts,
    (done) => report('Pre-processing sequences', done, total),
    options.signal,
  )
  const steps = train(
    { ...json, model: withUnknown(json.model, rename) },
    counts,
    vocabSize,
    specialTokensOf(json, options),
    trainerOptions(json, options),
    report,
  )
  const trained = await finishCalmly(steps, options.signal)
  const { post_processor } = json
  return post_processor
    ? { ...trained, post_processor: renumbered(post_processor, trained, rename) }
    : trained
}

const renameBy =
  ({ specialTokensMap = {} }: TrainOptions): Rename =>
  (token) =>
    Object.hasOwn(specialTokensMap, token) ? specialTokensMap[token]! : token

/** Like Python, which prints what a trainer does not know and goes on. */
function warnOfUnknown(json: TokenizerJson, options: TrainOptions): void {
  const type = modelType(json)
  const known: readonly string[] = OPTIONS_OF[type]
  const all = new Set<string>(Object.values(OPTIONS_OF).flat())
  for (const option of Object.keys(options)) {
    if (all.has(option) && !known.includes(option)) {
      console.warn(`Training ${type} knows no ${option}; it is ignored.`)
    }
  }
}

function withUnknown(model: TokenizerJson['model'], rename: Rename): TokenizerJson['model'] {
  if (!('unk_token' in model) || typeof model.unk_token !== 'string') return model
  return { ...model, unk_token: rename(model.unk_token) }
}

/** The special tokens there are, and the new ones; Unigram keeps ordinary added tokens too. */
function specialTokensOf({ added_tokens = [], model }: TokenizerJson, options: TrainOptions): AddedToken[] {
  const rename = renameBy(options)
  const kept = added_tokens.filter(({ special }) => special || model.type === 'Unigram')
  return [
    ...kept.map(({ id: _, ...token }) => ({ ...token, content: rename(token.content), special: true })),
    ...(options.newSpecialTokens ?? []).map((token) => ({ ...addedToken(token, true), special: true })),
  ]
}

/** What the trainer is told, and what follows from the tokenizer. */
function trainerOptions({ model, pre_tokenizer }: TokenizerJson, options: TrainOptions): TrainerOptions {
  const result: TrainerOptions = { ...options }
  if (model.type === 'BPE') {
    result.continuingSubwordPrefix ??= model.continuing_subword_prefix ?? undefined
    result.endOfWordSuffix ??= model.end_of_word_suffix ?? undefined
  }
  if (model.type === 'Unigram' && typeof model.unk_id === 'number') {
    const unknown = model.vocab[model.unk_id]?.[0]
    if (unknown !== undefined) result.unkToken = renameBy(options)(unknown)
  }
  if (pre_tokenizer && hasByteLevel(pre_tokenizer)) result.initialAlphabet = alphabet
  return result
}

const hasByteLevel = (config: PreTokenizerConfig): boolean =>
  config.type === 'ByteLevel' ||
  (config.type === 'Sequence' && config.pretokenizers.some(({ type }) => type === 'ByteLevel'))

/** The post-processor with the special tokens' new names and ids. */
function renumbered(
  config: PostProcessorConfig,
  trained: TokenizerJson,
  rename: Rename,
): PostProcessorConfig {
  const idOf = (token: string): number => {
    const id = idIn(trained, token)
    if (id !== undefined) return id
    throw new TokenizerError(
      `The post_processor uses the token ${JSON.stringify(token)}, which the trained vocabulary lacks. Name it in newSpecialTokens.`,
    )
  }
  if (config.type === 'TemplateProcessing') {
    const special = Object.entries(config.special_tokens).map(([key, { id, tokens }]) => {
      const renamed = tokens.map(rename)
      return [key, { id, ids: renamed.map(idOf), tokens: renamed }] as const
    })
    return { ...config, special_tokens: Object.fromEntries(special) }
  }
  if (config.type === 'BertProcessing' || config.type === 'RobertaProcessing') {
    const [sep, cls] = [rename(config.sep[0]), rename(config.cls[0])]
    return { ...config, sep: [sep, idOf(sep)], cls: [cls, idOf(cls)] }
  }
  // The ids inside a Sequence stay as they are: so they do in Python.
  return config
}

function idIn({ added_tokens = [], model }: TokenizerJson, token: string): number | undefined {
  const added = added_tokens.find(({ content }) => content === token)
  if (added !== undefined) return added.id
  if (model.type !== 'Unigram') return Object.hasOwn(model.vocab, token) ? model.vocab[token] : undefined
  const id = model.vocab.findLastIndex(([piece]) => piece === token)
  return id === -1 ? undefined : id
}

/** The roles under their new names; additional tokens keep theirs, as in Python. */
function rolesOf({ roles, additional }: SpecialTokens, options: TrainOptions): SpecialTokenFields {
  const rename = renameBy(options)
  const fields: SpecialTokenFields = {}
  for (const role of ROLES) {
    const token = roles.get(role)
    if (token === undefined) continue
    const content = rename(contentOf(token))
    fields[role] = typeof token === 'string' ? content : { ...addedToken(token), content, special: true }
  }
  return {
    ...fields,
    additional_special_tokens: [...additional.map(contentOf), ...(options.newSpecialTokens ?? [])],
  }
}

/** Between two reports of one stage at least this many milliseconds pass. */
const REPORT_INTERVAL = 30

/** Reports each stage's beginning and end, and in between as often as anyone can read. */
function reporter(onProgress: OnProgress | undefined): Report {
  let current: TrainingStage | undefined
  let since = 0
  return (stage, done, total) => {
    if (onProgress === undefined) return
    const now = performance.now()
    if (stage === current && done !== total && now - since < REPORT_INTERVAL) return
    current = stage
    since = now
    onProgress(total === undefined ? { stage, done } : { stage, done, total })
  }
}
