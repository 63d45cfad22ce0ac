/** @file What a user gives a model, checked against what its Program says, and completed. */
import {
  cofactor,
  type DerivedInput,
  type InputType,
  interpolationWeights,
  namesIn,
  type Program,
  type RotaryFrequencies,
  sizeOf,
} from '@webformers/graph'
import { IndexOutOfRangeError, InputError, SequenceTooLongError } from './errors'
import { arrayOf, sizeOf as count, holds, type PlainTensor, type PlainTensors } from './tensor'

type Sizes = Record<string, number>

/** Which of so many entries a dropout keeps: 1, or 0 for one that it drops. */
export type DrawDropout = (
  length: number,
  dropout: Extract<DerivedInput, { kind: 'dropout' }>,
) => Uint8Array<ArrayBuffer>

/**
 * The tensors to feed: each input in the graph's type, and those that follow from the sizes of the others.
 * @param draw draws for dropouts, where a program has some
 * @throws {InputError} when an input is missing, unknown, or of the wrong type or shape.
 * @throws {SequenceTooLongError} when a dimension is beyond its limit.
 * @throws {IndexOutOfRangeError} when an id is outside its table.
 */
export function prepareFeeds(program: Program, inputs: PlainTensors, draw?: DrawDropout): PlainTensors {
  const names = Object.keys(program.inputs)
  const unknown = Object.keys(inputs).filter((name) => !names.includes(name))
  if (unknown.length > 0) {
    throw new InputError(`Unknown input ${unknown.join(', ')}. This model takes ${names.join(', ')}.`)
  }
  const missing = names.filter((name) => !inputs[name])
  if (missing.length > 0) {
    throw new InputError(
      `Missing input ${missing.join(', ')}. Got ${Object.keys(inputs).join(', ') || 'none'}.`,
    )
  }
  const typed = Object.entries(program.inputs).map(
    ([name, type]) => [name, checkType(name, inputs[name]!, type)] as const,
  )
  const sizes: Sizes = {}
  for (const [name, tensor] of typed) checkShape(name, tensor, program.inputs[name]!, sizes)
  for (const [dimension, limit] of Object.entries(program.limits)) {
    const size = sizes[dimension] ?? 0
    if (size > limit) throw new SequenceTooLongError(dimension, size, limit)
  }
  for (const [dimension, least] of Object.entries(program.least ?? {})) {
    const size = sizes[dimension] ?? least
    if (size < least)
      throw new InputError(
        `The ${dimension} is ${size}, and this model needs at least ${least}: nothing would be left of it. Give a larger input.`,
      )
  }
  for (const [name, tensor] of typed) checkIds(name, tensor, program.inputs[name]!)
  const derived = Object.entries(program.derived).map(
    ([name, what]) => [name, derive(what, sizes, draw)] as const,
  )
  return Object.fromEntries([...typed, ...derived])
}

function checkType(name: string, tensor: PlainTensor, { dtype }: InputType): PlainTensor {
  const { data, shape } = tensor
  if (!holds(tensor.dtype, data)) {
    throw new InputError(
      `Input ${name} says it is ${tensor.dtype}, but its data is ${data?.constructor?.name ?? typeof data}. Make it with tensor().`,
    )
  }
  if (data.length !== count(shape)) {
    throw new InputError(
      `Input ${name} of shape [${shape.join(', ')}] needs ${count(shape)} values, got ${data.length}.`,
    )
  }
  if (data.length === 0)
    throw new InputError(`Input ${name} of shape [${shape.join(', ')}] holds nothing to compute.`)
  if (tensor.dtype === dtype) return tensor
  // PyTorch's ids are int64; the graph's are int32, which every device computes with.
  if (dtype === 'int32' && tensor.dtype === 'int64')
    return { dtype, shape, data: Int32Array.from(data, Number) }
  throw new InputError(`Input ${name} must be ${dtype}, got ${tensor.dtype}.`)
}

/** Compare with the shape of the type; a name takes its size from the first input that has it, alone or times others that are known. */
function checkShape(name: string, { shape }: PlainTensor, type: InputType, sizes: Sizes) {
  const wrong = (why: string) =>
    new InputError(
      `Input ${name} must be of shape [${type.shape.join(', ')}], got [${shape.join(', ')}]: ${why}.`,
    )
  if (shape.length !== type.shape.length) {
    throw wrong(`it has ${shape.length} dimensions instead of ${type.shape.length}`)
  }
  for (const [axis, dim] of type.shape.entries()) {
    const size = shape[axis]!
    for (const unknown of namesIn(dim).filter((each) => sizes[each] === undefined)) {
      const others = cofactor(dim, unknown)
      if (others !== undefined) sizes[unknown] = Math.floor(size / sizeOf(others, sizes))
    }
    const expected = sizeOf(dim, sizes)
    if (size !== expected) {
      throw wrong(
        `dimension ${axis} is ${size}, but ${typeof dim === 'string' ? `${dim} is ` : 'must be '}${expected}`,
      )
    }
  }
}

