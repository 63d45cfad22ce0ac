/** @file `image-to-text`: captions, and what is written in images. */
import type { ImageInput } from '@webformers/processors'
import { OptionError } from '../errors'
import { type GenerationOptions, type Settled, settleGeneration, withoutLoading } from './generation-options'
import { defineTask } from './task'
import { WRITTEN, type WrittenRow, writeRows, writtenRow } from './written-rows'

interface OwnOptions {
  /** What a caption begins with, for models that go on from a text. */
  prompt?: string
}
export interface ImageToTextOptions extends GenerationOptions, OwnOptions {}

/** An image gives a list of texts, as many as `numReturnSequences` says. */
export interface ImageToText {
  input: ImageInput
  options: ImageToTextOptions
  one: { generated_text: string }[]
  many: { generated_text: string }[][]
}

export const imageToText = defineTask({
  head: 'ForConditionalGeneration',
  outputs: ['logits'],
  standard: { source: 'ydshieh/vit-gpt2-coco-en', revision: '5bebf1e' },
  preprocessing: ['imageProcessor', 'tokenizer'],
  among: withoutLoading,
  settle: (given: ImageToTextOptions, context): Promise<Settled<OwnOptions>> =>
    settleGeneration<OwnOptions>(given, ['prompt'], WRITTEN, context),
  async prepare(image: ImageInput, { own: { prompt } }, context): Promise<WrittenRow[]> {
    if (prompt === undefined) return writtenRow(image, {}, context)
    const { model_type } = context.config
    if (model_type === 'vision-encoder-decoder')
      throw new OptionError(`A model of model_type "${model_type}" goes on from no prompt. Leave it out.`)
    const { input_ids, attention_mask } = await context.tokenizer.callAsync([prompt], {
      signal: context.signal,
    })
    return writtenRow(image, { input_ids: input_ids[0]!, attention_mask: attention_mask![0]! }, context)
  },
  run: (rows: readonly WrittenRow[], call, context) => writeRows(rows, call, context),
  answer: ([sequences], _, { tokenizer }) =>
    sequences!.map((ids) => ({ generated_text: tokenizer.decode(ids, { skipSpecialTokens: true }) })),
})
