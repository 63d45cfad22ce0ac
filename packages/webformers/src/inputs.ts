/** @file What a user gives a model, as tensors, with Python's defaults for what was left out. */
import type { InputType, Program } from '@webformers/graph'
import type { PlainTensors } from '@webformers/runtime'
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
  decoder_input_ids?: Value
  /** Default: every token counts. */
  decoder_attention_mask?: Value
  past_key_values?: PastKeyValues
  /** Taken instead of running the encoder again. */
  encoder_outputs?: { readonly last_hidden_state: Tensor }
}
/** Tensors or nested lists by name; architectures written in the page may take others. */
export type ModelInputs = TextModelInputs | DecoderModelInputs | Readonly<Record<string, Value>>

const isTensor = (value: Value): value is Tensor => typeof value === 'object' && 'data' in value

/** Tensors for a program, with Python's defaults; a list with one dimension too few is a batch of one. */
export function completeInputs(inputs: ModelInputs, program: Program): PlainTensors {
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
  fill('token_type_ids', 'input_ids', 0)
  fill('decoder_attention_mask', 'decoder_input_ids', 1)
  return tensors
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
