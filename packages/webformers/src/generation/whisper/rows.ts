/** @file One sound's part of what the model gave of several. */
import type { Tensor } from '../../tensor'
import type { GenerateOutput } from '../outputs'

/** What was given of one row: its sequence and scores without the axis of rows, inner values with one row. */
export function rowOf<O extends GenerateOutput>(output: O, row: number): O {
  const { scores, beam_indices } = output
  const flat = (x: Tensor) => ({ ...taken(x, row), shape: x.shape.slice(1) })
  const parts = Object.entries(output).map(([name, value]): [string, unknown] => {
    if (!Array.isArray(value)) return [name, flat(value as Tensor)]
    if (name === 'finish_reasons') return [name, [value[row]]]
    if (name === 'scores' && beam_indices)
      return [name, scores!.flatMap((step, i) => chosen(step, beam_indices, row, i))]
    if (name === 'scores' || name === 'logits') return [name, (value as Tensor[]).map(flat)]
    return [name, deeply(value as Nested, row)]
  })
  return Object.fromEntries(parts) as unknown as O
}

type Nested = Tensor | readonly Nested[]

/** One row of each tensor. */
const deeply = (value: Nested, row: number): Nested =>
  Array.isArray(value) ? value.map((each: Nested) => deeply(each, row)) : taken(value as Tensor, row)

/** The scores that a beam's token was chosen by; none after its end. */
function chosen(step: Tensor<'float32'>, { shape, data }: Tensor<'int32'>, row: number, i: number): Tensor[] {
  const beam = data[row * shape[1]! + i]!
  return beam < 0 ? [] : [{ ...taken(step, beam), shape: step.shape.slice(1) }]
}

function taken<T extends Tensor>(x: T, row: number): T {
  const [rows = 1, ...rest] = x.shape
  const size = x.data.length / rows
  return { ...x, shape: [1, ...rest], data: x.data.slice(row * size, (row + 1) * size) }
}
