/** @file The collator for items that have one shape already. */
import { areObjects } from '../../objects'
import { type Batch, columnsOf, stack, take } from './collate'

/**
 * Stacks what the items have: `label` or `label_ids` become `labels`; strings and what is null are left out. Like
 * `default_data_collator` in Python, except that labels are int32 where all of a batch are whole numbers, and that the objects on
 * images, which differ in number, stay a list.
 * @example
 * defaultDataCollator([{ pixel_values: [0.5, 1.5], label: 3 }, { pixel_values: [2.5, 0.5], label: 1 }])
 * // { labels: { dtype: 'int32', shape: [2], … }, pixel_values: { dtype: 'float32', shape: [2, 2], … } }
 * @throws {CollateError} naming the item and the key that do not fit.
 */
export function defaultDataCollator(features: readonly object[]): Batch {
  const columns = columnsOf(features)
  const label = take(columns, 'label')
  const labelIds = take(columns, 'label_ids')
  const labels = [label, labelIds].find((values) => isGiven(values?.[0]))
  const batch: Batch = labels ? { labels: stack('labels', labels) } : {}
  for (const [name, values] of Object.entries(columns)) {
    if (name === 'labels' && areObjects(values))
      batch[name] = values as never // a detector's Trainer matches them
    else if (isGiven(values[0]) && typeof values[0] !== 'string') batch[name] = stack(name, values)
  }
  return batch
}

const isGiven = (value: unknown) => value !== null && value !== undefined
