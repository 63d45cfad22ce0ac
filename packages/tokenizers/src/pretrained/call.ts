/** @file The types of a tokenizer's call: what comes back depends on what was given. */
import type { BatchEncoding, Ids, IntegerTensor } from './batch-encoding'
import type { CallOptions, TextInput } from './options'

/** Lists for one text, lists of lists for more, tensors when asked for. */
export type IdsOf<Text, Options> = Options extends { returnTensors: true }
  ? IntegerTensor
  : Options extends { returnOverflowingTokens: true }
    ? number[][]
    : Text extends string
      ? number[]
      : Text extends readonly string[]
        ? Options extends { isSplitIntoWords: true }
          ? number[]
          : number[][]
        : Ids

/** What a call gives: with `textTarget` there are labels. */
export type Encoded<Text, Options> = Options extends { textTarget: infer Target extends TextInput }
  ? BatchEncoding<IdsOf<Text, Options>> & { labels: IdsOf<Target, Options> }
  : BatchEncoding<IdsOf<Text, Options>>

/**
 * Encode a text, a pair of texts, or a batch of either. Like calling a tokenizer in Python.
 * @example
 * tokenizer('I love it') // { input_ids: [101, 1045, 2293, 2009, 102], token_type_ids: […], attention_mask: [1, 1, 1, 1, 1] }
 * tokenizer(['One.', 'Two of them.'], { padding: true, returnTensors: true }).input_ids.shape // [2, 6]
 * tokenizer('Hello', { textTarget: 'Bonjour' }).labels // what a translation model should answer
 * tokenizer('Who?', 'Me.', { returnOffsetsMapping: true }).offset_mapping // [[0, 0], [0, 3], [3, 4], [0, 0], …]
 * @throws {TokenizerError} when the options contradict each other, or rows of a tensor differ in length.
 */
export interface TokenizerCall {
  <Text extends TextInput, const Options extends CallOptions = Record<never, never>>(
    text: Text,
    options?: Options,
  ): Encoded<Text, Options>
  <Text extends TextInput, const Options extends CallOptions = Record<never, never>>(
    text: Text,
    textPair: TextInput | undefined,
    options?: Options,
  ): Encoded<Text, Options>
  /** Target texts alone. */
  <const Options extends CallOptions & { textTarget: TextInput }>(
    text: undefined,
    options: Options,
  ): BatchEncoding<IdsOf<Options['textTarget'], Options>>
}
