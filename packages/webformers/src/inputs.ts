/** @file What a user gives a model, as tensors, with Python's defaults for what was left out. */
import type { InputType, Program } from '@webformers/graph'
import { IGNORED_LABEL, shiftedRight } from '@webformers/models'
import type { ImageFeatures } from '@webformers/processors'
import type { PlainTensors } from '@webformers/runtime'
import type { Configured } from './configured'
import { type Nested, shapeOf, type Tensor, tensor } from './tensor'

export type Value = Tensor | Nested<number>
/** What text encoders take, as tokenizers give it: [batch, sequence], or [batch, choices, sequence] for multiple choice. */
export interface TextModelInputs {
  input_ids?: Value
  /** Default: every token counts. */
  attention_mask?: Value
  /** Default: all tokens are of the first kind. */
  token_type_ids?: Value
}
/** A model's cache as a call gave it: for each layer its tensors, as Python's tuples of keys and values. */
export type PastKeyValues = readonly (readonly Tensor[])[]
/** What exported decoders take besides: [batch, sequence] the tokens to go on with, and what an earlier call left behind. */
export interface DecoderModelInputs extends TextModelInputs {
  /** Default: counted on from what the cache holds. */
  position_ids?: Value
  /** Default: what gives the labels back; of BART and mBART, where there are none, what gives `input_ids` back. */
  decoder_input_ids?: Value
  /** Default: every token counts. */
  decoder_attention_mask?: Value
  /** What a decoder alone looks at, where the configuration says `add_cross_attention`: [batch, keys, hidden]. */
  encoder_hidden_states?: Value
  /** Default: every state counts. */
  encoder_attention_mask?: Value
  past_key_values?: PastKeyValues
  /** Taken instead of running the encoder again. */
  encoder_outputs?: { readonly last_hidden_state: Tensor }
}
/** Tensors or nested lists by name, or what a processor gives; architectures written in the page may take others. */
export type ModelInputs =
  | TextModelInputs
  | DecoderModelInputs
  | ImageFeatures
  | Readonly<Record<string, Value>>

const isTensor = (value: Value): value is Tensor => typeof value === 'object' && 'data' in value

/** Tensors for a program, with Python's defaults; a list with one dimension too few is a batch of one. */
export function completeInputs(
  inputs: ModelInputs,
  program: Program,
  configured: Pick<Configured, 'architecture' | 'config'>,
): PlainTensors {
  const tensors: PlainTensors = {}
  for (const [name, value] of Object.entries(inputs) as [string, Value | undefined][]) {
    if (value !== undefined) tensors[name] = asTensor(value, program.inputs[name])
  }
  const fill = (name: string, like: string, value: number) => {
    const ids = tensors[like]
    if (!ids || tensors[name] || !(name in program.inputs)) return
    const { shape, data } = ids
    tensors[name] = { dtype: 'int32', shape, data: new Int32Array(data.length).fill(value) }
  }
  fill('attention_mask', 'input_ids', 1)
  fill('attention_mask', 'input_values', 1)
  fill('token_type_ids', 'input_ids', 0)
  const { input_points: points } = tensors
  if (points && !tensors.input_labels && 'input_labels' in program.inputs) {
    const shape = points.shape.slice(0, -1)
    tensors.input_labels = { dtype: 'int32', shape, data: new Int32Array(points.data.length / 2).fill(1) }
  }
  if (tensors.pixel_values && !tensors[PIXEL_MASK] && PIXEL_MASK in program.inputs)
    tensors[PIXEL_MASK] = wholePixels(tensors.pixel_values)
  if (!tensors.decoder_input_ids && 'decoder_input_ids' in program.inputs) {
    const ids = decoderIds(tensors, configured)
    if (ids) tensors.decoder_input_ids = ids
  }
  for (const name of HEAD_MASKS) {
    const type = program.inputs[name]
    if (type) tensors[name] = headMask(tensors[name], type.shape as number[])
  }
  fill('decoder_attention_mask', 'decoder_input_ids', 1)
  const { encoder_hidden_states: states } = tensors
  if (states && !tensors.encoder_attention_mask && 'encoder_attention_mask' in program.inputs) {
    const shape = states.shape.slice(0, -1)
    const data = new Int32Array(shape.reduce((size, dim) => size * dim, 1)).fill(1)
    tensors.encoder_attention_mask = { dtype: 'int32', shape, data }
  }
  return tensors
}

export const PIXEL_MASK = 'pixel_attention_mask'

/** Of some pixels [batch, images, channels, height, width], that all of them count. */
export function wholePixels({
  shape: [batch = 0, images = 0, , height = 0, width = 0],
}: Tensor): Tensor<'int32'> {
  const shape = [batch, images, height, width]
  return { dtype: 'int32', shape, data: new Int32Array(batch * images * height * width).fill(1) }
}

const HEAD_MASKS = [
  'head_mask',
  'decoder_head_mask',
  'cross_attn_head_mask',
  'text_head_mask',
  'vision_head_mask',
  'audio_head_mask',
]

/** A mask for [layers, heads]: one for all layers is repeated, of none every head counts. */
function headMask(given: Tensor | undefined, [layers = 0, heads = 0]: readonly number[]): Tensor {
  const shape = [layers, heads]
  if (!given) return { dtype: 'float32', shape, data: new Float32Array(layers * heads).fill(1) }
  if (given.data.length !== heads || given.shape[0] === layers) return given
  const data = Float32Array.from({ length: layers * heads }, (_, i) => Number(given.data[i % heads]))
  return { dtype: 'float32', shape, data }
}

/** What a decoder reads to give its labels back: behind what starts it, without the last of them. Some give back the text itself
 * where there are no labels. */
function decoderIds(
  { labels, input_ids }: PlainTensors,
  { architecture: { decoderStart }, config }: Pick<Configured, 'architecture' | 'config'>,
): Tensor | undefined {
  const ids = labels ?? (decoderStart && input_ids)
  if (!ids) return undefined
  const padding = Number(config.pad_token_id)
  const start = decoderStart === 'last' ? 'last' : Number(config.decoder_start_token_id ?? padding)
  const data = shiftedRight(ids, { start, padding, ignored: IGNORED_LABEL })
  return { dtype: 'int32', shape: ids.shape, data }
}

/** A list has the type of its values, except that whole numbers serve where floats are wanted. */
export function asTensor(
  value: Value,
  type: Partial<Pick<InputType, 'dtype' | 'shape'>> | undefined,
): Tensor {
  if (isTensor(value)) return value
  const shape = shapeOf(value)
  const dtype = type?.dtype?.startsWith('float') ? 'float32' : undefined
  return tensor(value, shape.length + 1 === type?.shape?.length ? [1, ...shape] : shape, dtype)
}
