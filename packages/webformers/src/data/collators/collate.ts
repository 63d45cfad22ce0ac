/** @file From items to a batch: what every collator does. */
import { CollateError } from '../../errors'
import type { DType, Tensor } from '../../tensor'
import type { Generator } from '../generator'

/** Tensors by name, as models take them. */
export type Batch = Record<string, Tensor>
/** Makes a batch of a dataset's items. Like `DataCollator` in Python. */
export type DataCollator<Item extends object = object> = (features: readonly Item[]) => Batch | Promise<Batch>
/** A collator of ours: at once, of whatever items have what it needs. */
export type Collator = (features: readonly object[]) => Batch
/** A collator that draws random numbers; to go on where it stood, keep its generator's state. */
export type RandomCollator = Collator & { readonly generator: Generator }
/** For each name its value in every item. */
export type Columns = Record<string, unknown[]>

/**
 * The items' values by name: the names are the first item's, as in Python.
 * @throws {CollateError} when there is no item, one is no object, or lacks what the first has.
 */
export function columnsOf(features: readonly object[]): Columns {
  const [first] = features
  if (first === undefined) throw new CollateError('A batch needs at least one item, but got none.')
  features.forEach((feature, i) => {
    if (typeof feature === 'object' && feature !== null) return
    throw new CollateError(
      `Item ${i} of the batch is ${show(feature)}, but must be an object of values by name.`,
    )
  })
  const value = (name: string, item: number): unknown => {
    const row = features[item] as Record<string, unknown>
    if (name in row) return row[name]
    const names = Object.keys(row).join(', ') || 'nothing'
    throw new CollateError(
      `Item ${item} of the batch has no "${name}", but the first item has. It has ${names}; every item needs the same.`,
    )
  }
  return Object.fromEntries(Object.keys(first).map((name) => [name, features.map((_, i) => value(name, i))]))
}

/** The values under a name, which are taken out. */
export function take(columns: Columns, name: string): unknown[] | undefined {
  const values = columns[name]
  delete columns[name]
  return values
}

/**
 * Every column as one tensor: whole numbers int32, others float32, booleans bool; what is a tensor or a typed array keeps its type.
 * @throws {CollateError} naming the item and the name, when values are no numbers, or differ in shape.
 */
export const batchOf = (columns: Columns): Batch =>
  Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, stack(name, values)]))

/** One tensor of the items' values, with one dimension more. Like `torch.tensor` of a list, and `torch.stack`. */
export function stack(name: string, values: readonly unknown[], type?: DType): Tensor {
  const shapes = values.map((value, item) => shapeOf(name, value, item))
  const shape = shapes[0]!
  const odd = shapes.findIndex((other) => String(other) !== String(shape))
  if (odd >= 0) {
    throw new CollateError(
      `Item ${odd} of the batch has ${describe(shapes[odd]!)} in "${name}", but the first item has ${describe(shape)}. ` +
        'Items of one batch need one shape: pad them with DataCollatorWithPadding, labels of tokens with ' +
        'DataCollatorForTokenClassification, or cut them with { truncation: true }.',
    )
  }
  const flat: (number | bigint | boolean)[] = []
  for (const value of values) flatten(value, flat)
  const dtype = type ?? dtypeOf(values[0], flat)
  return { dtype, shape: [values.length, ...shape], data: fill(name, dtype, flat, values.length) }
}

/**
 * The ids of every item as lists.
 * @throws {CollateError} when an item has no flat list of numbers there.
 */
export const idsOf = (name: string, values: readonly unknown[]): number[][] =>
  values.map((value, item) => {
    const shape = shapeOf(name, value, item)
    if (shape.length !== 1) {
      throw new CollateError(
        `Item ${item} of the batch has ${describe(shape)} in "${name}", but a flat list of ids is needed. ` +
          'Tokenize one text an item, without returnTensors.',
      )
    }
    return Array.from(contents(value), Number)
  })

