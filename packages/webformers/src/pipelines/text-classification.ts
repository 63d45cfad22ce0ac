/** @file `text-classification`: labels for texts or pairs of texts. */

import type { PretrainedConfig } from '@webformers/models'
import { AutoModelForSequenceClassification } from '../auto'
import { encode, type TextPair } from './encode'
import { argmax, type Numbers, sigmoid, softmax } from './math'
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
  model: AutoModelForSequenceClassification,
  standard: { source: 'distilbert/distilbert-base-uncased-finetuned-sst-2-english', revision: '714eb0f' },
  prepare: (text: string | TextPair, { truncation, maxLength }: TextClassificationOptions, { tokenizer }) =>
    encode(tokenizer, text, { truncation, maxLength }),
  answer: ([row], options, { config }) => classify(row!.outputs.logits!.data, config, options),
  together: (answers, { topK }) => (topK === undefined ? answers.flat() : answers),
})

/** Labels with their scores, best first. */
export function classify(
  logits: Numbers,
  config: Pick<PretrainedConfig, 'id2label' | 'problem_type' | 'num_labels'>,
  { topK = 1, functionToApply = standardFunction(config) }: TextClassificationOptions,
): Classification[] {
  const scores = functions[functionToApply](logits)
  if (topK === 1) {
    const best = argmax(scores)
    return [{ label: config.id2label[best]!, score: scores[best]! }]
  }
  const all = scores.map((score, id) => ({ label: config.id2label[id]!, score }))
  return all.sort((a, b) => b.score - a.score).slice(0, topK ?? undefined)
}

const functions = { sigmoid, softmax, none: (logits: Numbers): number[] => Array.from(logits) }

function standardFunction({
  problem_type,
  num_labels,
}: Pick<PretrainedConfig, 'problem_type' | 'num_labels'>): keyof typeof functions {
  if (problem_type === 'regression') return 'none'
  return problem_type === 'multi_label_classification' || num_labels === 1 ? 'sigmoid' : 'softmax'
}
