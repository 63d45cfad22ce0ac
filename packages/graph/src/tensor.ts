/** @file The symbolic tensor: one output of one operation of a lazy graph. Nothing is computed here. */
import { GraphError } from './errors'
import { type AxisSize, keptAttributes, lengthOf } from './heads'
import type { Operation } from './operations'
import { alike, axisOf, broadcast, canonical, type Dim, difference, product, type Shape, sum } from './shape'
import type { DType, Float, PadOptions, TensorType } from './types'

/** A graph that is an attribute of a node, as the body of a loop is. */
export class Subgraph {
  /** @param build makes it of the types of the inputs of its node, which a lowering may have changed */
  constructor(
    readonly build: (types: readonly TensorType[]) => {
      readonly inputs: readonly Tensor[]
      readonly outputs: readonly Tensor[]
    },
  ) {}
}
export type Attribute =
  | number
  | Float
  | string
  | readonly number[]
  | readonly string[]
  | readonly Float[]
  | Subgraph
export type Attributes = Readonly<Record<string, Attribute>>
type Operand = Tensor | number

/** One application of an operation. */
export class Node {
  readonly outputs: readonly Tensor[]
  constructor(
    readonly op: Operation,
    readonly inputs: readonly (Tensor | undefined)[],
    outputs: readonly TensorType[],
    readonly attributes: Attributes = {},
    readonly domain: '' | 'com.microsoft' = '',
  ) {
    this.outputs = outputs.map((type) => new Tensor(this, type))
  }
}

/** A value of the graph, with methods that make more graph. */
export class Tensor implements TensorType {
  readonly dtype: DType
  readonly shape: Shape
  constructor(
    readonly node: Node,
    { dtype, shape }: TensorType,
  ) {
    this.dtype = dtype
    this.shape = shape.map(canonical)
  }

  get rank() {
    return this.shape.length
  }

  add(other: Operand) {
    return binary('Add', this, other)
  }
  sub(other: Operand) {
    return binary('Sub', this, other)
  }
  mul(other: Operand) {
    return binary('Mul', this, other)
  }
  div(other: Operand) {
    return binary('Div', this, other)
  }
  equal(other: Operand) {
    return binary('Equal', this, other, 'bool')
  }
  less(other: Operand) {
    return binary('Less', this, other, 'bool')
  }
  greater(other: Operand) {
    return binary('Greater', this, other, 'bool')
  }
  not() {
    return apply('Not', [this], this)
  }
  /** `a` where this is true, `b` where it is not. */
  where(a: Tensor, b: Operand) {
    const other = operand(b, a)
    const shape = broadcast(this.shape, broadcast(a.shape, other.shape))
    return apply('Where', [this, a, other], { dtype: a.dtype, shape })
  }

  neg() {
    return apply('Neg', [this], this)
  }
  exp() {
    return apply('Exp', [this], this)
  }
  log() {
    return apply('Log', [this], this)
  }
  sqrt() {
    return apply('Sqrt', [this], this)
  }
  tanh() {
    return apply('Tanh', [this], this)
  }
  erf() {
    return apply('Erf', [this], this)
  }
  sigmoid() {
    return apply('Sigmoid', [this], this)
  }
  relu() {
    return apply('Relu', [this], this)
  }
  softmax(axis = -1) {
    return apply('Softmax', [this], this, { axis })
  }
  cast(dtype: DType) {
    return dtype === this.dtype ? this : apply('Cast', [this], { dtype, shape: this.shape })
  }

  /** Matrix product over the last two axes, broadcast over the others. */
  matmul(other: Tensor) {
    const [rows, inner, columns] = [this.shape.at(-2), this.shape.at(-1), other.shape.at(-1)]
    if (rows === undefined || columns === undefined || inner !== other.shape.at(-2)) {
      throw new GraphError(
        `matmul needs [.., n, k] and [.., k, m], got [${this.shape}] and [${other.shape}].`,
      )
    }
    sameDType('matmul', this, other)
    const batch = broadcast(this.shape.slice(0, -2), other.shape.slice(0, -2))
    return apply('MatMul', [this, other], { dtype: this.dtype, shape: [...batch, rows, columns] })
  }

