/** @file The gradient of each operation that tracing emits. */
import { again } from './composites/again'
import { convolutionRules } from './convolution-rules'
import { GraphError } from './errors'
import type { Primitive } from './operations'
import type { Rule } from './rule'
import { scatter, zeros } from './scatter'
import { type Dim, difference, largest, product, sum } from './shape'
import { apply, arange, concat, constant, dimsOf, scalar, sizeTensor, type Tensor } from './tensor'

const none: Rule = () => []

export const rules: { readonly [O in Primitive]: Rule } = {
  Add: (dy) => [dy, dy],
  Sub: (dy) => [dy, dy.neg()],
  Mul: (dy, _, a, b) =>
    a === b ? [dy.mul(2).mul(a!)] : [times(dy, again(b!, dy)), times(dy, again(a!, dy))],
  Div(dy, y, _, b) {
    const da = dy.div(b!)
    return [da, da.mul(y).neg()]
  },
  Neg: (dy) => [dy.neg()],
  Exp: (dy, y) => [dy.mul(y)],
  Log: (dy, _, x) => [dy.div(x!)],
  Sqrt: (dy, y) => [dy.mul(0.5).div(y)],
  Tanh: (dy, y) => [dy.mul(y.mul(y).neg().add(1))], // dy · (1 − tanh²)
  Erf: (dy, _, x) => [dy.mul(2 / Math.sqrt(Math.PI)).mul(x!.mul(x!).neg().exp())],
  Sigmoid: (dy, y) => [dy.mul(y.sub(y.mul(y)))],
  // No choice between dy and zero: pixels may be laid out anew between here and there, and GPUs have no kernel that does so with truths.
  Relu: (dy, y) => [dy.mul(y.greater(0).cast(dy.dtype))],
  Softmax(dy, y) {
    const axis = Number(y.node.attributes.axis)
    return [dy.sub(dy.mul(y).sum([axis], { keepdims: true })).mul(y)]
  },
  Equal: none,
  Less: none,
  Greater: none,
  Not: none,
  Where: (dy, _, condition) => [
    undefined,
    condition!.where(dy, 0),
    condition!.where(scalar(0, dy.dtype), dy),
  ],
  Cast: (dy, _, x) => [isFloat(x!) ? dy.cast(x!.dtype) : undefined],
  MatMul(dy, _, a, b) {
    const da = dy.matmul(b!.T)
    if (b!.rank > 2 || a!.rank === 2) return [da, a!.T.matmul(dy)]
    const rows = (t: Tensor) => t.reshape(product(t.shape.slice(0, -1)), t.shape.at(-1)!)
    return [da, apply('Gemm', [rows(a!), rows(dy)], b!, { transA: 1 })] // one product over all rows
  },
  Transpose(dy, y) {
    const order = y.node.attributes.perm as readonly number[]
    return [dy.transpose(...order.map((_, axis) => order.indexOf(axis)))]
  },
  Reshape: (dy, _, x) => [dy.reshape(...x!.shape)],
  Expand: (dy) => [dy],
  Unsqueeze: (dy, _, x) => [dy.reshape(...x!.shape)],
  Squeeze: (dy, _, x) => [dy.reshape(...x!.shape)],
  ReduceSum: (dy, y, x) => [keepAxes(dy, y, x!)],
  ReduceMean: (dy, y, x) => [keepAxes(dy.div(count(y, x!)), y, x!)],
  ReduceMax(dy, y, x) {
    const largest = x!.equal(keepAxes(y, y, x!)) // ties share
    const ties = largest.cast(dy.dtype).sum(axesOf(y), { keepdims: true })
    return [largest.where(keepAxes(dy, y, x!).div(ties), 0)]
  },
  CumSum: (dy, y) => [apply('CumSum', [dy, y.node.inputs[1]], dy, { reverse: 1 })],
  Gather(dy, y, x, indices) {
    const axis = Number(y.node.attributes.axis)
    return [placed(dy, x!, indices!, axis) ?? scatter(dy, x!, indices!, axis)]
  },
  GatherElements(dy, y, x, indices) {
    const { axis } = y.node.attributes
    return [apply('ScatterElements', [zeros(x!), indices, dy], x!, { axis: axis!, reduction: 'add' })]
  },
  Slice: (dy, y, x) => [patched([sliceOf(y, dy)], x!)],
  Concat(dy, y, ...inputs) {
    const axis = Number(y.node.attributes.axis)
    const sizes = inputs.map(({ shape }) => shape[axis]!)
    return sizes.map((size, i) => {
      const start = sum(sizes.slice(0, i))
      return dy.slice(axis, start, sum([start, size]))
    })
  },
  Pad(dy, y, x) {
    const amounts = dimsOf(y.node.inputs[1]!)
    return [
      x!.shape.reduce<Tensor>(
        (dx, size, axis) => dx.slice(axis, amounts[axis]!, sum([amounts[axis]!, size])),
        dy,
      ),
    ]
  },
  ...convolutionRules,
  ScatterElements() {
    throw new GraphError('A gradient of a gather has no gradient itself.')
  },
}

