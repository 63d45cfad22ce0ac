/** @file Parts of a graph that the backward pass computes again instead of keeping their values. */
import { zeroAfter } from './composites/again'
import { GraphError } from './errors'
import { topologicalOrder } from './order'
import { isFloat } from './rules'
import { Node, type Tensor } from './tensor'

/** What lies between some tensors and others made from them, such as the inputs and outputs of a layer. What else it reads,
 * parameters for instance, is kept. */
export interface Segment {
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
}

/** The nodes of a segment, in order. */
export class Recomputed {
  /** What the nodes read and do not make. */
  readonly inputs: readonly Tensor[]
  /** All that they make. */
  readonly outputs: readonly Tensor[]
  constructor(
    readonly nodes: readonly Node[],
    private readonly given: ReadonlySet<Tensor>,
  ) {
    this.outputs = nodes.flatMap((node) => node.outputs)
    const made = new Set(this.outputs)
    this.inputs = [...new Set(nodes.flatMap((node) => node.inputs))].filter(
      (x) => x && !made.has(x),
    ) as Tensor[]
  }

  /** The same nodes once more, over inputs that can't be had before `dy`. */
  after(dy: Tensor): { nodes: readonly Node[]; of(x: Tensor): Tensor } {
    const zero = zeroAfter(dy)
    const copies = new Map<Tensor, Tensor>()
    for (const x of this.inputs) if (this.given.has(x) && isFloat(x)) copies.set(x, x.add(zero.cast(x.dtype)))
    const of = (x: Tensor) => copies.get(x) ?? x
    const nodes = this.nodes.map((node) => {
      const inputs = node.inputs.map((x) => x && of(x))
      const copy = new Node(node.op, inputs, node.outputs, node.attributes, node.domain)
      for (const [i, x] of node.outputs.entries()) copies.set(x, copy.outputs[i]!)
      return copy
    })
    return { nodes, of }
  }
}

/** What `outputs` depend on, inputs before users, the nodes of each segment as one.
 * @throws {GraphError} when segments can't be computed one after another. */
export function inSegments(outputs: readonly Tensor[], segments: readonly Segment[]): (Node | Recomputed)[] {
  const order = topologicalOrder(outputs)
  if (segments.length === 0) return order
  const needed = new Set(order)
  const unitOf = new Map<Node, Node | Recomputed>(order.map((node) => [node, node]))
  for (const segment of segments) {
    const nodes = between(segment).filter((node) => needed.has(node) && unitOf.get(node) === node)
    const whole = new Recomputed(nodes, new Set(segment.inputs))
    for (const node of nodes) unitOf.set(node, whole)
  }
  return sorted(new Set(unitOf.values()), ({ inputs }) =>
    inputs.flatMap((x) => (x ? [unitOf.get(x.node)!] : [])),
  )
}

/** The nodes on the paths from the inputs of a segment to its outputs, in order. */
function between({ inputs, outputs }: Segment): Node[] {
  const dependent = new Set<Tensor | undefined>(inputs)
  return topologicalOrder(outputs, new Set(inputs)).filter((node) => {
    const inside = node.inputs.some((x) => dependent.has(x))
    if (inside) for (const x of node.outputs) dependent.add(x)
    return inside
  })
}

/** Each unit after those that it needs. */
function sorted<U>(units: ReadonlySet<U>, needs: (unit: U) => readonly U[]): U[] {
  const missing = new Map<U, Set<U>>([...units].map((unit) => [unit, new Set(needs(unit))]))
  const users = new Map<U, U[]>()
  for (const [unit, needed] of missing)
    for (const each of needed) users.set(each, [...(users.get(each) ?? []), unit])
  const done = [...units].filter((unit) => missing.get(unit)!.size === 0)
  for (const unit of done) {
    for (const user of users.get(unit) ?? []) {
      const rest = missing.get(user)!
      rest.delete(unit)
      if (rest.size === 0) done.push(user)
    }
  }
  if (done.length < units.size)
    throw new GraphError(
      'Segments to recompute need values of each other in turn; give those that follow one another.',
    )
  return done
}