  transpose(...perm: number[]) {
    if ([...perm].sort((a, b) => a - b).some((axis, i) => axis !== i) || perm.length !== this.rank) {
      throw new GraphError(`transpose(${perm}) does not order the ${this.rank} axes of [${this.shape}].`)
    }
    const shape = perm.map((axis) => this.shape[axis]!)
    const { op, inputs, attributes } = this.node
    const before = op === 'Transpose' && (attributes.perm as readonly number[])
    if (before && perm.every((axis, i) => before[axis] === i)) return inputs[0]!
    return apply('Transpose', [this], { dtype: this.dtype, shape }, { perm })
  }

  /** The last two axes swapped. */
  get T() {
    const axes = this.shape.map((_, axis) => axis)
    const [a, b] = axes.splice(-2)
    return this.transpose(...axes, b!, a!)
  }

  /** The same elements under other dimensions. */
  reshape(...dims: Dim[]) {
    const shape = dims.map(canonical)
    const [from, to] = [product(this.shape), product(shape)]
    if (typeof from === 'number' && typeof to === 'number' && from !== to) {
      throw new GraphError(
        `[${this.shape}] holds ${from} elements and cannot become [${shape}], which holds ${to}.`,
      )
    }
    const { op, inputs } = this.node
    if (op === 'Reshape' && alike(inputs[0]!.shape, shape)) return inputs[0]!
    return apply('Reshape', [this, reshapeTarget(this.shape, shape)], { dtype: this.dtype, shape })
  }
  /** Stretched along its axes of size 1. */
  expand(...shape: Dim[]) {
    broadcast(this.shape, shape)
    return apply('Expand', [this, shapeTensor(shape)], { dtype: this.dtype, shape })
  }
  /** New axes of size 1 at these places of the result. */
  unsqueeze(...axes: number[]) {
    const rank = this.rank + axes.length
    const places = axes.map((axis) => axisOf(axis, rank))
    const rest = this.shape[Symbol.iterator]()
    const shape = Array.from({ length: rank }, (_, i): Dim => (places.includes(i) ? 1 : rest.next().value!))
    return apply('Unsqueeze', [this, integers(places)], { dtype: this.dtype, shape })
  }
  squeeze(axis: number) {
    const place = axisOf(axis, this.rank)
    if (this.shape[place] !== 1) {
      throw new GraphError(
        `squeeze(${axis}) needs an axis of size 1, got ${this.shape[place]} in [${this.shape}].`,
      )
    }
    const shape = this.shape.filter((_, i) => i !== place)
    return apply('Squeeze', [this, integers([place])], { dtype: this.dtype, shape })
  }

  sum(axes: number[], { keepdims = false } = {}) {
    return reduce('ReduceSum', this, axes, keepdims)
  }
  mean(axes: number[], { keepdims = false } = {}) {
    return reduce('ReduceMean', this, axes, keepdims)
  }
  max(axes: number[], { keepdims = false } = {}) {
    return reduce('ReduceMax', this, axes, keepdims)
  }
  /** The place of the largest entry along the last axis, the first of several: int32, without that axis. */
  argmax() {
    const shape = this.shape.slice(0, -1)
    const place = apply('ArgMax', [this], { dtype: 'int64', shape }, { axis: -1, keepdims: 0 })
    return place.cast('int32')
  }
  /** Running sum along an axis. */
  cumsum(axis: number) {
    return apply('CumSum', [this, constant([axisOf(axis, this.rank)], [], 'int32')], this)
  }

