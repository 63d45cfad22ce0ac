/** @file Reverse-mode differentiation: the gradient of a graph is more graph. */
import { composites, isComposite } from './composites'
import { GraphError } from './errors'
import { Flow, full } from './flow'
import type { Primitive } from './operations'
import { topologicalOrder } from './order'
import { inSegments, Recomputed, type Segment } from './recompute'
import { elementwise, rules, sliceOf } from './rules'
import { zeros } from './scatter'
import { alike } from './shape'
import { finish, type Steps } from './steps'
import { type Node, scalar, type Tensor } from './tensor'

export interface GradientOptions {
  /**
   * Parts of the graph, such as the layers of a model, whose inner values are computed again when the backward pass comes to
   * them and not kept until then: less memory for more time, as gradient checkpointing in Python.
   */
  readonly recompute?: readonly Segment[]
}

/** The gradient of the scalar `loss` with respect to each of `targets`, shaped like them.
 * @example gradients(loss, [weight]) // [dloss/dweight], as torch's `loss.backward()` leaves in `weight.grad`
 * @throws {GraphError} when the loss is no scalar.
 */
export const gradients = (
  loss: Tensor,
  targets: readonly Tensor[],
  options: GradientOptions = {},
): Tensor[] => finish(gradientSteps(loss, targets, options))

/** The same of a graph of any size. */
export function* gradientSteps(
  loss: Tensor,
  targets: readonly Tensor[],
  { recompute = [] }: GradientOptions = {},
): Steps<Tensor[]> {
  if (loss.rank > 0)
    throw new GraphError(`gradients needs a scalar loss, got [${loss.shape}]; sum or average it.`)
  const found = yield* backward([loss], [scalar(1, loss.dtype)], targets, inSegments([loss], recompute))
  return found.map((dx, i) => (dx ? full(dx, targets[i]!) : zeros(targets[i]!)))
}

/** What flows from `outputs`, whose gradients are given, back to each of `targets`; nothing where no path leads. */
function* backward(
  outputs: readonly Tensor[],
  given: readonly (Tensor | undefined)[],
  targets: readonly (Tensor | undefined)[],
  units: readonly (Node | Recomputed)[],
): Steps<(Tensor | undefined)[]> {
  const reaches = new Set(targets)
  for (const unit of units) {
    for (const node of unit instanceof Recomputed ? unit.nodes : [unit])
      if (node.inputs.some((x) => x && reaches.has(x))) for (const y of node.outputs) reaches.add(y)
  }
  const flow = new Flow(reaches)
  for (const [i, y] of outputs.entries()) flow.receive(y, given[i])
  for (const unit of units.toReversed()) {
    if (unit instanceof Recomputed) yield* throughSegment(unit, flow, reaches, targets)
    else throughNode(unit, flow, reaches)
    yield
  }
  return targets.map((x) => x && flow.of(x))
}

function throughNode(node: Node, flow: Flow, reaches: ReadonlySet<Tensor | undefined>): void {
  const wanted = node.inputs.map((x) => x !== undefined && reaches.has(x))
  const [y, x] = [node.outputs[0], node.inputs[0]]
  const lazy = elementwise.has(node.op) && node.inputs.every((each) => alike(each!.shape, y!.shape))
  const dys = node.outputs.map((y) => {
    const dy = flow.of(y)
    return dy && (lazy ? dy : full(dy, y))
  })
  if (dys.every((dy) => dy === undefined) || !wanted.includes(true)) return
  if (node.op === 'Slice') flow.receiveSlice(x!, sliceOf(y!, dys[0]!))
  else for (const [i, dx] of inputGradients(node, dys, wanted).entries()) flow.receive(node.inputs[i], dx)
}

/** Compute the segment again, now that its outputs' gradients have come, and go back through the copy. */
function* throughSegment(
  segment: Recomputed,
  flow: Flow,
  reaches: ReadonlySet<Tensor | undefined>,
  targets: readonly (Tensor | undefined)[],
): Steps<void> {
  const outputs = segment.outputs.filter((y) => flow.of(y))
  const behind = segment.inputs.filter((x) => reaches.has(x))
  const inside = segment.outputs.filter((y) => targets.includes(y))
  if (outputs.length === 0 || behind.length + inside.length === 0) return
  const dys = outputs.map((y) => flow.of(y)!)
  const { nodes, of } = segment.after(dys[0]!)
  const found = yield* backward(outputs.map(of), dys, [...behind, ...inside].map(of), nodes)
  for (const [i, x] of behind.entries()) flow.receive(x, found[i])
  for (const [i, x] of inside.entries()) flow.replace(x, found[behind.length + i])
}

function inputGradients(
  node: Node,
  dys: readonly (Tensor | undefined)[],
  wanted: readonly boolean[],
): readonly (Tensor | undefined)[] {
  if (isComposite(node)) {
    const composite = composites[node.op]
    const closed = composite.gradient?.(node, dys, wanted)
    if (closed) return closed
    const inside = composite.plain(node)
    const targets = node.inputs.map((x, i) => (wanted[i] ? x : undefined))
    // One input may depend on another: what lies behind them is not this node's to follow.
    return finish(backward(inside, dys, targets, topologicalOrder(inside, new Set(node.inputs))))
  }
  if (!Object.hasOwn(rules, node.op)) throw new GraphError(`${node.op} is for inference: it has no gradient.`)
  return rules[node.op as Primitive](dys[0]!, node.outputs[0]!, ...(node.inputs as Tensor[]))
}
