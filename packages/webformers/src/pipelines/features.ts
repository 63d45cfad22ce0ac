/** @file What feature extractors gave for several sounds, side by side in one run of a model. */
import type { Tensor } from '../tensor'
import type { RowTensor } from './task'

/** The inputs of a model. */
export type Inputs = Readonly<Record<string, Tensor>>

/** The tensors among what a feature extractor gave. */
export const tensorsOf = (features: object): Inputs =>
  Object.fromEntries(
    Object.entries(features).filter(([, value]) => typeof value === 'object' && 'data' in value),
  ) as Inputs

/** The batches that rows make: rows of one shape together, in their order. */
export function batchesOf(rows: readonly Inputs[]): Inputs[][] {
  const batches: Inputs[][] = []
  let shape: string | undefined
  for (const row of rows) {
    const own = JSON.stringify(Object.entries(row).map(([name, tensor]) => [name, tensor.shape.slice(1)]))
    if (own === shape) batches.at(-1)!.push(row)
    else batches.push([row])
    shape = own
  }
  return batches
}

/** Rows of one shape as one batch. */
export function stack(rows: readonly Inputs[]): Inputs {
  if (rows.length === 1) return rows[0]!
  const names = Object.keys(rows[0]!)
  return Object.fromEntries(names.map((name) => [name, joined(rows.map((row) => row[name]!))]))
}

function joined(parts: readonly Tensor[]): Tensor {
  const [first] = parts
  const { dtype, shape, data } = first!
  const values = new (data.constructor as new (length: number) => Tensor['data'])(data.length * parts.length)
  for (const [i, part] of parts.entries())
    (values as Float32Array).set(part.data as Float32Array, i * data.length)
  return { dtype, shape: [parts.length * shape[0]!, ...shape.slice(1)], data: values } as Tensor
}

/** One row of an output. */
export function rowAt({ shape, data }: Tensor, row: number): RowTensor {
  const size = data.length / shape[0]!
  return { shape: shape.slice(1), data: (data as Float32Array).subarray(row * size, (row + 1) * size) }
}
