/** @file Places for virtual tokens: put in before a text, and taken out of what a model says of it. */
import type { Program } from '@webformers/graph'
import { IGNORED_LABEL, type Json, TEXT } from '@webformers/models'
import { type PlainTensor, type PlainTensors, sizeOf } from '@webformers/runtime'

/** The ids of the configuration that mean something to a model. */
const SPECIAL = ['pad_token_id', 'bos_token_id', 'eos_token_id', 'decoder_start_token_id']

/** An id that means nothing in particular: what it looks up is replaced. */
function placeholder(config: Json): number {
  const special = SPECIAL.flatMap((key) => config[key] ?? []).flat()
  return Array.from({ length: special.length + 1 }, (_, id) => id).find((id) => !special.includes(id))!
}

/** What stands in the new places of an input. */
const fillings = (config: Json): Readonly<Record<string, number>> => ({
  input_ids: placeholder(config),
  attention_mask: 1,
  token_type_ids: 0,
  labels: IGNORED_LABEL,
})

export function withPlaces(
  inputs: PlainTensors,
  { inputs: types }: Program,
  count: number,
  config: Json,
): PlainTensors {
  const values = fillings(config)
  return Object.fromEntries(
    Object.entries(inputs).map(([name, tensor]) => {
      const axis = types[name]?.shape.indexOf(TEXT) ?? -1
      return [name, axis >= 0 && name in values ? lengthened(tensor, axis, count, values[name]!) : tensor]
    }),
  )
}

/** Lists, and values from inside of the model, show its virtual tokens too. */
export function withoutPlaces(
  outputs: PlainTensors,
  { outputs: types }: Program,
  count: number,
): PlainTensors {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => {
      const axis = types[name]?.shape.indexOf(TEXT) ?? -1
      return [name, axis >= 0 && !/[.:]/.test(name) ? shortened(tensor, axis, count) : tensor]
    }),
  )
}

/** `count` entries more in front along an axis. */
function lengthened(
  { dtype, shape, data }: PlainTensor,
  axis: number,
  count: number,
  value: number,
): PlainTensor {
  const [from, to] = [shape[axis]!, shape[axis]! + count]
  const inner = sizeOf(shape.slice(axis + 1))
  const whole = shape.with(axis, to)
  const filled = newArray(data, sizeOf(whole)).fill(
    (typeof data[0] === 'bigint' ? BigInt(value) : value) as never,
  )
  for (let row = 0; row < sizeOf(shape.slice(0, axis)); row++) {
    const part = data.subarray(row * from * inner, (row + 1) * from * inner)
    filled.set(part as never, (row * to + count) * inner)
  }
  return { dtype, shape: whole, data: filled }
}

/** Without the first `count` entries along an axis. */
function shortened({ dtype, shape, data }: PlainTensor, axis: number, count: number): PlainTensor {
  const [from, to] = [shape[axis]!, shape[axis]! - count]
  const inner = sizeOf(shape.slice(axis + 1))
  const whole = shape.with(axis, to)
  const kept = newArray(data, sizeOf(whole))
  for (let row = 0; row < sizeOf(shape.slice(0, axis)); row++) {
    const part = data.subarray((row * from + count) * inner, (row + 1) * from * inner)
    kept.set(part as never, row * to * inner)
  }
  return { dtype, shape: whole, data: kept }
}

const newArray = <A extends PlainTensor['data']>(like: A, length: number): A =>
  new (like.constructor as new (length: number) => A)(length)
