/** @file What a user gives a model, as tensors, with Python's defaults for what was left out. */
import type { Program } from '@webformers/graph'
import type { PlainTensors } from '@webformers/runtime'
import { type Nested, shapeOf, type Tensor, tensor } from './tensor'

/** Tensors or nested lists by name, as tokenizers give them: `{ input_ids, attention_mask?, token_type_ids? }`. */
export type ModelInputs = object

type Value = Tensor | Nested<number>

const isTensor = (value: Value): value is Tensor => typeof value === 'object' && 'data' in value

/** Tensors for a program: a list with one dimension too few is a batch of one; without `attention_mask` every token counts,
 * without `token_type_ids` all are of the first kind. */
export function completeInputs(inputs: ModelInputs, program: Program): PlainTensors {
  const given = Object.entries(inputs as Record<string, Value | undefined>).filter(
    ([, value]) => value !== undefined,
  )
  const tensors: PlainTensors = Object.fromEntries(
    given.map(([name, value]) => [name, asTensor(value!, program.inputs[name]?.shape.length)]),
  )
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

function asTensor(value: Value, rank: number | undefined): Tensor {
  if (isTensor(value)) return value
  const shape = shapeOf(value)
  return tensor(value, shape.length + 1 === rank ? [1, ...shape] : shape)
}
