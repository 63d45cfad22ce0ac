/** @file `visual-question-answering`: answers to questions about images. */
import type { ImageInput } from '@webformers/processors'
import type { CallOptions } from '@webformers/tokenizers'
import { type GenerationOptions, type Settled, settleGeneration, withoutLoading } from './generation-options'
import { defineTask } from './task'
import { WRITTEN, type WrittenRow, writeRows, writtenRow } from './written-rows'

export interface VisualQuestion {
  image: ImageInput
  question: string
}
/** Every question about every image. */
export interface VisualQuestions {
  image: ImageInput | readonly ImageInput[]
  question: string | readonly string[]
}

interface OwnOptions {
  /** Cut questions that are longer than the tokenizer's `model_max_length`. Default: `false`. */
  truncation?: CallOptions['truncation']
}
export interface VisualQuestionAnsweringOptions extends GenerationOptions, OwnOptions {}

/** A question gives a list of answers, as many as `numReturnSequences` says. */
export interface VisualQuestionAnswering {
  input: VisualQuestion
  options: VisualQuestionAnsweringOptions
  one: { answer: string }[]
  many: { answer: string }[][]
}

export const visualQuestionAnswering = defineTask({
  head: 'ForQuestionAnswering',
  outputs: ['logits'],
  standard: undefined,
  preprocessing: ['imageProcessor', 'tokenizer'],
  among: withoutLoading,
  settle: (given: VisualQuestionAnsweringOptions, context): Promise<Settled<OwnOptions>> =>
    settleGeneration<OwnOptions>(given, ['truncation'], WRITTEN, context),
  several(input): VisualQuestion[] | undefined {
    const { image, question } = input as VisualQuestions
    if (!Array.isArray(image) && !Array.isArray(question)) return undefined
    const questions = [question].flat() as readonly string[]
    const images = (Array.isArray(image) ? image : [image]) as readonly ImageInput[]
    return questions.flatMap((each) => images.map((one) => ({ image: one, question: each })))
  },
  async prepare(
    { image, question }: VisualQuestion,
    { own: { truncation } },
    context,
  ): Promise<WrittenRow[]> {
    const { tokenizer, signal } = context
    const { input_ids, attention_mask } = await tokenizer.callAsync([question], { truncation, signal })
    return writtenRow(image, { input_ids: input_ids[0]!, attention_mask: attention_mask![0]! }, context)
  },
  run: (rows: readonly WrittenRow[], call, context) => writeRows(rows, call, context),
  answer: ([sequences], _, { tokenizer }) =>
    sequences!.map((ids) => ({ answer: tokenizer.decode(ids, { skipSpecialTokens: true }).trim() })),
})