/** @throws {IndexOutOfRangeError} when an id is not smaller than `below` */
export function checkIds(
  name: string,
  { data, shape }: PlainTensor,
  { below, ignored }: Pick<InputType, 'below' | 'ignored'>,
) {
  if (below === undefined) return
  for (let i = 0; i < data.length; i++) {
    const id = Number(data[i])
    if ((id < 0 || id >= below) && id !== ignored)
      throw new IndexOutOfRangeError(name, positionOf(i, shape), id, below, ignored)
  }
}

/** Where the `index`-th value of a tensor stands. */
function positionOf(index: number, shape: readonly number[]): number[] {
  let rest = index
  const position = shape.toReversed().map((size) => {
    const place = rest % size
    rest = Math.floor(rest / size)
    return place
  })
  return position.reverse()
}

function derive(what: DerivedInput, sizes: Sizes, draw: DrawDropout | undefined): PlainTensor {
  const values = what.dims.map((dim) => sizeOf(dim, sizes))
  switch (what.kind) {
    case 'shape':
      return { dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) }
    case 'arange': {
      const first = firstOf(what, values[0]!, sizes)
      const data = Int32Array.from({ length: values[0]! }, (_, i) => first + i)
      return { dtype: 'int32', shape: values, data }
    }
    case 'size':
      return { dtype: 'float32', shape: [], data: Float32Array.from(values) }
    case 'count':
      return { dtype: 'int32', shape: [1], data: Int32Array.from(values) }
    case 'last':
      return {
        dtype: 'int32',
        shape: values,
        data: new Int32Array(values[0]!).fill(sizeOf(what.of, sizes) - 1),
      }
    case 'cos':
    case 'sin':
      return rotaryTable(Math[what.kind], firstOf(what, values[0]!, sizes), values[0]!, what)
    case 'interpolation': {
      const [to, from] = values as [number, number]
      return { dtype: 'float32', shape: values, data: interpolationWeights(to, from, what) }
    }
    case 'dropout':
      return { dtype: 'uint8', shape: values, data: draw!(count(values), what) }
  }
}

/** The first of so many positions: 0, or they are the last ones of another dimension. */
const firstOf = ({ endOf }: { endOf?: string }, length: number, sizes: Sizes) =>
  endOf === undefined ? 0 : sizeOf(endOf, sizes) - length

/** The cosines or sines of so many positions from the first one on, as torch computes them: the angle of a far position depends on the rounding of its product to float32. */
export function rotaryTable(
  turn: (angle: number) => number,
  first: number,
  length: number,
  rotary: RotaryFrequencies,
): PlainTensor {
  const end = first + length
  const { scale, longerThan = end, longFrequencies } = rotary
  const frequencies = (end > longerThan && longFrequencies) || rotary.frequencies
  const data = new Float32Array(length * frequencies.length)
  let i = 0
  for (let position = first; position < end; position++) {
    for (const frequency of frequencies)
      data[i++] = Math.fround(turn(Math.fround(position * frequency))) * scale
  }
  return { dtype: 'float32', shape: [length, frequencies.length], data }
}

/** Kernels for matrices of more rows than 8 are others than those for fewer. */
const SEVERAL = 16

/** Inputs that a model accepts, one short row of them: enough to make a GPU compile what it will need. */
export function smallInputs(program: Program): PlainTensors {
  const inputs = Object.entries(program.inputs)
  const long = inputs.map(([, { shape }]) => shape.at(-1)) // a sequence, where what counts examples is not
  const names = inputs.flatMap(([, { shape }]) => shape.flatMap(namesIn))
  const few = (name: string) => (long.includes(name) ? Math.min(SEVERAL, program.limits[name] ?? SEVERAL) : 1)
  const sizes = Object.fromEntries(
    names.map((name) => [name, Math.max(few(name), program.least?.[name] ?? 1)]),
  )
  return Object.fromEntries(
    inputs.map(([name, { dtype, shape, below }]) => {
      const dims = shape.map((dim) => sizeOf(dim, sizes))
      const values = arrayOf(dtype, count(dims))
      if (below !== 1) for (let i = 0; i < values.length; i++) values[i] = dtype === 'int64' ? 1n : 1
      return [name, { dtype, shape: dims, data: values }]
    }),
  )
}
