/** @file What a user gives a model, as tensors, with Python's defaults for what was left out. */
import type { InputType, Program } from '@webformers/graph'
import type { PlainTensors } from '@webformers/runtime'
import { type Nested, shapeOf, type Tensor, tensor } from './tensor'

type Value = Tensor | Nested<number>
/** What text encoders take, as tokenizers give it: [batch, sequence], or [batch, choices, sequence] for multiple choice. */
export interface TextModelInputs {
  input_ids?: Value
  /** Default: every token counts. */
  attention_mask?: Value
  /** Default: all tokens are of the first kind. */
  token_type_ids?: Value
}
/** Tensors or nested lists by name; architectures written in the page may take others. */
export type ModelInputs = TextModelInputs | Readonly<Record<string, Value>>

const isTensor = (value: Value): value is Tensor => typeof value === 'object' && 'data' in value

/** Tensors for a program, with Python's defaults; a list with one dimension too few is a batch of one. */
export function completeInputs(inputs: ModelInputs, program: Program): PlainTensors {
  const tensors: PlainTensors = {}
  for (const [name, value] of Object.entries(inputs) as [string, Value | undefined][]) {
    if (value !== undefined) tensors[name] = asTensor(value, program.inputs[name])
  }
  const { input_ids } = tensors
  if (!input_ids) return tensors
  const filledWith = (value: number): Tensor => ({
    dtype: 'int32',
    shape: input_ids.shape,
    data: new Int32Array(input_ids.data.length).fill(value),
  })
  if ('attention_mask' in program.inputs) tensors.attention_mask ??= filledWith(1)
  if ('token_type_ids' in program.inputs) tensors.token_type_ids ??= filledWith(0)
  return tensors
}

/** A list has the type of its values, except that whole numbers serve where a program wants floats. */
function asTensor(value: Value, type: InputType | undefined): Tensor {
  if (isTensor(value)) return value
  const shape = shapeOf(value)
  const dtype = type?.dtype === 'float32' ? type.dtype : undefined
  return tensor(value, shape.length + 1 === type?.shape.length ? [1, ...shape] : shape, dtype)
}
