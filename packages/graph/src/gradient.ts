/** @file Reverse-mode differentiation: the gradient of a graph is more graph. */
import { composites, isComposite } from './composites'
import { GraphError } from './errors'
import type { Primitive } from './operations'
import { product } from './shape'
import { apply, concat, type Node, scalar, sizeTensor, type Tensor, topologicalOrder } from './tensor'

/** What each input receives, given the gradient `dy` of the output `y`; nothing where nothing flows. */
type Rule = (dy: Tensor, y: Tensor, ...inputs: Tensor[]) => readonly (Tensor | undefined)[]

const none: Rule = () => []

const rules: { readonly [O in Primitive]: Rule } = {
  Add: (dy) => [dy, dy],
  Sub: (dy) => [dy, dy.neg()],
  Mul: (dy, _, a, b) => [dy.mul(b!), dy.mul(a!)],
  Div: (dy, y, _, b) => [dy.div(b!), dy.mul(y).div(b!).neg()],
  Neg: (dy) => [dy.neg()],
  Exp: (dy, y) => [dy.mul(y)],
  Log: (dy, _, x) => [dy.div(x!)],
  Sqrt: (dy, y) => [dy.div(y).mul(0.5)],
  Tanh: (dy, y) => [dy.mul(y.mul(y).neg().add(1))], // dy · (1 − tanh²)
  Erf: (dy, _, x) => [dy.mul(x!.mul(x!).neg().exp()).mul(2 / Math.sqrt(Math.PI))],
  Sigmoid: (dy, y) => [dy.mul(y).mul(y.neg().add(1))],
  Relu: (dy, y) => [dy.mul(y.greater(0).cast(dy.dtype))],
  Softmax(dy, y) {
    const axis = Number(y.node.attributes.axis)
    return [dy.sub(dy.mul(y).sum([axis], { keepdims: true })).mul(y)]
  },
  Equal: none,
  Less: none,
  Greater: none,
  Not: none,
  Where: (dy, _, condition) => [undefined, condition!.where(dy, 0), condition!.where(dy.mul(0), dy)],
  Cast: (dy, _, x) => [x!.dtype.startsWith('float') ? dy.cast(x!.dtype) : undefined],
  MatMul: (dy, _, a, b) => [dy.matmul(b!.T), a!.T.matmul(dy)],
  Transpose(dy, y) {
    const order = y.node.attributes.perm as readonly number[]
    return [dy.transpose(...order.map((_, axis) => order.indexOf(axis)))]
  },
  Reshape: (dy, _, x) => [dy.reshape(...x!.shape)],
  Expand: (dy) => [dy], // summed back like any broadcast
  Unsqueeze: (dy, _, x) => [dy.reshape(...x!.shape)],
  Squeeze: (dy, _, x) => [dy.reshape(...x!.shape)],
  ReduceSum: (dy, y, x) => [keepAxes(dy, y, x!).expand(...x!.shape)],
  ReduceMean: (dy, y, x) => [keepAxes(dy.div(count(y, x!)), y, x!).expand(...x!.shape)],
  ReduceMax(dy, y, x) {
    const largest = x!.equal(keepAxes(y, y, x!)).cast(dy.dtype) // ties share
    const ties = largest.sum(axesOf(y), { keepdims: true })
    return [keepAxes(dy, y, x!).div(ties).mul(largest)]
  },
  CumSum: (dy, y) => [apply('CumSum', [dy, y.node.inputs[1]], dy, { reverse: 1 })],
  Gather: (dy, y, x, indices) => [scatter(dy, x!, indices!, Number(y.node.attributes.axis))],
  GatherElements(dy, y, x, indices) {
    const { axis } = y.node.attributes
    return [apply('ScatterElements', [zerosLike(x!), indices, dy], x!, { axis: axis!, reduction: 'add' })]
  },
  Slice(dy, y, x) {
    const [start, end, axis] = y.node.inputs.slice(1).map((t) => valuesOf(t!)[0]!) as [number, number, number]
    const zeros = (size: number) =>
      scalar(0, dy.dtype).expand(...x!.shape.map((dim, i) => (i === axis ? size : dim)))
    const after = Number(x!.shape[axis]) - end
    const parts = [start > 0 ? zeros(start) : [], dy, after > 0 ? zeros(after) : []].flat()
    return [parts.length > 1 ? concat(parts, axis) : dy]
  },
  Concat(dy, y, ...inputs) {
    const axis = Number(y.node.attributes.axis)
    let start = 0
    return inputs.map(({ shape }) => {
      const end = start + Number(shape[axis])
      const part = dy.slice(axis, start, end)
      start = end
      return part
    })
  },
  ScatterElements() {
    throw new GraphError('A gradient of a gather has no gradient itself.')
  },
}