/** Operations whose rule is content with a `dy` that still has to be broadcast, if its inputs have the shape of its output. */
export const elementwise: ReadonlySet<string> = new Set<Primitive>([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Neg',
  'Exp',
  'Log',
  'Sqrt',
  'Tanh',
  'Erf',
  'Sigmoid',
])

export const isFloat = ({ dtype }: Tensor) => dtype.startsWith('float')

/** Part of the gradient of a tensor: `dx` lies at places `start` to `end` of an axis. */
export interface Slice {
  readonly axis: number
  readonly start: Dim
  readonly end: Dim
  readonly dx: Tensor
}

export function sliceOf(y: Tensor, dx: Tensor): Slice {
  const [start, end, axis] = y.node.inputs.slice(1).map((t) => dimsOf(t!)[0]!) as [Dim, Dim, number]
  return { axis, start, end, dx }
}

/** The gradient of `x` from slices that lie one behind another, and zeros where there is none. */
export function patched(slices: readonly Slice[], x: Tensor): Tensor {
  const axis = slices[0]!.axis
  const parts: Tensor[] = []
  const leave = (size: Dim): Dim => {
    if (typeof size === 'string') return size
    if (size > 0) parts.push(zeros({ dtype: x.dtype, shape: x.shape.with(axis, size) }))
    return 0
  }
  const before = leave(slices[0]!.start)
  for (const [i, { start, dx }] of slices.entries()) {
    if (i > 0) leave(difference(start, slices[i - 1]!.end))
    parts.push(dx)
  }
  const after = leave(difference(x.shape[axis]!, slices.at(-1)!.end))
  const joined = parts.length > 1 ? concat(parts, axis) : parts[0]!
  // What only a run counts may be none, which is nothing to join. Where it can't be much, as many are put there as there may be and
  // taken off again: a padding that is computed keeps onnxruntime from laying out pixels as GPUs want them.
  const beside = x.shape.slice(axis + 1).flatMap(() => [0, 0])
  const [most, mostAfter] = [largest(before), largest(after)]
  if (most === undefined || mostAfter === undefined) return joined.pad([...beside, before, after])
  const start = difference(most, before)
  return joined.pad([...beside, most, mostAfter]).slice(axis, start, sum([start, x.shape[axis]!]))
}

/** dy · b, but `b` alone where a loss begins. */
const times = (dy: Tensor, b: Tensor) =>
  dy.rank === 0 && dy.node.op === 'Constant' && valuesOf(dy)[0] === 1 ? b : dy.mul(b)

const valuesOf = (x: Tensor) => x.node.attributes.values as readonly number[]
const axesOf = (y: Tensor) => [...valuesOf(y.node.inputs[1]!)]

/** How many entries of `x` one entry of its reduction `y` stands for. */
const count = (y: Tensor, x: Tensor): Tensor =>
  sizeTensor(product(axesOf(y).map((axis) => x.shape[axis]!))).cast(x.dtype)

/** The reduced axes put back as ones, so that `dy` can be stretched over `x`. */
const keepAxes = (dy: Tensor, y: Tensor, x: Tensor) =>
  y.node.attributes.keepdims || y.rank === 0
    ? dy
    : dy.reshape(...x.shape.map((dim, axis) => (axesOf(y).includes(axis) ? 1 : dim)))

/** The gradient of `x` of which one place along an axis was read. */
function placed(dy: Tensor, x: Tensor, index: Tensor, axis: number): Tensor | undefined {
  if (index.rank > 0 || index.node.op !== 'Constant') return undefined
  const [size, position] = [x.shape[axis]!, valuesOf(index)[0]!]
  if (position < 0) return undefined
  const places =
    typeof size === 'string'
      ? arange(size)
      : constant(
          Array.from({ length: size }, (_, i) => i),
          [size],
          'int32',
        )
  const here = places.equal(position).reshape(size, ...x.shape.slice(axis + 1).map(() => 1))
  return here.where(dy.unsqueeze(axis), 0)
}
