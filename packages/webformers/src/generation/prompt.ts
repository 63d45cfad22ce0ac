/** @file What a generation begins with: prompts as rows, their padding, and what an encoder reads. */
import type { TensorType } from '@webformers/graph'
import { inputTypes } from '@webformers/models'
import { InputError, type PlainTensor, type PlainTensors } from '@webformers/runtime'
import { asTensor, type ModelInputs, PIXEL_MASK, type Value, wholePixels } from '../inputs'
import type { Programs } from '../programs'
import type { GenerationConfig } from './configuration'
import { decoderStartOf } from './settings'
import { warnOnce } from './validation'

export interface Prompts {
  /** What the decoder begins with, rows of one length. */
  readonly rows: readonly Int32Array[]
  /** For each row, 0 where it is padding. */
  readonly keep: readonly Uint8Array[]
  /** What the encoder reads, as tensors and, where it reads text, as rows of ids. */
  readonly encoder?: { readonly inputs: PlainTensors; readonly rows?: readonly Int32Array[] }
  /** What is seen once besides, and the ids of the prompts that it is seen for. */
  readonly beside?: PlainTensors
  readonly hasAttentionMask: boolean
}

/** What a decoder reads besides a text, by name, and whether prompts end with a token that is taken off and begin with
 * `bos_token_id`. */
export interface Beside {
  readonly types: EncoderInputs
  readonly closed: boolean
}

/** The images that a decoder reads beside a text; nothing where it reads none, or has an encoder that does. */
export function besideInputs({ configured: { architecture, config }, head }: Programs): Beside | undefined {
  const types = Object.entries(inputTypes(architecture, head, config))
  if (types.some(([name]) => name.startsWith('decoder_'))) return undefined
  const others = types.filter(([name]) => !TEXT.includes(name))
  const closed = architecture.generating?.(head, config).closedPrompts ?? false
  return others.length > 0 ? { types: Object.fromEntries(others), closed } : undefined
}

/** What a model reads. */
export interface Reads {
  /** What its encoder reads, where it has one. */
  readonly encoder?: EncoderInputs
  /** What a decoder reads besides a text. */
  readonly beside?: Beside
  /** Whether what a decoder is given to begin with stays as it is. */
  readonly asGiven?: boolean
}

/** The inputs of an encoder, by name. */
export type EncoderInputs = Readonly<Record<string, TensorType>>

/** What the encoder of a model reads, where it has one: all but what its decoder reads. */
export function encoderInputs({
  configured: { architecture, config },
  head,
}: Programs): EncoderInputs | undefined {
  const types = Object.entries(inputTypes(architecture, head, config))
  const isDecoders = ([name]: [string, TensorType]) => name.startsWith('decoder_')
  return types.some(isDecoders) ? Object.fromEntries(types.filter((type) => !isDecoders(type))) : undefined
}

/**
 * The prompts in a model's inputs.
 * @throws {InputError} when there is none, or an input that no generation reads
 */
export function promptsOf(
  inputs: ModelInputs,
  config: GenerationConfig,
  { encoder, beside, asGiven = false }: Reads = {},
): Prompts {
  const given = inputs as Readonly<Record<string, Value | undefined>>
  const readsText = !encoder || 'input_ids' in encoder
  const others = Object.keys(encoder ?? beside?.types ?? {}).filter((name) => !TEXT.includes(name))
  const known = [...(readsText ? TEXT : [MASK]), ...others, ...(encoder ? DECODER : [])]
  const unknown = Object.keys(given).filter((name) => given[name] !== undefined && !known.includes(name))
  if (unknown.length > 0)
    throw new InputError(`generate() reads ${known.join(', ')}, got ${unknown.join(', ')} besides.`)
  const hasAttentionMask = given.attention_mask !== undefined
  if (!readsText) {
    const read = readBy(encoder, given)
    const count = Object.values(read)[0]!.shape[0]!
    const decoder = decoderRows(given.decoder_input_ids, count, config, asGiven)
    return {
      rows: decoder,
      keep: keptOf(given.decoder_attention_mask, decoder),
      encoder: { inputs: read },
      hasAttentionMask,
    }
  }
  const texts = given.input_ids === undefined ? undefined : tokensOf('input_ids', given.input_ids).shape[0]
  const seen = beside && readBy(beside.types, given, texts)
  const ids = idsOf(given.input_ids, config, seen, beside?.closed ?? false)
  const mask = maskOf(beside?.closed ? withoutLast(given.attention_mask) : given.attention_mask, ids, config)
  if (encoder) {
    const decoder = decoderRows(given.decoder_input_ids, rowsOf(ids).length, config, asGiven)
    return {
      rows: decoder,
      keep: keptOf(given.decoder_attention_mask, decoder),
      encoder: {
        inputs: { input_ids: ids, attention_mask: mask, ...readBy(without(encoder, TEXT), given) },
        rows: rowsOf(ids),
      },
      hasAttentionMask,
    }
  }
  const rows = rowsOf(ids)
  const keep = rowsOf(mask).map((row) => Uint8Array.from(row))
  if (keep.some((row) => row.at(-1) === 0))
    warnOnce(
      "prompts are padded on the right, so that answers begin behind the padding. Set the tokenizer's paddingSide to 'left'.",
    )
  return { rows, keep, ...(seen && { beside: { ...seen, prompt_ids: ids } }), hasAttentionMask }
}

