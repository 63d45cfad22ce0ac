/** @file `text-classification`: labels for texts or pairs of texts. */

import type { PretrainedConfig } from '@webformers/models'
import { encode, type TextPair } from './encode'
import { largest, type Numbers, sigmoid, softmax } from './math'
import { defineTask, type TruncationOptions } from './task'

export interface TextClassificationOptions extends TruncationOptions {
  /** How many labels, best first; `null` gives all. Without it each text gets its best label. */
  topK?: number | null
  /** What turns logits into scores. Default: as the configuration says, sigmoid for several labels at once or a single one,
   * none for regression, else softmax. */
  functionToApply?: 'sigmoid' | 'softmax' | 'none'
}

export interface Classification {
  label: string
  score: number
}

/** One text gives a list of labels. A list gives a label a text, or where `topK` is asked for a list of labels a text. */
export interface TextClassification<O> {
  input: string | TextPair
  options: TextClassificationOptions
  one: Classification[]
  many: O extends { topK: number | null } ? Classification[][] : Classification[]
}

export const textClassification = defineTask({
  head: 'ForSequenceClassification',
  outputs: ['logits'],
  standard: { source: 'distilbert/distilbert-base-uncased-finetuned-sst-2-english', revision: '714eb0f' },
  settle: ({ topK, functionToApply, truncation, maxLength }: TextClassificationOptions, { config }) => ({
    topK,
    functionToApply: functionToApply ?? standardFunction(config),
    cut: { truncation, maxLength },
  }),
  prepare: (text: string | TextPair, { cut }, context) => encode(context, text, cut),
  answer: ([first], { topK = 1, functionToApply }, { config }) =>
    classify(functions[functionToApply](first!.outputs.logits!.data), topK, config.id2label),
  together: (answers, { topK }) => (topK === undefined ? answers.flat() : answers),
})

const functions = { sigmoid, softmax, none: (logits: Numbers): number[] => Array.from(logits) }

function standardFunction({ problem_type, num_labels }: PretrainedConfig): keyof typeof functions {
  if (problem_type === 'regression') return 'none'
  return problem_type === 'multi_label_classification' || num_labels === 1 ? 'sigmoid' : 'softmax'
}

/** Labels with their scores, best first. */
const classify = (
  scores: readonly number[],
  topK: number | null,
  labels: Readonly<Record<number, string>>,
): Classification[] =>
  largest(scores, topK ?? scores.length).map((id) => ({ label: labels[id]!, score: scores[id]! }))
