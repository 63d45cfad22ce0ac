/** @file `image-classification`: labels for images. */
import type { PretrainedConfig } from '@webformers/models'
import type { ImageInput } from '@webformers/processors'
import { type ImageOutputs, type ImageRow, imageRow, runImages } from './image-rows'
import { largest, type Numbers, sigmoid, softmax } from './math'
import { defineTask } from './task'
import type { Classification } from './text-classification'

export interface ImageClassificationOptions {
  /** How many labels, best first; `null` gives all. Default: 5. */
  topK?: number | null
  /** What turns logits into scores. Default: as the configuration says, sigmoid for several labels at once or a single one,
   * else softmax. */
  functionToApply?: 'sigmoid' | 'softmax' | 'none'
}

/** An image gives a list of labels. */
export interface ImageClassification {
  input: ImageInput
  options: ImageClassificationOptions
  one: Classification[]
  many: Classification[][]
}

export const imageClassification = defineTask({
  head: ['ForImageClassification', 'ForImageClassificationWithTeacher'],
  outputs: ['logits'],
  standard: { source: 'google/vit-base-patch16-224', revision: '3f49326' },
  preprocessing: ['imageProcessor'],
  settle: ({ topK = 5, functionToApply }: ImageClassificationOptions, { config }) => ({
    topK,
    functionToApply: functionToApply ?? standardFunction(config),
  }),
  prepare: (image: ImageInput, _, context) => imageRow(image, context),
  run: (rows: readonly ImageRow[], _, context) => runImages(rows, context),
  answer([{ logits } = {} as ImageOutputs], { topK, functionToApply }, { config }): Classification[] {
    const scores = functions[functionToApply](logits!.data)
    return largest(scores, topK ?? scores.length).map((id) => ({
      label: config.id2label[id]!,
      score: scores[id]!,
    }))
  },
})

const functions = { sigmoid, softmax, none: (logits: Numbers): number[] => Array.from(logits) }

const standardFunction = ({ problem_type, num_labels }: PretrainedConfig): keyof typeof functions =>
  problem_type === 'multi_label_classification' || num_labels === 1 ? 'sigmoid' : 'softmax'
