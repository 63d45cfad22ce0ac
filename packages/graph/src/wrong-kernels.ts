/** @file Convolutions whose kernels of onnxruntime-web 1.30 for GPUs are wrong, by others that are right. */
import { type Dim, product, quotient, sum } from './shape'
import { apply, type Node, type Tensor } from './tensor'

/** What a node gives, where its own kernel would give something else. */
export function withoutWrongKernel(node: Node): Tensor | undefined {
  if (node.op === 'Conv') return inFours(node)
  return node.op === 'ConvTranspose' ? inPairs(node) : undefined
}

/** Channels are taken by threes where they aren't divisible by four but by three, which goes wrong for more than three of them. The
 * gradient of a weight has images in their place, which only a run may count. */
function inFours({ inputs: [x, weight, ...bias], outputs: [y], attributes }: Node): Tensor | undefined {
  const [outputs, inputs] = weight!.shape as [Dim, Dim]
  const threes = typeof inputs === 'string' || (inputs > 3 && inputs % 3 === 0 && inputs % 4 !== 0)
  if (attributes.group !== 1 || !threes || Number(outputs) % 4 !== 0) return undefined
  const fours = product([quotient(sum([inputs, 3]), 4), 4])
  const most = typeof inputs === 'string' ? 3 : 4 - (inputs % 4)
  const more = (t: Tensor) => t.pad([...t.shape.slice(2).flatMap(() => [0, 0]), 0, most]).slice(1, 0, fours)
  return apply('Conv', [more(x!), more(weight!), ...bias], y!, attributes)
}

/** One output of a group of an even number of inputs is wrong, the first of two is right. */
function inPairs({ inputs: [x, weight, bias], outputs: [y], attributes }: Node): Tensor | undefined {
  const [inputs, outputs] = weight!.shape as number[]
  const groups = Number(attributes.group)
  if (groups === 1 || outputs !== 1 || (inputs! / groups) % 2 !== 0) return undefined
  const [batch, , ...sizes] = y!.shape as [Dim, Dim, ...Dim[]]
  const two = weight!.pad([...weight!.shape.slice(2).flatMap(() => [0, 0]), 0, 1])
  const type = { dtype: y!.dtype, shape: [batch, 2 * groups, ...sizes] }
  const pairs = apply('ConvTranspose', [x, two], type, attributes)
  const first = pairs
    .reshape(batch, groups, 2, ...sizes)
    .slice(2, 0, 1)
    .reshape(...y!.shape)
  return bias ? first.add(bias.reshape(groups, ...sizes.map(() => 1))) : first
}
