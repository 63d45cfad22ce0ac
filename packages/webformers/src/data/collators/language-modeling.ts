/** @file Collators for language modelling: some tokens are masked, or the text itself is what should be predicted. */
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import { CollateError, OptionError } from '../../errors'
import type { Tensor } from '../../tensor'
import { Generator } from '../generator'
import {
  type Batch,
  batchOf,
  type Collator,
  type Columns,
  columnsOf,
  idsOf,
  type RandomCollator,
  stack,
  take,
} from './collate'
import { pad, padLabels } from './padding'

export interface MaskingOptions {
  tokenizer: PreTrainedTokenizer
  /** How likely a token is to be predicted. Default: 0.15. */
  mlmProbability?: number
  /** How likely a token to be predicted is replaced by the mask. Default: 0.8. */
  maskReplaceProb?: number
  /** How likely by a random token; else it stays. Default: 0.1. */
  randomReplaceProb?: number
  padToMultipleOf?: number
  /** The same seed masks the same tokens as in Python. Default: one that nobody can guess. */
  seed?: number
}
export interface LanguageModelingOptions extends MaskingOptions {
  /** Masked language modelling; false: the labels are the text itself. Default: true. */
  mlm?: boolean
  /** Mask whole words, each always by the mask token; items need `offset_mapping`. Default: false. */
  wholeWordMask?: boolean
}
type Masking = Required<Pick<MaskingOptions, 'tokenizer' | 'maskReplaceProb' | 'randomReplaceProb'>>

/**
 * Pads texts, masks tokens at random, and makes labels of what was there. Like `DataCollatorForLanguageModeling`.
 * @example
 * const collate = DataCollatorForLanguageModeling({ tokenizer, seed: 42 })
 * const { input_ids, labels } = collate([tokenizer('The capital of France is Paris.')])
 * toList(labels) // [[-100, -100, 3007, -100, -100, …]]: the second word is to be predicted
 * DataCollatorForLanguageModeling({ tokenizer, mlm: false }) // for GPT and its kind
 * @throws {OptionError} when the tokenizer has no mask token, or a probability is none.
 * @throws {CollateError} when the batch is made, naming the item and the key that do not fit.
 */
export function DataCollatorForLanguageModeling(options: LanguageModelingOptions & { mlm: false }): Collator
export function DataCollatorForLanguageModeling(options: LanguageModelingOptions): RandomCollator
export function DataCollatorForLanguageModeling(options: LanguageModelingOptions): Collator {
  const { tokenizer, mlm = true, wholeWordMask = false, mlmProbability = 0.15 } = options
  if (!mlm) return causal(options)
  const masking = maskingOf(
    wholeWordMask ? { ...options, maskReplaceProb: 1, randomReplaceProb: 0 } : options,
  )
  const generator = new Generator(options.seed)
  const collate = (features: readonly object[]): Batch => {
    const { columns, special, offsets } = padded(features, options)
    const { input_ids, ...others } = batchOf(columns)
    const [rows, length] = input_ids!.shape as [number, number]
    const specials = special ?? rowsOf(input_ids!).map((ids) => tokenizer.getSpecialTokensMask(ids))
    const starts = wholeWordMask ? wordStarts(specials, offsets, length) : undefined
    const masked = new Uint8Array(rows * length)
    for (let i = 0; i < masked.length; i++) {
      const isSpecial = specials[Math.floor(i / length)]![i % length] === 1
      const isFree = starts ? starts[i] === 1 : !isSpecial
      const drawn = generator.bernoulli(isFree ? mlmProbability : 0)
      const follows = starts !== undefined && !isSpecial && !isFree && masked[i - 1] === 1
      masked[i] = Number(drawn || follows)
    }
    return { ...others, ...maskTokens(input_ids!, masked, masking, generator) }
  }
  return Object.assign(collate, { generator })
}

/**
 * Pads texts and masks whole words of a WordPiece tokenizer, whose tokens within a word begin with `##`. Like
 * `DataCollatorForWholeWordMask`.
 * @example
 * DataCollatorForWholeWordMask({ tokenizer, seed: 42 })([{ input_ids: [101, 26609, 3669, 102] }])
 * @throws {OptionError} when the tokenizer has no mask token, or a probability is none.
 * @throws {CollateError} when the batch is made, naming the item and the key that do not fit.
 */
