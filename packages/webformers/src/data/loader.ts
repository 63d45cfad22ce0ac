/** @file From a dataset to its batches: in an order, one prepared ahead, from any position on. */
import { breather, nextTask } from '@webformers/hub'
import { CollateError, DatasetError, OptionError } from '../errors'
import { type Batch, type DataCollator, show } from './collators/collate'
import { defaultDataCollator } from './collators/default'
import type { Generator, GeneratorState } from './generator'

/** Items by index: a list, a `Dataset`, or what loads an item when it is asked for. */
export interface MapDataset<Item extends object = object> {
  readonly length: number
  at(index: number): Item | undefined | Promise<Item | undefined>
}
/** Items by index, or one after the other. */
export type Items<Item extends object = object> = MapDataset<Item> | AsyncIterable<Item> | Iterable<Item>

export interface LoaderOptions<Item extends object = object> {
  /** Items in a batch. */
  batchSize: number
  /** Default: `defaultDataCollator`. */
  collate?: DataCollator<Item>
  /** Leave out a last batch that is not full. Default: false. */
  dropLast?: boolean
}
/** Where an epoch stands after a batch; kept with a checkpoint, the next batches are the same again. */
export interface LoaderPosition {
  readonly batches: number
  /** The collator's random numbers, where it draws some. */
  readonly generator?: GeneratorState
}
export interface LoadedBatch {
  readonly batch: Batch
  /** Which items of the dataset it was made of; of a stream, how many came before them. */
  readonly items: readonly number[]
  readonly position: LoaderPosition
}
export interface EpochOptions {
  /** Items by index, such as `epochOrder(dataset.length, seed, epoch)`. Default: as they stand. */
  order?: ArrayLike<number>
  /** Go on after this batch: what came before is not collated, and read only where the dataset is a stream. */
  from?: LoaderPosition
  signal?: AbortSignal
}

/**
 * A dataset's batches. Like `torch.utils.data.DataLoader`.
 * @example
 * const loader = new DataLoader(dataset, { batchSize: 8, collate: DataCollatorWithPadding({ tokenizer }) })
 * for await (const { batch, position } of loader.epoch({ order: epochOrder(dataset.length, 42, 0) })) {
 *   await step(batch)
 * }
 */
export class DataLoader<Item extends object = object> {
  private readonly collate: DataCollator<Item> & { readonly generator?: Generator }
  private readonly batchSize: number
  private readonly dropLast: boolean