/** The gradient of the scalar `loss` with respect to each of `targets`, shaped like them.
 * @example gradients(loss, [weight]) // [dloss/dweight], as torch's `loss.backward()` leaves in `weight.grad`
 * @throws {GraphError} when the loss is no scalar.
 */
export function gradients(loss: Tensor, targets: readonly Tensor[]): Tensor[] {
  if (loss.rank > 0)
    throw new GraphError(`gradients needs a scalar loss, got [${loss.shape}]; sum or average it.`)
  return backward([loss], [scalar(1, loss.dtype)], targets).map(
    (gradient, i) => gradient ?? zerosLike(targets[i]!),
  )
}

/** What flows from `outputs`, whose gradients are given, back to each of `targets`; nothing where no path leads. */
function backward(
  outputs: readonly Tensor[],
  given: readonly (Tensor | undefined)[],
  targets: readonly (Tensor | undefined)[],
  order = topologicalOrder(outputs),
): (Tensor | undefined)[] {
  const reaches = new Set(targets)
  for (const node of order) {
    if (node.inputs.some((x) => reaches.has(x))) for (const y of node.outputs) reaches.add(y)
  }
  const flowing = new Map<Tensor, Tensor>()
  const receive = (x: Tensor | undefined, dx: Tensor | undefined) => {
    if (!x || !dx || !reaches.has(x)) return
    const summed = unbroadcast(dx, x)
    const before = flowing.get(x)
    flowing.set(x, before ? before.add(summed) : summed)
  }
  for (const [i, y] of outputs.entries()) receive(y, given[i])
  for (const node of order.reverse()) {
    const dys = node.outputs.map((y) => flowing.get(y))
    if (dys.every((dy) => dy === undefined) || !node.inputs.some((x) => reaches.has(x))) continue
    for (const [i, dx] of inputGradients(node, dys).entries()) receive(node.inputs[i], dx)
  }
  return targets.map((x) => x && flowing.get(x))
}

function inputGradients(node: Node, dys: readonly (Tensor | undefined)[]): readonly (Tensor | undefined)[] {
  if (isComposite(node)) {
    const inside = composites[node.op].plain(node)
    // One input may depend on another: what lies behind them is not this node's to follow.
    return backward(inside, dys, node.inputs, topologicalOrder(inside, new Set(node.inputs)))
  }
  if (!Object.hasOwn(rules, node.op)) throw new GraphError(`${node.op} is for inference: it has no gradient.`)
  return rules[node.op as Primitive](dys[0]!, node.outputs[0]!, ...(node.inputs as Tensor[]))
}

/** Sum `dx` over the axes along which `x` was broadcast. */
function unbroadcast(dx: Tensor, x: Tensor): Tensor {
  const extra = dx.rank - x.rank
  const axes = dx.shape.flatMap((dim, axis) =>
    axis < extra || (x.shape[axis - extra] === 1 && dim !== 1) ? [axis] : [],
  )
  return axes.length === 0 ? dx : dx.sum(axes, { keepdims: true }).reshape(...x.shape)
}

const zerosLike = ({ dtype, shape }: Tensor) => scalar(0, dtype).expand(...shape)
const valuesOf = (x: Tensor) => x.node.attributes.values as readonly number[]
const axesOf = (y: Tensor) => [...valuesOf(y.node.inputs[1]!)]

/** How many entries of `x` one entry of its reduction `y` stands for. */
function count(y: Tensor, x: Tensor): Tensor {
  const size = product(axesOf(y).map((axis) => x.shape[axis]!))
  return sizeTensor(size).cast(x.dtype)
}

/** The reduced axes put back as ones, so that `dy` can be stretched over `x`. */
const keepAxes = (dy: Tensor, y: Tensor, x: Tensor) =>
  y.node.attributes.keepdims
    ? dy
    : dy.reshape(...x.shape.map((dim, axis) => (axesOf(y).includes(axis) ? 1 : dim)))

/** The entries of `dy`, which a gather read along `axis`, added up where they were read from. */
function scatter(dy: Tensor, x: Tensor, indices: Tensor, axis: number): Tensor {
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)]
  const chosen = product(indices.shape)
  const places = indices
    .reshape(...before.map(() => 1), chosen, ...after.map(() => 1))
    .expand(...before, chosen, ...after)
  const updates = dy.reshape(...before, chosen, ...after)
  return apply('ScatterElements', [zerosLike(x), places, updates], x, { axis, reduction: 'add' })
}
