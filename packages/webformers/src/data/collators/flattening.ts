/** @file The collator that joins texts instead of padding them. */
import { OptionError } from '../../errors'
import { type Collator, columnsOf, idsOf, stack } from './collate'

export interface FlatteningOptions {
  /** Where in its text each token stands. Default: true. */
  returnPositionIds?: boolean
  /** The label of each text's first token. Default: -100. */
  separatorId?: number
  /** Which text of the batch each token belongs to. Default: false. */
  returnSeqIdx?: boolean
}

/**
 * Joins the texts of a batch to one, [1, tokens]: no padding, labels that tell where a text begins, and positions that
 * begin anew. Like `DataCollatorWithFlattening`. Attention has to keep to each text by itself: give the model a mask made
 * of `seq_idx`. What Python gives flash attention (`return_flash_attn_kwargs`) has no use here, and throws.
 * @example
 * DataCollatorWithFlattening()([{ input_ids: [5, 6] }, { input_ids: [7, 8, 9] }])
 * // { input_ids: [[5, 6, 7, 8, 9]], labels: [[-100, 6, -100, 8, 9]], position_ids: [[0, 1, 0, 1, 2]] }
 * @throws {OptionError} when it is asked for flash attention's arguments.
 * @throws {CollateError} when the batch is made, naming the item and the key that do not fit.
 */
export function DataCollatorWithFlattening({
  returnPositionIds = true,
  separatorId = -100,
  returnSeqIdx = false,
  ...others
}: FlatteningOptions = {}): Collator {
  if ('returnFlashAttnKwargs' in others && others.returnFlashAttnKwargs) {
    throw new OptionError(
      'returnFlashAttnKwargs is true, but no flash attention runs in a browser: leave it out, and use returnSeqIdx to make a mask.',
    )
  }
  return (features) => {
    const { input_ids = [], labels } = columnsOf(features)
    const texts = idsOf('input_ids', input_ids)
    const targets = labels ? idsOf('labels', labels) : texts
    const row = (name: string, values: number[][]) => ({ [name]: stack(name, [values.flat()], 'int32') })
    return {
      ...row('input_ids', texts),
      ...row(
        'labels',
        targets.map(([, ...rest]) => [separatorId, ...rest]),
      ),
      ...(returnPositionIds &&
        row(
          'position_ids',
          texts.map((ids) => ids.map((_, i) => i)),
        )),
      ...(returnSeqIdx &&
        row(
          'seq_idx',
          texts.map((ids, text) => ids.map(() => text)),
        )),
    }
  }
}
