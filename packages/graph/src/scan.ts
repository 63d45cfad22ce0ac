/** @file A step taken for each entry along an axis, what it knows going from one to the next: ONNX's Scan. */
import { input, Node, Subgraph, type Tensor } from './tensor'
import type { TensorType } from './types'

interface Scanned {
  /** The state after the last step. */
  readonly last: Tensor
  /** The states after each step, along a new first axis. */
  readonly states: Tensor
}

/**
 * Take a step for each entry of `sequences` along their first axis.
 * @param step the next state, in terms of the state, of what is the same in all steps, and of the entries
 * @param initial the state before the first step
 * @param fixed what is the same in all steps
 * @param reverse whether the last entries come first; states are told in the order of the entries all the same
 */
export function scan(
  step: (state: Tensor, fixed: readonly Tensor[], entries: readonly Tensor[]) => Tensor,
  initial: Tensor,
  fixed: readonly Tensor[],
  sequences: readonly Tensor[],
  { reverse = false } = {},
): Scanned {
  const [length] = sequences[0]!.shape
  // Types that a lowering changes are changed inside, too: the body is made when the graph is written.
  const body = new Subgraph((types) => {
    const given = types.map(({ dtype, shape }, i) => input(i <= fixed.length ? shape : shape.slice(1), dtype))
    const [state, ...others] = given as [Tensor, ...Tensor[]]
    const next = step(state, others.slice(0, fixed.length), others.slice(fixed.length))
    return { inputs: given, outputs: [next, ...others.slice(0, fixed.length), next] }
  })
  const direction = Number(reverse)
  const types: TensorType[] = [initial, ...fixed]
  const node = new Node(
    'Scan',
    [initial, ...fixed, ...sequences],
    [...types, { dtype: initial.dtype, shape: [length!, ...initial.shape] }],
    {
      body,
      num_scan_inputs: sequences.length,
      scan_input_directions: sequences.map(() => direction),
      scan_output_directions: [direction],
    },
  )
  return { last: node.outputs[0]!, states: node.outputs.at(-1)! }
}