export function DataCollatorForWholeWordMask(options: MaskingOptions): RandomCollator {
  const { tokenizer, mlmProbability = 0.15 } = options
  const masking = maskingOf(options)
  const generator = new Generator(options.seed)
  const collate = (features: readonly object[]): Batch => {
    const columns = columnsOf(named(features))
    const texts = idsOf('input_ids', columns.input_ids ?? [])
    const references = columns.chinese_ref ? idsOf('chinese_ref', columns.chinese_ref) : []
    const words = texts.map((ids, item) => {
      const within = new Set(references[item])
      const tokens = tokenizer.convertIdsToTokens(ids)
      return pickWords(
        tokens.map((token = '', i) => (within.has(i) ? `##${token}` : token)),
        mlmProbability,
        generator,
      )
    })
    const inputs = padTexts(texts, options)
    const [, length] = inputs.shape as [number, number]
    const chosen = padLabels(words, length, 0, tokenizer.paddingSide).flat()
    const special = rowsOf(inputs).flatMap((ids) => tokenizer.getSpecialTokensMask(ids))
    const masked = Uint8Array.from(chosen, (is, i) =>
      special[i] || inputs.data[i] === tokenizer.padTokenId ? 0 : is,
    )
    return maskTokens(inputs, masked, masking, generator)
  }
  return Object.assign(collate, { generator })
}

/** The labels are the text: models shift them themselves. */
const causal =
  (options: LanguageModelingOptions): Collator =>
  (features) => {
    const batch = batchOf(padded(features, options).columns)
    const { shape, data } = batch.input_ids!
    const labels = Int32Array.from(data as Int32Array, (id) =>
      id === options.tokenizer.padTokenId ? -100 : id,
    )
    return { ...batch, labels: { dtype: 'int32', shape, data: labels } }
  }

/** Labels of what is masked, and ids with masks and random tokens in the place of most of it; draws as Python does. */
function maskTokens(
  { shape, data }: Tensor,
  masked: Uint8Array,
  { tokenizer, maskReplaceProb, randomReplaceProb }: Masking,
  generator: Generator,
): Batch {
  const ids = Int32Array.from(data as Int32Array)
  const labels = ids.map((id, i) => (masked[i] ? id : -100))
  const replaced = masked.map((is) => Number(generator.bernoulli(maskReplaceProb) && is === 1))
  replaced.forEach((is, i) => {
    if (is) ids[i] = tokenizer.maskTokenId!
  })
  if (maskReplaceProb < 1 && randomReplaceProb > 0) {
    const share = randomReplaceProb / (1 - maskReplaceProb)
    const random = masked.map((is, i) => Number(generator.bernoulli(share) && is === 1 && !replaced[i]))
    random.forEach((is, i) => {
      const id = generator.randint(tokenizer.length)
      if (is) ids[i] = id
    })
  }
  return {
    input_ids: { dtype: 'int32', shape, data: ids },
    labels: { dtype: 'int32', shape, data: labels },
  }
}

/** 1 for each token with which a word begins: after a gap, or after a special token. */
function wordStarts(
  special: readonly (readonly number[])[],
  offsets: readonly (readonly (readonly number[])[])[] | undefined,
  length: number,
): Uint8Array {
  if (!offsets) {
    throw new CollateError(
      'The items of the batch have no "offset_mapping", but wholeWordMask needs it to tell words apart. ' +
        'Tokenize with { returnOffsetsMapping: true }.',
    )
  }
  const starts = special.flatMap((row, text) =>
    Array.from({ length }, (_, i) => {
      const gap = offsets[text]![i]?.[0] !== offsets[text]![i - 1]?.[1]
      return Number(row[i] !== 1 && (i === 0 || gap || row[i - 1] === 1))
    }),
  )
  return Uint8Array.from(starts)
}

