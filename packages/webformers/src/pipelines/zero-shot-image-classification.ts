/** @file `zero-shot-image-classification`: labels of the caller's choice for images. */
import type { ImageInput } from '@webformers/processors'
import { OptionError } from '../errors'
import type { Tensor } from '../tensor'
import { type ImageOutputs, type ImageRow, imageRow, runImages } from './image-rows'
import { largest, sigmoid, softmax } from './math'
import { defineTask } from './task'
import type { Classification } from './text-classification'

export interface ZeroShotImageClassificationOptions {
  /** The labels: a list, or a string with commas between them. */
  candidateLabels?: string | readonly string[]
  /** The sentence that a label, in place of `{}`, is judged by. Default: `'This is a photo of {}.'` */
  hypothesisTemplate?: string
}

/** An image gives the labels, best first. */
export interface ZeroShotImageClassification {
  input: ImageInput
  options: ZeroShotImageClassificationOptions
  one: Classification[]
  many: Classification[][]
}

export const zeroShotImageClassification = defineTask({
  head: 'Model',
  outputs: ['logits_per_image'],
  standard: { source: 'openai/clip-vit-base-patch32', revision: '3d74acf' },
  preprocessing: ['tokenizer', 'imageProcessor'],
  settle(options: ZeroShotImageClassificationOptions, { tokenizer, config }) {
    const { candidateLabels = [], hypothesisTemplate = 'This is a photo of {}.' } = options
    const labels = listOf(candidateLabels)
    if (labels.length === 0) {
      throw new OptionError("Give at least one label: { candidateLabels: ['a cat', 'a dog'] }.")
    }
    const alone = config.model_type.includes('siglip')
    const padding = alone
      ? ({ padding: 'maxLength', maxLength: 64, truncation: true } as const)
      : { padding: true }
    const texts = labels.map((label) => hypothesisTemplate.replaceAll('{}', () => label))
    const { input_ids, token_type_ids, attention_mask } = tokenizer(texts, padding)
    const inputs = Object.entries({ input_ids, token_type_ids, attention_mask }).flatMap(([name, ids]) =>
      ids ? [[name, tensorOf(ids as number[][])] as const] : [],
    )
    return { labels, alone, texts: Object.fromEntries(inputs) as Readonly<Record<string, Tensor>> }
  },
  prepare: (image: ImageInput, _, context) => imageRow(image, context),
  run: (rows: readonly ImageRow[], { texts }, context) => runImages(rows, context, texts),
  answer([outputs = {} as ImageOutputs], { labels, alone }): Classification[] {
    const scores = (alone ? sigmoid : softmax)(outputs.logits_per_image!.data)
    return largest(scores, labels.length).map((i) => ({ label: labels[i]!, score: scores[i]! }))
  },
})

const listOf = (labels: string | readonly string[]): readonly string[] =>
  typeof labels === 'string' ? labels.split(',').flatMap((label) => label.trim() || []) : labels

const tensorOf = (rows: readonly (readonly number[])[]): Tensor => ({
  dtype: 'int32',
  shape: [rows.length, rows[0]!.length],
  data: Int32Array.from(rows.flat()),
})