  /** The entries along `axis` that `indices` name, in the place of that axis. */
  gather(indices: Tensor, axis = 0) {
    const place = axisOf(axis, this.rank)
    const shape = [...this.shape.slice(0, place), ...indices.shape, ...this.shape.slice(place + 1)]
    return apply('Gather', [this, indices], { dtype: this.dtype, shape }, { axis: place })
  }
  /** The entries along `axis` whose places there `indices`, shaped as the result, gives: as `torch.gather`. */
  gatherElements(indices: Tensor, axis: number) {
    const place = axisOf(axis, this.rank)
    if (indices.rank !== this.rank || this.shape.some((dim, i) => i !== place && dim !== indices.shape[i])) {
      throw new GraphError(
        `gatherElements along axis ${axis} needs shapes alike elsewhere, got [${this.shape}] and [${indices.shape}].`,
      )
    }
    return apply(
      'GatherElements',
      [this, indices],
      { dtype: this.dtype, shape: indices.shape },
      { axis: place },
    )
  }
  /** The entry at one position of one axis, that axis dropped. */
  at(axis: number, position: number) {
    return this.gather(constant([position], [], 'int32'), axis)
  }
  /** Positions `start` to `end` (exclusive) of an axis; `length` names how many they are, where another name is known for it. */
  slice(axis: number, start: Dim, end: Dim, length = difference(end, start)): Tensor {
    const place = axisOf(axis, this.rank)
    const size = this.shape[place]!
    const rest = difference(size, end)
    if ([start, rest].some((count) => Number(count) < 0) || Number(length) <= 0) {
      throw new GraphError(
        `slice(${axis}, ${start}, ${end}) does not lie in axis ${axis} of [${this.shape}].`,
      )
    }
    if (start === 0 && rest === 0) return this
    const shape = this.shape.with(place, length)
    return apply('Slice', [this, shapeTensor([start]), shapeTensor([end]), integers([place])], {
      dtype: this.dtype,
      shape,
    })
  }
  /**
   * More places around the last axes: `amounts` are those before and after the last axis, then those of the axis before it, as
   * `torch.nn.functional.pad` has them. They hold `value`, or what lies as far inside of the edge.
   * @example pixels.pad([1, 1, 0, 2]) // a column of zeros on either side, two rows below
   */
  pad(amounts: readonly Dim[], { mode = 'constant', value = 0 }: PadOptions = {}): Tensor {
    const sides = this.shape.map((_, axis) => {
      const place = 2 * (this.rank - 1 - axis)
      return [amounts[place] ?? 0, amounts[place + 1] ?? 0] as const
    })
    if (
      amounts.length % 2 !== 0 ||
      amounts.length > 2 * this.rank ||
      amounts.some((dim) => Number(dim) < 0)
    ) {
      throw new GraphError(
        `pad needs an amount before and after each of the last axes of [${this.shape}], got [${amounts}].`,
      )
    }
    if (mode === 'reflect')
      return sides.reduce<Tensor>((x, [before, after], axis) => mirrored(x, axis, before, after), this)
    if (amounts.every((dim) => dim === 0)) return this
    const shape = this.shape.map((dim, axis) => sum([dim, ...sides[axis]!]))
    const pads = shapeTensor([0, 1].flatMap((end) => sides.map((side) => side[end]!)))
    return apply(
      'Pad',
      [this, pads, scalar(value, this.dtype)],
      { dtype: this.dtype, shape },
      { mode: 'constant' },
    )
  }
  /** Moved along axes by so many places; what leaves at the end comes in at the front, as `torch.roll`. */
  roll(shifts: readonly number[], axes: readonly number[]): Tensor {
    return shifts.reduce<Tensor>((x, shift, i) => {
      const size = x.shape[axisOf(axes[i]!, x.rank)]!
      const wanted = typeof size === 'number' ? shift % size : shift
      if (wanted === 0) return x
      const from = wanted < 0 ? -wanted : difference(size, wanted)
      return concat([x.slice(axes[i]!, from, size), x.slice(axes[i]!, 0, from)], axes[i]!)
    }, this)
  }
}

/** One operation with one output. */
export const apply = (
  op: Operation,
  inputs: readonly (Tensor | undefined)[],
  type: TensorType,
  attributes?: Attributes,
) => new Node(op, inputs, [type], attributes).outputs[0]!

/** A value the caller feeds at each run. */
export const input = (shape: Shape, dtype: DType = 'float32') => apply('Input', [], { dtype, shape })
/** A weight: its name is its path in the module tree that holds it. An axis may be made of attention heads. */
export const parameter = (...sizes: AxisSize[]) =>
  apply('Parameter', [], { dtype: 'float32', shape: sizes.map(lengthOf) }, keptAttributes(sizes))
export const constant = (values: readonly number[], shape: readonly number[], dtype: DType = 'float32') => {
  if (product(shape) !== values.length) {
    throw new GraphError(
      `A constant of shape [${shape}] needs ${product(shape)} values, got ${values.length}.`,
    )
  }
  return apply('Constant', [], { dtype, shape }, { values })
}
export const scalar = (value: number, dtype: DType = 'float32') => constant([value], [], dtype)

/** 0, 1, 2, … along a named dimension: known before the run from the sizes of the inputs alone. */
export const arange = (dim: string) =>
  apply('Derived', [], { dtype: 'int32', shape: [dim] }, { kind: 'arange', dims: [dim] })
