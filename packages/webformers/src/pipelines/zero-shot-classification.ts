/** @file `zero-shot-classification`: labels of the caller's choice, judged by a model of natural language inference. */

import type { PretrainedConfig } from '@webformers/models'
import { OptionError } from '../errors'
import { encode, type Row } from './encode'
import { largest, type Numbers, softmax } from './math'
import { defineTask } from './task'

export interface ZeroShotClassificationOptions {
  /** The labels: a list, or a string with commas between them. */
  candidateLabels?: string | readonly string[]
  /** The sentence that a label, in place of `{}`, is judged by. Default: `'This example is {}.'` */
  hypothesisTemplate?: string
  /** Judge each label by itself, so that several can be true. Default: `false`, the scores sum to 1. */
  multiLabel?: boolean
}

/** The labels, best first, with their scores. */
export interface ZeroShotResult {
  sequence: string
  labels: string[]
  scores: number[]
}

export interface ZeroShotClassification {
  input: string
  options: ZeroShotClassificationOptions
  one: ZeroShotResult
  many: ZeroShotResult[]
}

export const zeroShotClassification = defineTask({
  head: 'ForSequenceClassification',
  outputs: ['logits'],
  standard: { source: 'FacebookAI/roberta-large-mnli', revision: '2a8f12d' },
  settle(options: ZeroShotClassificationOptions, { config }) {
    const { candidateLabels = [], hypothesisTemplate = 'This example is {}.', multiLabel = false } = options
    const labels = listLabels(candidateLabels)
    if (labels.length === 0) {
      throw new OptionError("Give at least one label: { candidateLabels: ['politics', 'sport'] }.")
    }
    if (!hypothesisTemplate.includes('{}')) {
      throw new OptionError(
        `hypothesisTemplate "${hypothesisTemplate}" has no place for the label. Put {} where it should stand.`,
      )
    }
    const hypotheses = labels.map((label) => hypothesisTemplate.replaceAll('{}', () => label))
    return { labels, hypotheses, alone: multiLabel || labels.length === 1, entails: entailmentId(config) }
  },
  async prepare(text: string, { hypotheses }, context) {
    const rows: Row[] = []
    for (const text_pair of hypotheses)
      rows.push(...(await encode(context, { text, text_pair }, { truncation: 'onlyFirst' })))
    return rows
  },
  answer(rows, { labels, alone, entails }, _, sequence) {
    const logits = rows.map(({ outputs }) => outputs.logits!.data)
    const scores = entailment(logits, entails, alone)
    const order = largest(scores, labels.length)
    return { sequence, labels: order.map((i) => labels[i]!), scores: order.map((i) => scores[i]!) }
  },
})

const listLabels = (labels: string | readonly string[]): readonly string[] =>
  typeof labels === 'string' ? labels.split(',').flatMap((label) => label.trim() || []) : labels

/** How much the text entails each hypothesis: against its contradiction, or against the other hypotheses. */
export function entailment(logits: readonly Numbers[], entails: number, alone: boolean): number[] {
  if (!alone) return softmax(logits.map((row) => row[entails]!))
  return logits.map((row) => softmax([row[entails === 0 ? row.length - 1 : 0]!, row[entails]!])[1]!)
}

/** The label whose name begins with "entail". */
function entailmentId({ label2id, num_labels }: PretrainedConfig): number {
  const found = Object.entries(label2id).find(([label]) => label.toLowerCase().startsWith('entail'))
  if (found) return found[1]
  console.warn(
    `webformers: no label of this model is called entailment, only ${Object.keys(label2id).join(', ')}; the last is taken for it.`,
  )
  return num_labels - 1
}
