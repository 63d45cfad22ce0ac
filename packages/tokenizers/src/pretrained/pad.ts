/** @file Padding of encodings that are made already, with what else they carry. */
import { TokenizerError } from '../errors'
import type { Settings } from './assemble'
import { toTensor } from './batch-encoding'
import type { PadOptions } from './options'
import type { Strategies } from './strategies'

/** Encodings, or one whose values are lists of rows. */
export type Batch = object | readonly object[]

export type Padded = Record<string, unknown>

/**
 * @param strategies told once there is something to pad.
 * @throws {TokenizerError} when there are no input_ids.
 */
export function padBatch(
  encodings: Batch,
  strategies: () => Strategies,
  options: PadOptions,
  settings: Settings,
  padId: number,
): Padded {
  const batch: Record<string, unknown> = Array.isArray(encodings) ? collect(encodings) : { ...encodings }
  const ids = batch.input_ids as number[] | number[][] | undefined
  if (ids === undefined) {
    throw new TokenizerError(
      `pad() needs input_ids, but these encodings have ${Object.keys(batch).join(', ')}.`,
    )
  }
  if (ids.length === 0) return options.returnAttentionMask ? { ...batch, attention_mask: [] } : batch
  const { padding, maxLength } = strategies()
  const single = !Array.isArray(ids[0])
  const rows = single ? [batch] : (ids as number[][]).map((_, i) => rowOf(batch, i))
  const longest = Math.max(...rows.map((row) => (row.input_ids as number[]).length))
  const multiple = options.padToMultipleOf ?? 1
  const length = Math.ceil((padding === 'maxLength' ? maxLength! : longest) / multiple) * multiple
  const withMask = options.returnAttentionMask ?? settings.modelInputNames.includes('attention_mask')
  const fillers: Record<string, number> = {
    input_ids: padId,
    token_type_ids: settings.padTokenTypeId,
    special_tokens_mask: 1,
    ...(withMask && { attention_mask: 0 }),
  }
  const side = options.paddingSide ?? settings.paddingSide
  const padded = rows.map((row) => padRow(row, padding === 'none' ? 0 : length, fillers, side))
  const result = single ? padded[0]! : collect(padded)
  if (!options.returnTensors) return result
  return Object.fromEntries(Object.entries(result).map(([name, value]) => [name, toTensor(name, value)]))
}

const rowOf = (batch: Record<string, unknown>, row: number): Record<string, unknown> =>
  Object.fromEntries(Object.entries(batch).map(([name, values]) => [name, (values as unknown[])[row]]))

/** Records of values as one record of lists. */
function collect(records: readonly object[]): Record<string, unknown> {
  const names = Object.keys(records[0] ?? {})
  return Object.fromEntries(
    names.map((name) => [name, records.map((record) => (record as Record<string, unknown>)[name])]),
  )
}

function padRow(
  row: Record<string, unknown>,
  length: number,
  fillers: Record<string, number>,
  side: 'left' | 'right',
): Record<string, unknown> {
  const ids = row.input_ids as number[]
  const complete =
    'attention_mask' in fillers && !('attention_mask' in row)
      ? { ...row, attention_mask: ids.map(() => 1) }
      : row
  const missing = Math.max(length - ids.length, 0)
  return Object.fromEntries(
    Object.entries(complete).map(([name, values]) => {
      const filler = fillers[name]
      if (filler === undefined || missing === 0) return [name, values]
      const padding = new Array<number>(missing).fill(filler)
      return [
        name,
        side === 'left' ? [...padding, ...(values as number[])] : [...(values as number[]), ...padding],
      ]
    }),
  )
}
