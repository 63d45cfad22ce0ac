/** @file A batch of texts → the inputs of a model. */

import type { Steps } from '@webformers/hub'
import type { Encoding } from '../encoding'
import { TokenizerError } from '../errors'
import type { EncodeOptions } from '../tokenizer'
import type { Parts } from './assemble'
import { BatchEncoding, toTensor } from './batch-encoding'
import type { Input } from './inputs'
import type { CallOptions } from './options'
import type { Strategies } from './strategies'

export function* encodeBatch(
  inputs: readonly Input[],
  single: boolean,
  { tokenizer, settings }: Parts,
  options: CallOptions,
  { padding, truncation, maxLength }: Strategies,
  pad: { id: number; token: string },
  warn: (message: string) => void,
): Steps<BatchEncoding> {
  const { stride = 0, addSpecialTokens = true, returnOverflowingTokens = false } = options
  const encodeOptions: EncodeOptions = {
    addSpecialTokens,
    splitSpecialTokens: options.splitSpecialTokens ?? settings.splitSpecialTokens,
  }
  if (truncation !== undefined) {
    const left = maxLength! - tokenizer.specialTokens(false)
    if (left >= 0 && left < stride) {
      throw new TokenizerError(
        `stride is ${stride}, but maxLength ${maxLength} leaves ${left} tokens beside the special ones.`,
      )
    }
    encodeOptions.truncation = {
      strategy: truncation,
      maxLength: maxLength!,
      stride,
      side: options.truncationSide ?? settings.truncationSide,
    }
  }
  const encodings: Encoding[] = []
  for (const { first, second } of inputs)
    encodings.push(yield* tokenizer.encode(first, second, encodeOptions))
  if (padding !== 'none') {
    const length = paddedLength(
      encodings,
      padding === 'maxLength' ? maxLength! : undefined,
      options.padToMultipleOf,
    )
    const padToken = { ...pad, typeId: settings.padTokenTypeId }
    for (const encoding of encodings) {
      encoding.pad(length, padToken, options.paddingSide ?? settings.paddingSide)
      yield
    }
  }
  const groups = encodings.map((encoding) =>
    returnOverflowingTokens ? [encoding, ...encoding.overflowing] : [encoding],
  )
  const rows = groups.flat()
  for (const { length } of rows) {
    if (maxLength !== undefined || length <= settings.modelMaxLength || settings.modelMaxLength === 0)
      continue
    warn(
      `A text has ${length} tokens, more than the ${settings.modelMaxLength} the model takes: it will fail on them.`,
    )
  }
  const values = valuesOf(rows, options, settings.modelInputNames)
  if (returnOverflowingTokens)
    values.overflow_to_sample_mapping = groups.flatMap((group, sample) => group.map(() => sample))
  return new BatchEncoding(
    shaped(values, single && !returnOverflowingTokens, options.returnTensors === true),
    rows,
  )
}

function paddedLength(encodings: readonly Encoding[], fixed: number | undefined, multiple = 0): number {
  const length = fixed ?? encodings.reduce((longest, encoding) => Math.max(longest, encoding.length), 0)
  return multiple > 0 ? Math.ceil(length / multiple) * multiple : length
}

/** What was asked for, in the order Python gives it. */
function valuesOf(
  rows: readonly Encoding[],
  options: CallOptions,
  inputNames: readonly string[],
): Record<string, unknown[]> {
  const values: Record<string, unknown[]> = { input_ids: rows.map(({ ids }) => ids) }
  if (options.returnTokenTypeIds ?? inputNames.includes('token_type_ids'))
    values.token_type_ids = rows.map(({ typeIds }) => typeIds)
  if (options.returnAttentionMask ?? inputNames.includes('attention_mask')) {
    values.attention_mask = rows.map(({ attentionMask }) => attentionMask)
  }
  if (options.returnSpecialTokensMask)
    values.special_tokens_mask = rows.map(({ specialTokensMask }) => specialTokensMask)
  if (options.returnOffsetsMapping) {
    values.offset_mapping = rows.map(({ starts, ends }) => starts.map((start, i) => [start, ends[i]!]))
  }
  if (options.returnLength) values.length = rows.map(({ length }) => length)
  return values
}

/** A single text's lists lose the batch around them; tensors keep it. */
function shaped(
  values: Record<string, unknown[]>,
  single: boolean,
  tensors: boolean,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (tensors) return [name, toTensor(name, value)]
      return [name, single && Array.isArray(value[0]) ? value[0] : value]
    }),
  )
}