/** 1 for each token of as many whole words, in random order, as make up the share to be predicted. */
function pickWords(tokens: readonly string[], probability: number, generator: Generator): number[] {
  const words: number[][] = []
  tokens.forEach((token, i) => {
    if (token === '[CLS]' || token === '[SEP]') return
    if (words.length > 0 && token.startsWith('##')) words.at(-1)!.push(i)
    else words.push([i])
  })
  const most = Math.min(MOST_PREDICTIONS, Math.max(1, roundHalfEven(tokens.length * probability)))
  const chosen = tokens.map(() => 0)
  let count = 0
  for (const word of generator.randperm(words.length)) {
    if (count + words[word]!.length > most) continue
    for (const i of words[word]!) chosen[i] = 1
    count += words[word]!.length
  }
  return chosen
}

const MOST_PREDICTIONS = 512

/** Python's `round`. */
const roundHalfEven = (x: number) => (x % 1 === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))

interface Padded {
  columns: Columns
  special: number[][] | undefined
  offsets: number[][][] | undefined
}

/** The items' columns at one length, without what only tells how to mask. */
function padded(features: readonly object[], options: MaskingOptions): Padded {
  const { tokenizer, padToMultipleOf } = options
  if (Array.isArray(features[0])) {
    const texts = idsOf('input_ids', features)
    return {
      columns: { input_ids: rowsOf(padTexts(texts, options)) },
      special: undefined,
      offsets: undefined,
    }
  }
  const columns = columnsOf(features)
  const given = take(columns, 'offset_mapping') as number[][][] | undefined
  const texts = pad(columns, { tokenizer, padToMultipleOf })
  const special = take(texts, 'special_tokens_mask') as number[][] | undefined
  const missing = (i: number) => (texts.input_ids![i] as number[]).length - given![i]!.length
  const offsets = given?.map((row, i) => {
    const padding = Array.from({ length: missing(i) }, () => [0, 0])
    return tokenizer.paddingSide === 'right' ? [...row, ...padding] : [...padding, ...row]
  })
  return { columns: texts, special, offsets }
}

const named = (features: readonly object[]) =>
  features.map((feature) => (Array.isArray(feature) ? { input_ids: feature } : feature))

/** Lists of ids at one length; where all have it already, no padding token is needed. */
function padTexts(texts: number[][], { tokenizer, padToMultipleOf = 1 }: MaskingOptions): Tensor {
  const longest = Math.max(...texts.map((ids) => ids.length))
  const length = Math.ceil(longest / padToMultipleOf) * padToMultipleOf
  const isEven = texts.every((ids) => ids.length === length)
  if (!isEven && tokenizer.padTokenId === undefined) {
    throw new CollateError(
      'The items of the batch differ in length, but the tokenizer has no token to pad with. Set one, such as ' +
        'tokenizer.padToken = tokenizer.eosToken.',
    )
  }
  return stack(
    'input_ids',
    padLabels(texts, length, tokenizer.padTokenId ?? 0, tokenizer.paddingSide),
    'int32',
  )
}

function rowsOf({ shape: [rows = 0, length = 0], data }: Tensor): number[][] {
  return Array.from({ length: rows }, (_, i) =>
    Array.from(data.subarray(i * length, (i + 1) * length), Number),
  )
}

/** @throws {OptionError} when there is no mask token, or a probability is none. */
function maskingOf({
  tokenizer,
  mlmProbability = 0.15,
  maskReplaceProb = 0.8,
  randomReplaceProb = 0.1,
}: MaskingOptions): Masking {
  if (tokenizer.maskTokenId === undefined) {
    throw new OptionError(
      'The tokenizer has no mask token, which masked language modelling needs. Use mlm: false for causal language modelling.',
    )
  }
  for (const [name, value] of Object.entries({ mlmProbability, maskReplaceProb, randomReplaceProb })) {
    if (value >= 0 && value <= 1) continue
    throw new OptionError(`${name} is ${value}, but a probability lies between 0 and 1.`)
  }
  if (maskReplaceProb + randomReplaceProb > 1) {
    throw new OptionError(
      `maskReplaceProb (${maskReplaceProb}) and randomReplaceProb (${randomReplaceProb}) must not exceed 1 together.`,
    )
  }
  return { tokenizer, maskReplaceProb, randomReplaceProb }
}
