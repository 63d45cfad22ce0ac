/** @file What makes a task a task, and the rows a model sees: the common ground of the pipelines. */
import type { Head } from '@webformers/models'
import type { FeatureExtractor, ImageProcessor } from '@webformers/processors'
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import type { PreTrainedModel } from '../model'
import type { Processor } from '../processing'
import type { Row } from './encode'

/** What a model computed for one row of a batch: a tensor without its first dimension. */
export interface RowTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** A row and the model's outputs for it. */
export interface Answered {
  readonly row: Row
  readonly outputs: Readonly<Record<string, RowTensor>>
  /** How many padding tokens the batch put before the row. */
  readonly padding: number
}

/** What makes a model's inputs; a task has those that it names. */
export interface Preprocessing {
  readonly tokenizer: PreTrainedTokenizer
  readonly featureExtractor: FeatureExtractor
  readonly imageProcessor: ImageProcessor
  /** Brings its own tokenizer and image processor along. */
  readonly processor: Processor
}

/** What tasks know of the model they are part of. */
export interface Context extends Preprocessing {
  readonly config: PreTrainedModel['config']
  readonly model: PreTrainedModel
  /** As it was asked for: `translation_en_to_de`. */
  readonly task: string
  /** The call's. */
  readonly signal?: AbortSignal
}

/** A task: how an input becomes rows, and how what the model computed for them becomes an answer. */
export interface TaskDefinition<Input, Options, Settled, Answer, R = Row, A = Answered> {
  /** The head that the task's model has; of several, the first that its architecture has. */
  readonly head: Head | readonly Head[]
  /** The model's outputs that the task reads; the others are not computed. Default: all. */
  readonly outputs?: readonly string[]
  /** What is used when no model is named, as in Python; where there is nothing, one has to be. */
  readonly standard: { readonly source: string; readonly revision: string } | undefined
  /** The task's options among those that a pipeline is loaded with. Default: all, as the task reads its own only. */
  among?(options: object): object
  /** What makes the model's inputs. Default: the tokenizer. */
  readonly preprocessing?: readonly (keyof Preprocessing)[]
  /** The options of a call, checked and completed once for all its inputs. */
  settle(options: Options, context: Context): Settled | Promise<Settled>
  /** Whether an input that is a list or a stream is one input, as a chat or samples are. */
  isOne?(input: unknown): boolean
  /** The inputs in one that stands for several; nothing for any other. */
  several?(input: unknown): readonly Input[] | undefined
  /** Rows that together give one answer: usually one, more for a text in windows or one that is asked about several labels. */
  prepare(input: Input, options: Settled, context: Context): Promise<readonly R[]>
  /** What is made of rows as one batch. Default: what the model computes for them. */
  run?(rows: readonly R[], options: Settled, context: Context): Promise<readonly A[]>
  answer(rows: readonly A[], options: Settled, context: Context, input: Input): Answer
  /** What the answers to a list of inputs are together. Default: a list. */
  together?(answers: readonly Answer[], options: Settled): unknown
  /** The text that the task writes to one input, as it comes. */
  stream?(input: Input, options: Settled, context: Context): AsyncGenerator<string, void>
}

/** Checks a definition and keeps its types. */
export const defineTask = <Input, Options, Settled, Answer, R = Row, A = Answered>(
  definition: TaskDefinition<Input, Options, Settled, Answer, R, A>,
) => definition

/** Options of the tasks that leave long texts as they are, unless told otherwise. As in Python, the model then refuses them. */
export interface TruncationOptions {
  /** Cut texts that are longer than the model takes. Default: `false`. */
  truncation?: boolean
  /** Where to cut, in tokens. Default: the tokenizer's `model_max_length`. */
  maxLength?: number
}

/** An output's values for the row's own tokens, padding left out. */
export const tokenValues = (
  { row, padding }: Answered,
  { shape: [, size = 1], data }: RowTensor,
): Float32Array => data.subarray(padding * size, (padding + row.ids.length) * size)

/** An output's vectors for the row's own tokens. */
export function tokenRows(answered: Answered, tensor: RowTensor): Float32Array[] {
  const [values, size] = [tokenValues(answered, tensor), tensor.shape[1]!]
  return answered.row.ids.map((_, i) => values.subarray(i * size, (i + 1) * size))
}