/** A value as messages show it. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'string') {
    return `the string ${JSON.stringify(value.length > 30 ? `${value.slice(0, 30)}…` : value)}`
  }
  if (typeof value !== 'object') return `the ${typeof value} ${String(value)}`
  return Array.isArray(value)
    ? 'a list'
    : `an object of ${Object.keys(value).slice(0, 5).join(', ') || 'nothing'}`
}

type List = ArrayLike<unknown> & Iterable<unknown>

const isTensor = (value: unknown): value is Tensor =>
  typeof value === 'object' && value !== null && 'dtype' in value && 'shape' in value && 'data' in value
const isList = (value: unknown): value is List =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))
const contents = (value: unknown): List => (isTensor(value) ? value.data : (value as List))

function shapeOf(name: string, value: unknown, item: number): readonly number[] {
  if (isTensor(value)) return value.shape
  if (isList(value)) {
    if (!Array.isArray(value)) return [value.length]
    const parts = value.map((part: unknown) => shapeOf(name, part, item))
    const odd = parts.find((part) => String(part) !== String(parts[0]))
    if (odd === undefined) return [value.length, ...(parts[0] ?? [])]
    throw new CollateError(
      `Item ${item} of the batch has ${describe(parts[0]!)} beside ${describe(odd)} in "${name}", ` +
        'but a tensor needs parts of one shape.',
    )
  }
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return []
  throw new CollateError(
    `Item ${item} of the batch has ${show(value)} in "${name}", but a tensor needs numbers, or lists of them. ` +
      `Leave it out with dataset.removeColumns(['${name}']), make numbers of it with dataset.map(), ` +
      'or give a collator of your own.',
  )
}

const describe = (shape: readonly number[]) => {
  const [length] = shape
  if (shape.length === 0) return 'one number'
  return shape.length > 1 ? `[${shape}] numbers` : `a list of ${length}`
}

function flatten(value: unknown, into: (number | bigint | boolean)[]): void {
  if (isTensor(value)) flatten(value.data, into)
  else if (isList(value)) for (let i = 0; i < value.length; i++) flatten(value[i], into)
  else into.push(value as number | bigint | boolean)
}

/** The types that typed arrays keep. */
const KEPT = [
  [Float32Array, 'float32'],
  [Float64Array, 'float32'],
  [Int8Array, 'int8'],
  [Uint8Array, 'uint8'],
] as const

function dtypeOf(first: unknown, flat: readonly (number | bigint | boolean)[]): DType {
  if (isTensor(first)) return first.dtype
  const kept = KEPT.find(([kind]) => first instanceof kind)
  if (kept) return kept[1]
  if (flat.length > 0 && flat.every((value) => typeof value === 'boolean')) return 'bool'
  return flat.every((value) => typeof value === 'bigint' || Number.isInteger(Number(value)))
    ? 'int32'
    : 'float32'
}

const ARRAYS = {
  float32: Float32Array,
  float16: Uint16Array,
  int32: Int32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const

function fillNumbers<A extends { [index: number]: number; length: number }>(
  data: A,
  flat: readonly (number | bigint | boolean)[],
): A {
  for (let i = 0; i < flat.length; i++) data[i] = Number(flat[i])
  return data
}

function fill(
  name: string,
  dtype: DType,
  flat: readonly (number | bigint | boolean)[],
  items: number,
): Tensor['data'] {
  if (dtype === 'int64') return BigInt64Array.from(flat, BigInt)
  const data = fillNumbers(new ARRAYS[dtype](flat.length), flat)
  if (dtype !== 'int32') return data
  const wide = flat.findIndex((value, i) => Number(value) !== data[i])
  if (wide < 0) return data
  throw new CollateError(
    `Item ${Math.floor(wide / (flat.length / items))} of the batch has ${String(flat[wide])} in "${name}", ` +
      'but a whole number must lie between -2147483648 and 2147483647.',
  )
}
