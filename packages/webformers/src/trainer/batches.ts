/** @file From a dataset to the batches that a model is trained or evaluated on. */
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import {
  type DataCollator,
  DataCollatorWithPadding,
  DataLoader,
  defaultDataCollator,
  epochOrder,
  Generator,
  type Items,
  isMap,
  lengthGroupedOrder,
  type MapDataset,
} from '../data'
import { OptionError } from '../errors'
import type { TrainingArguments } from './arguments'
import { LabelRangeError } from './errors'
import { IGNORED } from './loss-count'
import type { Batch, TrainableModel } from './trainable'

/** The collator of a training for which none was chosen. Like the default of `data_collator` in Python. */
export const standardCollator = (processing: object | undefined): DataCollator =>
  isTokenizer(processing) ? DataCollatorWithPadding({ tokenizer: processing }) : defaultDataCollator

const isTokenizer = (processing: object | undefined): processing is PreTrainedTokenizer =>
  processing !== undefined && 'padTokenId' in processing

/** The collator, given only what the model takes; one that draws random numbers keeps its generator. */
export function collatorFor(
  collate: DataCollator,
  { inputNames, labelNames }: TrainableModel,
  args: TrainingArguments,
): DataCollator {
  if (!args.removeUnusedColumns) return collate
  const kept = new Set([...inputNames, ...labelNames, ...(args.labelNames ?? []), 'label', 'label_ids'])
  const pick = (item: object) => Object.fromEntries(Object.entries(item).filter(([name]) => kept.has(name)))
  return Object.assign((items: readonly object[]) => collate(items.map(pick)), {
    generator: (collate as { generator?: Generator }).generator,
  })
}

export const loaderOf = (dataset: Items, collate: DataCollator, batchSize: number, dropLast: boolean) =>
  new DataLoader(dataset, { batchSize, collate, dropLast })

export const lengthOf = (dataset: Items): number | undefined => (isMap(dataset) ? dataset.length : undefined)

/** The order of an epoch's examples. */
export type Order = (epoch: number) => Promise<ArrayLike<number> | undefined>

/** The orders that Python's Trainer goes through with the same seed; a stream has its own.
 * @throws {OptionError} when a stream shall be grouped by length */
export function orderOf(
  dataset: Items,
  batchSize: number,
  args: TrainingArguments,
  lengthName: string,
): Order {
  if (!isMap(dataset)) {
    if (args.groupByLength)
      throw new OptionError(
        'groupByLength needs a dataset whose items can be taken by index, but this is a stream.',
      )
    return async () => undefined
  }
  const { length } = dataset
  if (!args.groupByLength) return async (epoch) => epochOrder(length, args.dataSeed ?? args.seed, epoch)
  let lengths: Promise<number[]> | undefined
  return async (epoch) => {
    lengths ??= lengthsOf(dataset, args.lengthColumnName, lengthName)
    const generator = new Generator(args.seed)
    // Each epoch draws on from where the one before has left the generator.
    for (let earlier = 0; earlier < epoch; earlier++) {
      generator.randomSeed()
      generator.randperm(length)
    }
    generator.randomSeed()
    return lengthGroupedOrder(await lengths, batchSize * args.gradientAccumulationSteps, generator)
  }
}

async function lengthsOf(dataset: MapDataset, column: string, input: string): Promise<number[]> {
  const lengths: number[] = []
  for (let i = 0; i < dataset.length; i++) {
    const item = (await dataset.at(i)) as Readonly<Record<string, unknown>> | undefined
    const given = item?.[column] ?? (item?.[input] as { length?: unknown } | undefined)?.length
    if (typeof given !== 'number')
      throw new OptionError(
        `groupByLength needs the length of each item, but item ${i} of the dataset has neither "${column}" nor a list "${input}".`,
      )
    lengths.push(given)
  }
  return lengths
}

/** @throws {LabelRangeError} when a label is none of the model's */
export function checkLabels(batch: Batch, items: readonly number[], { classes }: TrainableModel): void {
  for (const [name, below] of Object.entries(classes)) {
    const labels = batch[name]
    if (!labels) continue
    const each = labels.data.length / items.length
    for (let i = 0; i < labels.data.length; i++) {
      const value = Number(labels.data[i])
      if (value === IGNORED || (value >= 0 && value < below)) continue
      throw new LabelRangeError(name, value, below, items[Math.floor(i / each)]!)
    }
  }
}

/** What the labels of a dataset are, where its first item tells that they are no whole numbers; a stream can not be asked. */
export async function labelsOf(dataset: Items): Promise<'float32' | undefined> {
  if (!isMap(dataset) || dataset.length === 0) return undefined
  const { labels, label, label_ids } = ((await dataset.at(0)) ?? {}) as Readonly<Record<string, unknown>>
  return isFractional(labels ?? label ?? label_ids) ? 'float32' : undefined
}

function isFractional(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isFractional)
  if (value instanceof Float32Array || value instanceof Float64Array) return true
  if (typeof value === 'object' && value !== null) return 'dtype' in value && value.dtype === 'float32'
  return typeof value === 'number' && !Number.isInteger(value)
}
