/** @file Rows side by side in one run of a model, and apart again. */
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import { OptionError } from '../errors'
import type { Tensor } from '../tensor'
import type { Row } from './encode'
import type { Answered, Context } from './task'

/** Run rows as one batch, the shorter ones padded as the tokenizer pads. */
export async function runBatch(
  rows: readonly Row[],
  _: unknown,
  { model, tokenizer, signal }: Context,
): Promise<Answered[]> {
  const longest = Math.max(...rows.map(({ ids }) => ids.length))
  const left = tokenizer.paddingSide === 'left'
  const paddings = rows.map(({ ids }) => (left ? longest - ids.length : 0))
  const fill = (name: string) => (name === 'input_ids' ? padId(tokenizer, rows, longest) : 0)
  const batch = Object.keys(rows[0]!.inputs).map((name): [string, Tensor] => {
    const data = new Int32Array(rows.length * longest).fill(fill(name))
    for (const [i, { inputs }] of rows.entries()) data.set(inputs[name]!, i * longest + paddings[i]!)
    return [name, { dtype: 'int32', shape: [rows.length, longest], data }]
  })
  const outputs = await model(Object.fromEntries(batch), {
    outputHiddenStates: false,
    outputAttentions: false,
    signal,
  })
  return rows.map((row, i) => ({
    row,
    padding: paddings[i]!,
    outputs: rowOf(outputs as Record<string, Tensor>, i),
  }))
}

function padId({ padTokenId }: PreTrainedTokenizer, rows: readonly Row[], longest: number): number {
  if (padTokenId !== undefined) return padTokenId
  if (rows.every(({ ids }) => ids.length === longest)) return 0
  throw new OptionError(
    "This model's tokenizer has no padding token, so texts of different lengths can't share a batch. Use { batchSize: 1 }.",
  )
}

const rowOf = (outputs: Record<string, Tensor>, i: number): Answered['outputs'] =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, { shape, data }]) => {
      const size = data.length / shape[0]!
      return [
        name,
        { shape: shape.slice(1), data: (data as Float32Array).subarray(i * size, (i + 1) * size) },
      ]
    }),
  )
