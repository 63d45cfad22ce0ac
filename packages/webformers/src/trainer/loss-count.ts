/** @file What the loss of a batch counts among those whose gradients accumulate, as Python's Trainer has it. */
import type { Batch, LossCount, LossOptions, TrainableModel } from './trainable'

/** Labels that count for nothing. */
export const IGNORED = -100

/** How many labels of a batch count; shifted by one, the first of each text has nothing to foretell it. */
export function countLabels(batch: Batch, shifted: boolean): number {
  const { labels } = batch
  if (!labels) return 0
  const length = labels.shape.at(-1) ?? 1
  let counted = 0
  for (let i = 0; i < labels.data.length; i++)
    if (Number(labels.data[i]) !== IGNORED && !(shifted && i % length === 0)) counted++
  return counted
}

/** By what the mean loss of the batch is multiplied to be what Python's model gives that was told `items`. */
function share(count: LossCount, batch: Batch, items: number): number {
  if (count === 'ignored') return 1
  const counted = countLabels(batch, count === 'shifted')
  return counted === 0 ? 0 : counted / items
}

const counts = ({ lossCount }: TrainableModel, { labelSmoothing, computeLoss }: LossOptions, batch: Batch) =>
  lossCount !== 'mean' && !labelSmoothing && !computeLoss && 'labels' in batch

/** What each batch of a step counts. */
export function lossScales(model: TrainableModel, options: LossOptions, batches: readonly Batch[]): number[] {
  const [first] = batches
  if (!first) return []
  if (counts(model, options, first)) {
    const items = batches.reduce((sum, batch) => sum + countLabels(batch, false), 0)
    return batches.map((batch) => share(model.lossCount, batch, items))
  }
  // A model that is told the number of items is expected to divide by it, smoothed labels or not.
  const told = model.lossCount !== 'mean' && Boolean(options.labelSmoothing) && 'labels' in first
  return batches.map(() => (told ? 1 : 1 / batches.length))
}

/** What the loss of a batch counts in an evaluation. */
export const evaluationScale = (model: TrainableModel, options: LossOptions, batch: Batch): number =>
  counts(model, options, batch) ? share(model.lossCount, batch, countLabels(batch, false)) : 1
