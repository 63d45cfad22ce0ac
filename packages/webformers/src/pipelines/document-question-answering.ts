/** @file `document-question-answering`: answers to questions about documents, which Donut reads as images. */
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import { OptionError } from '../errors'
import { type GenerationOptions, type Settled, settleGeneration, withoutLoading } from './generation-options'
import { type Context, defineTask } from './task'
import type { VisualQuestion } from './visual-question-answering'
import { WRITTEN, type WrittenRow, writeRows, writtenRow } from './written-rows'

export type DocumentQuestionAnsweringOptions = GenerationOptions

/** A question gives a list of one answer: `null` where the model writes none. */
export interface DocumentQuestionAnswering {
  input: VisualQuestion
  options: DocumentQuestionAnsweringOptions
  one: { answer: string | null }[]
  many: { answer: string | null }[][]
}

export const documentQuestionAnswering = defineTask({
  head: 'ForQuestionAnswering',
  outputs: ['logits'],
  standard: undefined,
  preprocessing: ['imageProcessor', 'tokenizer'],
  among: withoutLoading,
  settle(given: DocumentQuestionAnsweringOptions, context): Promise<Settled<object>> {
    expectDonut(context)
    return settleGeneration<object>(given, [], WRITTEN, context)
  },
  async prepare({ image, question }: VisualQuestion, _, context): Promise<WrittenRow[]> {
    const prompt = `<s_docvqa><s_question>${question}</s_question><s_answer>`
    const { tokenizer, signal } = context
    const { input_ids } = await tokenizer.callAsync([prompt], { addSpecialTokens: false, signal })
    return writtenRow(image, { decoder_input_ids: input_ids[0]! }, context)
  },
  run: (rows: readonly WrittenRow[], call, context) => writeRows(rows, call, context),
  answer: ([sequences], _, { tokenizer }) => [
    { answer: answerIn(tokenizer.decode(sequences![0]!), tokenizer) },
  ],
})

/** What stands between the marks of an answer. */
function answerIn(
  text: string,
  { eosToken, padToken }: Pick<PreTrainedTokenizer, 'eosToken' | 'padToken'>,
): string | null {
  const ends = [eosToken, padToken].map((token) => String(token ?? ''))
  const plain = ends.reduce((rest, token) => (token ? rest.replaceAll(token, '') : rest), text)
  const withoutTask = plain.replace(/<.*?>/, '').trim()
  return withoutTask.match(/<s_answer>(.*)<\/s_answer>/)?.[1]?.trim() ?? null
}

/** @throws {OptionError} when the model is another that can't answer */
function expectDonut({ config }: Context): void {
  const { model_type } = ((config as { encoder?: { model_type?: string } }).encoder ?? config) as {
    model_type?: string
  }
  if (model_type === 'donut-swin') return
  throw new OptionError(
    `document-question-answering is written for Donut, a vision-encoder-decoder whose encoder is "donut-swin"; ` +
      `this model's is "${model_type}".`,
  )
}