  /** @throws {OptionError} when the batch size is no whole number from 1 on. */
  constructor(
    private readonly dataset: Items<Item>,
    { batchSize, collate = defaultDataCollator, dropLast = false }: LoaderOptions<Item>,
  ) {
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new OptionError(`batchSize is ${batchSize}, but must be a whole number from 1 on.`)
    }
    this.batchSize = batchSize
    this.collate = collate
    this.dropLast = dropLast
  }

  /** How many batches an epoch has, undefined for a stream. Like `len(dataloader)`. */
  get length(): number | undefined {
    if (!isMap(this.dataset)) return undefined
    const batches = this.dataset.length / this.batchSize
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches)
  }

  /**
   * The batches of one epoch; while one is worked on, the next is made.
   * @throws {DatasetError} when there is no item, or the dataset ends before the position to go on from.
   * @throws {CollateError} naming the items that do not make a batch; the signal's reason when it aborts.
   */
  async *epoch(options: EpochOptions = {}): AsyncGenerator<LoadedBatch, void> {
    const { signal } = options
    const batches = this.batches(options)
    const aborted = abortion(signal)
    let next = batches.next()
    try {
      for (;;) {
        const { done, value } = await Promise.race([next, aborted.promise])
        if (done) return
        // The present batch is handed over before the page's thread works on the next one.
        next = nextTask().then(() => batches.next())
        next.catch(() => {})
        yield value
      }
    } finally {
      aborted.forget()
      // Not awaited: a stream that hangs would hang whoever stops.
      batches.return().catch(() => {})
    }
  }

  private async *batches({ order, from, signal }: EpochOptions): AsyncGenerator<LoadedBatch, void> {
    const { generator } = this.collate
    if (generator && from?.generator) generator.setState(from.generator)
    let batches = from?.batches ?? 0
    for await (const group of this.groups(batches * this.batchSize, order, signal)) {
      const batch = await this.collated(group, batches)
      batches++
      const state = generator && { generator: generator.getState() }
      yield { batch, items: group.map(({ index }) => index), position: { batches, ...state } }
    }
    if (batches > 0) return
    throw new DatasetError(
      this.dropLast
        ? `The dataset has fewer items than a batch of ${this.batchSize}, and dropLast leaves them out. Take a smaller batch.`
        : 'The dataset has no item. An iterator gives its items only once: IterableDataset.from(() => …) opens it anew.',
    )
  }

  private async collated(group: readonly Indexed<Item>[], number: number): Promise<Batch> {
    try {
      return await this.collate(group.map(({ item }) => item))
    } catch (cause) {
      const indices = group.map(({ index }) => index)
      const listed = indices.length > 10 ? `${indices.slice(0, 10).join(', ')}, …` : indices.join(', ')
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new CollateError(
        `Batch ${number} of the epoch, made of the dataset's items ${listed}: ${reason}`,
        {
          cause,
        },
      )
    }
  }

  private async *groups(
    skipped: number,
    order: ArrayLike<number> | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Indexed<Item>[], void> {
    let group: Indexed<Item>[] = []
    const { dataset } = this
    const items = isMap(dataset)
      ? byIndex(dataset, skipped, order, signal)
      : streamed(dataset, skipped, signal)
    for await (const item of items) {
      group.push(item)
      if (group.length < this.batchSize) continue
      yield group
      group = []
    }
    if (group.length > 0 && !this.dropLast) yield group
  }
}

interface Indexed<Item> {
  readonly index: number
  readonly item: Item
}

/** Whether items can be taken by index. */
export const isMap = <Item extends object>(dataset: Items<Item>): dataset is MapDataset<Item> =>
  'length' in dataset && 'at' in dataset

async function* byIndex<Item extends object>(
  dataset: MapDataset<Item>,
  skipped: number,
  order: ArrayLike<number> | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Indexed<Item>, void> {
  const breathe = breather(signal)
  const { length } = order ?? dataset
  for (let i = skipped; i < length; i++) {
    const index = order ? order[i]! : i
    const item = await dataset.at(index)
    yield { index, item: checked(item, index, `the dataset says it has ${dataset.length} of them`) }
    await breathe()
  }
}

async function* streamed<Item extends object>(
  dataset: AsyncIterable<Item> | Iterable<Item>,
  skipped: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Indexed<Item>, void> {
  const breathe = breather(signal)
  let index = 0
  for await (const item of dataset) {
    if (index >= skipped)
      yield { index, item: checked(item, index, 'an item is an object of values by name') }
    index++
    await breathe()
  }
  if (index >= skipped) return
  throw new DatasetError(
    `The dataset ends after ${index} items, but was to go on from item ${skipped}. ` +
      'Is it the dataset that the checkpoint was made with?',
  )
}

function checked<Item extends object>(item: Item | undefined, index: number, expected: string): Item {
  if (typeof item === 'object' && item !== null) return item
  throw new DatasetError(`Item ${index} of the dataset is ${show(item)}, but ${expected}.`)
}

/** A promise that rejects when the signal aborts, until it is forgotten. */
function abortion(signal: AbortSignal | undefined): { promise: Promise<never>; forget: () => void } {
  let forget = () => {}
  const promise = new Promise<never>((_, reject) => {
    const abort = () => reject(signal!.reason)
    signal?.addEventListener('abort', abort)
    forget = () => signal?.removeEventListener('abort', abort)
    if (signal?.aborted) abort()
  })
  promise.catch(() => {})
  return { promise, forget }
}