/** A shape as an int64 vector: a constant, or a vector known before the run from the sizes of the inputs alone. */
export const shapeTensor = (shape: Shape): Tensor =>
  shape.every((dim) => typeof dim === 'number')
    ? integers(shape)
    : apply(
        'Derived',
        [],
        { dtype: 'int64', shape: [shape.length] },
        { kind: 'shape', dims: shape.map((dim) => String(canonical(dim))) },
      )

/** The numbers of such a vector. */
export const dimsOf = ({ node: { op, attributes } }: Tensor): Dim[] =>
  ((op === 'Derived' ? attributes.dims : attributes.values) as readonly Dim[]).map(canonical)

/** How many elements a dimension counts, as a float. */
export const sizeTensor = (dim: Dim): Tensor =>
  typeof dim === 'number'
    ? scalar(dim)
    : apply('Derived', [], { dtype: 'float32', shape: [] }, { kind: 'size', dims: [dim] })

/** Tensors joined along one axis.
 * @param size what they are together there, where that has a name of its own */
export function concat(tensors: readonly Tensor[], axis: number, size?: Dim): Tensor {
  const [first] = tensors
  if (!first) throw new GraphError('concat needs at least one tensor, got none.')
  const place = axisOf(axis, first.rank)
  for (const t of tensors) {
    sameDType('concat', first, t)
    if (t.rank !== first.rank || t.shape.some((dim, i) => i !== place && dim !== first.shape[i])) {
      throw new GraphError(
        `concat along axis ${axis} needs shapes alike elsewhere, got [${first.shape}] and [${t.shape}].`,
      )
    }
  }
  const shape = first.shape.with(place, size ?? sum(tensors.map((t) => t.shape[place]!)))
  return apply('Concat', tensors, { dtype: first.dtype, shape }, { axis: place })
}

/** An axis with what lies inside of its edges once more outside of them, in reverse; the edges themselves aren't repeated. */
function mirrored(x: Tensor, axis: number, before: Dim, after: Dim): Tensor {
  const size = x.shape[axis]!
  const reversed = (count: Dim, start: Dim): Tensor[] => {
    if (count === 0) return []
    if (typeof count === 'string')
      throw new GraphError(`pad mirrors a known number of places, got "${count}".`)
    const places = Array.from({ length: count }, (_, i) => count - 1 - i)
    return [x.slice(axis, start, sum([start, count])).gather(constant(places, [count], 'int32'), axis)]
  }
  const last = difference(size, sum([after, 1]))
  const parts = [...reversed(before, 1), x, ...reversed(after, last)]
  return parts.length === 1 ? x : concat(parts, axis)
}

const integers = (values: readonly number[]) => constant(values, [values.length], 'int64')

/** ONNX's Reshape argument: 0 copies a dimension, one -1 is inferred; more unknowns take a shape fed from outside. */
function reshapeTarget(from: Shape, to: Shape): Tensor {
  const target = to.map((dim, axis) => (typeof dim === 'number' ? dim : from[axis] === dim ? 0 : -1))
  return target.filter((dim) => dim === -1).length > 1 ? shapeTensor(to) : integers(target)
}

const operand = (value: Operand, like: Tensor) =>
  typeof value === 'number' ? scalar(value, like.dtype) : value

function sameDType(verb: string, a: Tensor, b: Tensor) {
  if (a.dtype !== b.dtype) {
    throw new GraphError(
      `${verb} needs operands of one dtype, got ${a.dtype} and ${b.dtype}; cast one of them.`,
    )
  }
}

function binary(op: Operation, a: Tensor, other: Operand, dtype: DType = a.dtype): Tensor {
  const b = operand(other, a)
  sameDType(op, a, b)
  return apply(op, [a, b], { dtype, shape: broadcast(a.shape, b.shape) })
}

function reduce(op: Operation, x: Tensor, axes: number[], keepdims: boolean): Tensor {
  const over = axes.map((axis) => axisOf(axis, x.rank))
  const shape = x.shape.flatMap((dim, axis) => (over.includes(axis) ? (keepdims ? [1] : []) : [dim]))
  return apply(op, [x, integers(over)], { dtype: x.dtype, shape }, { keepdims: Number(keepdims) })
}
