/** @file Texts with labels, made ready for a Trainer; how often its model is right. */
import type { Dataset, PreTrainedTokenizer, Trainer } from 'webformers'

/** A text and the number of its label. */
export interface Labelled {
  readonly text: string
  readonly label: number
}

/** Rows with what the model reads: the ids of each text, cut where they are too many. */
export function encode(
  rows: Dataset<Labelled>,
  tokenizer: PreTrainedTokenizer,
  { maxLength, signal }: { maxLength: number; signal?: AbortSignal },
): Promise<Dataset> {
  const ids = ({ text }: { text: string[] }) =>
    tokenizer.callAsync(text, { truncation: true, maxLength, signal })
  return rows.map(ids, { batched: true, batchSize: 64, removeColumns: ['text'], signal })
}

type ComputeMetrics = NonNullable<ConstructorParameters<typeof Trainer>[0]['computeMetrics']>

/** The share of texts whose label is the most probable one. */
export const accuracy: ComputeMetrics = ({ predictions, labelIds }) => {
  if (!('data' in predictions) || !('data' in labelIds)) throw new TypeError('Expected one array of each.')
  const [logits, labels] = [Array.from(predictions.data, Number), Array.from(labelIds.data, Number)]
  const classes = logits.length / labels.length
  const right = labels.filter((label, i) => {
    const scores = logits.slice(i * classes, (i + 1) * classes)
    return scores.indexOf(Math.max(...scores)) === label
  })
  return { accuracy: right.length / labels.length }
}

/** The names of labels as a configuration has them. */
export const labelConfig = (names: readonly string[]) => ({
  num_labels: names.length,
  id2label: Object.fromEntries(names.entries()),
  label2id: Object.fromEntries(names.map((name, id) => [name, id])),
})
