/** @file Collators that bring texts to one length, with their labels. */
import type { CallOptions, PreTrainedTokenizer } from '@webformers/tokenizers'
import { CollateError } from '../../errors'
import type { Tensor } from '../../tensor'
import { type Batch, batchOf, type Collator, type Columns, columnsOf, idsOf, stack, take } from './collate'

export interface PaddingOptions {
  tokenizer: PreTrainedTokenizer
  /** Default: true, to the longest of the batch. */
  padding?: CallOptions['padding']
  maxLength?: number
  padToMultipleOf?: number
}
export interface LabelPaddingOptions extends PaddingOptions {
  /** What labels are padded with; losses leave out -100, the default. */
  labelPadTokenId?: number
}

const PADDED = ['input_ids', 'attention_mask', 'token_type_ids', 'special_tokens_mask']

/**
 * Pads texts to the longest of their batch; `label` or `label_ids` become `labels`. Like `DataCollatorWithPadding`.
 * @example
 * const collate = DataCollatorWithPadding({ tokenizer })
 * collate([{ ...tokenizer('Fine.'), label: 1 }, { ...tokenizer('Not so good.'), label: 0 }]).input_ids.shape // [2, 6]
 * @throws {CollateError} when the batch is made, naming the item and the key that do not fit.
 */
export function DataCollatorWithPadding(options: PaddingOptions): Collator {
  return (features) => {
    const { label, label_ids, ...batch } = batchOf(pad(columnsOf(features), options))
    const labels = label_ids ?? label
    return labels ? { ...batch, labels } : batch
  }
}

/**
 * Pads texts, and the labels of their tokens. Like `DataCollatorForTokenClassification`.
 * @example
 * DataCollatorForTokenClassification({ tokenizer })([
 *   { input_ids: [101, 7592, 102], labels: [-100, 1, -100] },
 *   { input_ids: [101, 102], labels: [-100, -100] },
 * ]).labels // { dtype: 'int32', shape: [2, 3], data: [-100, 1, -100, -100, -100, -100] }
 * @throws {CollateError} when the batch is made, naming the item and the key that do not fit.
 */
export function DataCollatorForTokenClassification(options: LabelPaddingOptions): Collator {
  const { labelPadTokenId = -100, tokenizer } = options
  return (features) => {
    const columns = columnsOf(features)
    const name = labelName(columns)
    const labels = take(columns, name)
    const batch = batchOf(pad(columns, options))
    if (!labels) return batch
    const length = batch.input_ids!.shape[1]!
    const padded = padLabels(idsOf(name, labels), length, labelPadTokenId, tokenizer.paddingSide)
    return { ...batch, [name]: stack(name, padded, 'int32') }
  }
}

/** A model that makes the decoder's inputs of labels, which saves label smoothing a second loss. */
export interface PreparesDecoderInputs {
  prepareDecoderInputIdsFromLabels?(labels: Tensor): Tensor
}

/**
 * Pads source texts, and the target texts that are their labels. Like `DataCollatorForSeq2Seq`.
 * @param options with a `model` that has `prepareDecoderInputIdsFromLabels`, the batch has `decoder_input_ids` too
 * @example
 * const collate = DataCollatorForSeq2Seq({ tokenizer })
 * collate([tokenizer('Hello', { textTarget: 'Bonjour' })]).labels // { dtype: 'int32', shape: [1, 3], … }
 * @throws {CollateError} when the batch is made, naming the item and the key that do not fit.
 */
export function DataCollatorForSeq2Seq(
  options: LabelPaddingOptions & { model?: PreparesDecoderInputs },
): Collator {
  const { labelPadTokenId = -100, tokenizer, padding = true, maxLength, padToMultipleOf = 1, model } = options
  return (features) => {
    const columns = columnsOf(features)
    const name = labelName(columns)
    const given = take(columns, name)
    const batch = batchOf(pad(columns, options))
    if (!given || given.every((label) => label === null || label === undefined)) return batch
    const targets = idsOf(name, given)
    const longest = Math.max(...targets.map((target) => target.length))
    const needed = padding === 'maxLength' ? (maxLength ?? longest) : longest
    const length = Math.ceil(needed / padToMultipleOf) * padToMultipleOf
    const isPadded = padding !== false && padding !== 'doNotPad'
    const rows = isPadded ? padLabels(targets, length, labelPadTokenId, tokenizer.paddingSide) : targets
    const labels = stack('labels', rows, 'int32')
    const decoderInputs = model?.prepareDecoderInputIdsFromLabels?.(labels)
    return { ...batch, labels, ...(decoderInputs && { decoder_input_ids: decoderInputs }) }
  }
}

/**
 * Pads the choices of every item: [batch, choices, sequence]. Like `DataCollatorForMultipleChoice`.
 * @example
 * const item = { ...tokenizer(['Who?', 'Who?'], ['Me.', 'It was you.']), label: 1 }
 * DataCollatorForMultipleChoice({ tokenizer })([item]).input_ids.shape // [1, 2, 8]
 * @throws {CollateError} when the batch is made, naming the item and the key that do not fit.
 */
export function DataCollatorForMultipleChoice(options: PaddingOptions): Collator {
  return (features) => {
    const columns = columnsOf(features)
    const labels = take(columns, labelName(columns))
    const choices = listLength('input_ids', columns.input_ids?.[0], 0)
    const flat = Object.entries(columns).map(([name, values]) => [
      name,
      values.flatMap((value, item) => {
        const count = listLength(name, value, item)
        if (count === choices) return value as unknown[]
        throw new CollateError(
          `Item ${item} of the batch has ${count} choices in "${name}", but the first item has ${choices} in "input_ids". ` +
            'Every item needs as many.',
        )
      }),
    ])
    const batch: Batch = Object.fromEntries(
      Object.entries(batchOf(pad(Object.fromEntries(flat), options))).map(([name, tensor]) => [
        name,
        { ...tensor, shape: [features.length, choices, ...tensor.shape.slice(1)] },
      ]),
    )
    return labels ? { ...batch, labels: stack('labels', labels, 'int32') } : batch
  }
}

/** The columns that a tokenizer pads, padded by it. */
export function pad(
  columns: Columns,
  { tokenizer, padding = true, maxLength, padToMultipleOf }: PaddingOptions,
): Columns {
  const rows = Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [
      name,
      PADDED.includes(name) ? idsOf(name, values) : values,
    ]),
  )
  if (!rows.input_ids) {
    throw new CollateError(
      `The items of the batch have ${Object.keys(columns).join(', ') || 'nothing'}, but no "input_ids" to pad. ` +
        'Tokenize the dataset first: dataset.map(({ text }) => tokenizer(text, { truncation: true })).',
    )
  }
  return { ...tokenizer.pad(rows, { padding, maxLength, padToMultipleOf }) } as unknown as Columns
}

/** Lists brought to one length. */
export const padLabels = (rows: readonly number[][], length: number, value: number, side: 'left' | 'right') =>
  rows.map((row) => {
    const padding = new Array<number>(Math.max(length - row.length, 0)).fill(value)
    return side === 'right' ? [...row, ...padding] : [...padding, ...row]
  })

const labelName = (columns: Columns) => ('label' in columns ? 'label' : 'labels')

function listLength(name: string, value: unknown, item: number): number {
  if (Array.isArray(value)) return value.length
  throw new CollateError(
    `Item ${item} of the batch needs a list in "${name}", with one entry for each choice.`,
  )
}
