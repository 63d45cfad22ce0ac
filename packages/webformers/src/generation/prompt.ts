/** @file What a generation begins with: prompts as rows, their padding, and what an encoder reads. */
import { InputError, type PlainTensor, type PlainTensors } from '@webformers/runtime'
import { asTensor, type ModelInputs, type Value } from '../inputs'
import type { GenerationConfig } from './configuration'
import { decoderStartOf } from './settings'
import { warnOnce } from './validation'

export interface Prompts {
  /** What the decoder begins with, rows of one length. */
  readonly rows: readonly Int32Array[]
  /** For each row, 0 where it is padding. */
  readonly keep: readonly Uint8Array[]
  /** What the encoder reads, as tensors and as rows of ids. */
  readonly encoder?: { readonly inputs: PlainTensors; readonly rows: readonly Int32Array[] }
  readonly hasAttentionMask: boolean
}

/**
 * The prompts in a model's inputs.
 * @throws {InputError} when there is none, or an input that no generation reads
 */
export function promptsOf(inputs: ModelInputs, config: GenerationConfig, isEncoderDecoder: boolean): Prompts {
  const given = inputs as Readonly<Record<string, Value | undefined>>
  const known = [...TEXT, ...(isEncoderDecoder ? DECODER : [])]
  const unknown = Object.keys(given).filter((name) => given[name] !== undefined && !known.includes(name))
  if (unknown.length > 0)
    throw new InputError(`generate() reads ${known.join(', ')}, got ${unknown.join(', ')} besides.`)
  const ids = given.input_ids === undefined ? beginning(config) : tokensOf('input_ids', given.input_ids)
  const mask = maskOf(given.attention_mask, ids, config)
  const hasAttentionMask = given.attention_mask !== undefined
  if (isEncoderDecoder) {
    const decoder = decoderRows(given.decoder_input_ids, rowsOf(ids).length, config)
    return {
      rows: decoder,
      keep: keptOf(given.decoder_attention_mask, decoder),
      encoder: { inputs: { input_ids: ids, attention_mask: mask }, rows: rowsOf(ids) },
      hasAttentionMask,
    }
  }
  const rows = rowsOf(ids)
  const keep = rowsOf(mask).map((row) => Uint8Array.from(row))
  if (keep.some((row) => row.at(-1) === 0))
    warnOnce(
      "prompts are padded on the right, so that answers begin behind the padding. Set the tokenizer's paddingSide to 'left'.",
    )
  return { rows, keep, hasAttentionMask }
}

const TEXT = ['input_ids', 'attention_mask', 'token_type_ids']
const DECODER = ['decoder_input_ids', 'decoder_attention_mask']

/** Without a prompt, a text begins as the model's texts do. */
function beginning({ bos_token_id }: GenerationConfig): PlainTensor<'int32'> {
  if (bos_token_id === null)
    throw new InputError(
      'There are no input_ids, and no bosTokenId that a text could begin with. Give a prompt.',
    )
  return { dtype: 'int32', shape: [1, 1], data: Int32Array.of(bos_token_id) }
}

/** Ids as [batch, sequence], int32. */
function tokensOf(name: string, value: Value): PlainTensor<'int32'> {
  const { dtype, shape, data } = asTensor(value, { dtype: 'int32', shape: ['batch', 'sequence'] })
  if (dtype !== 'int32' && dtype !== 'int64')
    throw new InputError(`Input ${name} must be int32 or int64, got ${dtype}.`)
  if (shape.length !== 2)
    throw new InputError(`Input ${name} must be [batch, sequence], got [${shape.join(', ')}].`)
  if (data.length === 0)
    throw new InputError(
      `Input ${name} of shape [${shape.join(', ')}] is empty. A prompt has at least one token.`,
    )
  return { dtype: 'int32', shape, data: Int32Array.from(data, Number) }
}

export function rowsOf({ shape: [rows = 0, columns = 0], data }: PlainTensor<'int32'>): Int32Array[] {
  return Array.from({ length: rows }, (_, row) => data.slice(row * columns, (row + 1) * columns))
}

/** What was given, or what padding tells where it can't be mistaken for an end. Like `_prepare_attention_mask_for_generation`. */
function maskOf(
  given: Value | undefined,
  { shape, data }: PlainTensor<'int32'>,
  { pad_token_id, eos_token_id }: GenerationConfig,
): PlainTensor<'int32'> {
  if (given !== undefined) {
    const mask = tokensOf('attention_mask', given)
    if (String(mask.shape) !== String(shape))
      throw new InputError(
        `attention_mask is [${mask.shape.join(', ')}], but input_ids are [${shape.join(', ')}].`,
      )
    return mask
  }
  const told = pad_token_id !== null && ![eos_token_id].flat().includes(pad_token_id)
  return { dtype: 'int32', shape, data: data.map((id) => Number(!(told && id === pad_token_id))) }
}

/** What the decoder begins with: what was given, behind the token that starts it. */
function decoderRows(given: Value | undefined, count: number, config: GenerationConfig): Int32Array[] {
  const start = decoderStartOf(config)
  if (start === undefined)
    throw new InputError(
      'There is no decoderStartTokenId and no bosTokenId that the decoder could begin with.',
    )
  if (given === undefined) return Array.from({ length: count }, () => Int32Array.of(start))
  const rows = rowsOf(tokensOf('decoder_input_ids', given))
  if (rows.length !== count)
    throw new InputError(`decoder_input_ids have ${rows.length} rows, but input_ids have ${count}.`)
  const started = rows.every(([first]) => first === start)
  return started ? rows : rows.map((row) => Int32Array.of(start, ...row))
}

/** Which tokens the decoder's beginning has that are no padding; what was put before it is none. */
function keptOf(given: Value | undefined, rows: readonly Int32Array[]): Uint8Array[] {
  if (given === undefined) return rows.map(({ length }) => new Uint8Array(length).fill(1))
  return rowsOf(tokensOf('decoder_attention_mask', given)).map((mask, i) => {
    const kept = new Uint8Array(rows[i]!.length).fill(1)
    kept.set(mask, kept.length - mask.length)
    return kept
  })
}
