/** @file The arguments of a tokenizer's call, as Transformers names them. */
import type { Side } from '../encoding'

/** A text; or, with `isSplitIntoWords`, its words. */
export type TextInput = string | readonly string[] | readonly (readonly string[])[]

export interface CallOptions {
  /** A second text for the text, or one for each of a batch. */
  textPair?: TextInput
  /** What the model should answer, in the target language; its ids are the labels. */
  textTarget?: TextInput
  textPairTarget?: TextInput
  /** Put the model's special tokens around; true unless told otherwise. */
  addSpecialTokens?: boolean
  /** `true` and `'longest'`: to the longest of the batch; `'maxLength'`: to `maxLength`. */
  padding?: boolean | 'longest' | 'maxLength' | 'doNotPad'
  /** `true` and `'longestFirst'`: from the longer text of a pair. */
  truncation?: boolean | 'longestFirst' | 'onlyFirst' | 'onlySecond' | 'doNotTruncate'
  /** In tokens, special ones included; the model's own limit unless told otherwise. */
  maxLength?: number
  /** By how many tokens neighbouring windows overlap. */
  stride?: number
  /** The texts are lists of words already. */
  isSplitIntoWords?: boolean
  padToMultipleOf?: number
  paddingSide?: Side
  /** Which end of a text gives way. */
  truncationSide?: Side
  /** Tensors `{ dtype: 'int32', shape, data }` instead of lists. */
  returnTensors?: boolean
  returnTokenTypeIds?: boolean
  returnAttentionMask?: boolean
  /** Give the windows that truncation cuts off as further rows. */
  returnOverflowingTokens?: boolean
  returnSpecialTokensMask?: boolean
  returnOffsetsMapping?: boolean
  returnLength?: boolean
  /** Treat special tokens in the text as text. */
  splitSpecialTokens?: boolean
}

export interface DecodeOptions {
  skipSpecialTokens?: boolean
  /** Take out the spaces before punctuation. */
  cleanUpTokenizationSpaces?: boolean
}

export interface PadOptions {
  padding?: CallOptions['padding']
  maxLength?: number
  padToMultipleOf?: number
  paddingSide?: Side
  returnAttentionMask?: boolean
  returnTensors?: boolean
}
