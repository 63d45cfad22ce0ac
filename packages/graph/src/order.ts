/** @file The nodes of a graph in an order in which they can be computed. */
import type { Node, Tensor } from './tensor'

/** Every node `outputs` depend on, inputs before users; the walk does not go behind the tensors of `until`. */
export function topologicalOrder(
  outputs: readonly Tensor[],
  until: ReadonlySet<Tensor | undefined> = new Set(),
): Node[] {
  const order = new Set<Node>()
  const entered = new Set<Node>()
  const stack = outputs.flatMap((x) => (until.has(x) ? [] : [x.node])).reverse()
  for (let node = stack.at(-1); node; node = stack.at(-1)) {
    if (entered.has(node)) {
      stack.pop()
      order.add(node)
      continue
    }
    entered.add(node)
    for (let i = node.inputs.length - 1; i >= 0; i--) {
      const x = node.inputs[i]
      if (x && !until.has(x) && !entered.has(x.node)) stack.push(x.node)
    }
  }
  return [...order]
}
