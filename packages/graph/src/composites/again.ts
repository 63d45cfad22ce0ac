/** @file Values that the backward pass makes once more, because that is cheaper than to keep them until then. */
import { product } from '../shape'
import { apply, Node, scalar, type Tensor } from '../tensor'
import type { Composite } from './composite'

/** What `x` is, to be used when `dy` has come. Where memory is short of both, it is made again then. */
export const again = (x: Tensor, dy: Tensor): Tensor => apply('again', [x, dy], x)

/** Kernels that read one tensor, and only once. */
const cheap: ReadonlySet<string> = new Set(['Gelu', 'FastGelu', 'QuickGelu'])

export const againComposite: Composite = {
  plain: ({ inputs: [x] }) => [x!],
  // A GPU has the memory, and each kernel more costs it a dispatch.
  fused({ inputs: [x, dy] }, { target }) {
    const { op, inputs, attributes, domain } = x!.node
    const [from, scale] = inputs
    if (target.device !== 'wasm') return undefined
    if (op === 'DequantizeLinear' && from!.dtype === 'uint8') {
      const zero = neverAfter(dy!).where(scalar(1, 'uint8'), scalar(0, 'uint8'))
      return [apply(op, [from, scale, zero], x!, attributes)]
    }
    if (!cheap.has(op)) return undefined
    return new Node(op, [from!.add(zeroAfter(dy!))], [x!], attributes, domain).outputs
  },
}

/** Zero, whatever `dy` holds. onnxruntime merges equal nodes and runs each as soon as it can: one that reads this too is another,
 * and waits for `dy`. */
export const zeroAfter = (dy: Tensor) => neverAfter(dy).cast('float32')

/** False, whatever `dy` holds: no number is greater than itself, nor is what is no number. */
function neverAfter(dy: Tensor): Tensor {
  const first = dy.rank === 0 ? dy : dy.reshape(product(dy.shape)).at(0, 0)
  return first.greater(first)
}