const without = (types: EncoderInputs, names: readonly string[]): EncoderInputs =>
  Object.fromEntries(Object.entries(types).filter(([name]) => !names.includes(name)))

/** The ids of the prompts; where there are none, what texts begin with, for each of what is seen. */
function idsOf(
  given: Value | undefined,
  config: GenerationConfig,
  seen: PlainTensors | undefined,
  closed: boolean,
): PlainTensor<'int32'> {
  if (given === undefined) {
    const count = Object.values(seen ?? {})[0]?.shape[0] ?? 1
    const [first] = beginning(config).data
    return { dtype: 'int32', shape: [count, 1], data: new Int32Array(count).fill(first!) }
  }
  const ids = tokensOf('input_ids', given)
  if (!closed) return ids
  const open = tokensOf('input_ids', withoutLast(ids)!)
  for (let row = 0; row < open.shape[0]!; row++) open.data[row * open.shape[1]!] = config.bos_token_id!
  return open
}

/** Rows without their last entry. */
function withoutLast(value: Value | undefined): PlainTensor<'int32'> | undefined {
  if (value === undefined) return undefined
  const whole = tokensOf('input_ids', value)
  const rows = rowsOf(whole).map((row) => row.subarray(0, -1))
  const shape = [rows.length, whole.shape[1]! - 1]
  return { dtype: 'int32', shape, data: Int32Array.from(rows.flatMap((row) => [...row])) }
}

/** Images or sounds as an encoder reads them.
 * @param texts how many there are, which may do without images
 * @throws {InputError} when one of them is missing */
function readBy(
  encoder: EncoderInputs,
  given: Readonly<Record<string, Value | undefined>>,
  texts?: number,
): PlainTensors {
  const read: Record<string, PlainTensor> = {}
  for (const [name, type] of Object.entries(encoder)) {
    const value = given[name]
    if (value !== undefined) read[name] = asTensor(value, type)
    else if (name === PIXEL_MASK && read.pixel_values) read[name] = wholePixels(read.pixel_values)
    else if (texts !== undefined && type.shape[1] === 'images')
      read[name] = blank([texts, 1, ...type.shape.slice(2)])
    else throw new InputError(`generate() needs ${Object.keys(encoder).join(', ')}, got no ${name}.`)
  }
  return read
}

/** An image of which nothing is to be seen, where a text is about none. */
function blank(dims: TensorType['shape']): PlainTensor<'float32'> {
  const shape = dims.map(Number)
  return { dtype: 'float32', shape, data: new Float32Array(shape.reduce((product, dim) => product * dim, 1)) }
}

const MASK = 'attention_mask'
const TEXT = ['input_ids', MASK, 'token_type_ids']
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
function decoderRows(
  given: Value | undefined,
  count: number,
  config: GenerationConfig,
  asGiven: boolean,
): Int32Array[] {
  const start = decoderStartOf(config)
  if (start === undefined)
    throw new InputError(
      'There is no decoderStartTokenId and no bosTokenId that the decoder could begin with.',
    )
  if (given === undefined) return Array.from({ length: count }, () => Int32Array.of(start))
  const rows = rowsOf(tokensOf('decoder_input_ids', given))
  if (rows.length !== count)
    throw new InputError(`decoder_input_ids have ${rows.length} rows, but the encoder reads ${count}.`)
  const started = asGiven || rows.every(([first]) => first === start)
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
