/** @file Root mean square normalization, alone or after adding a residual. */
import { GraphError } from '../errors'
import { alike } from '../shape'
import { Node, scalar, type Tensor } from '../tensor'
import { Float } from '../types'
import { type Composite, float, plus, rowAxes } from './composite'

/** x + residual over the root of its mean square along the last axis, times `weight`; `sum` is the stream before it was
 * normalized. */
export function applyRmsNorm(x: Tensor, weight: Tensor, epsilon: number, residual?: Tensor) {
  const fits = residual === undefined || alike(residual.shape, x.shape)
  if (weight.rank !== 1 || x.shape.at(-1) !== weight.shape[0] || !fits) {
    throw new GraphError(
      `rmsNorm needs x [.., size], weight [size] and a residual shaped like x, ` +
        `got [${x.shape}], [${weight.shape}] and [${residual?.shape}].`,
    )
  }
  const inverse = { dtype: x.dtype, shape: [...x.shape.slice(0, -1), 1] }
  const node = new Node('rmsNorm', [x, weight, residual], [x, x, inverse], { epsilon: new Float(epsilon) })
  return { normalized: node.outputs[0]!, sum: node.outputs[1]! }
}

export const rmsNormComposite: Composite = {
  plain(node) {
    const [x, weight, residual] = node.inputs
    const sum = residual ? x!.add(residual) : x!
    const square = sum.mul(sum).mean([-1], { keepdims: true })
    const root = square.add(float(node, 'epsilon')).sqrt()
    return [sum.div(root).mul(weight!), sum, scalar(1, root.dtype).div(root)]
  },
  // The second output of WebGPU's kernel is not the inverse of the root.
  fused(node, _, [, , inverseUsed]) {
    if (inverseUsed) return undefined
    const [x, weight, residual] = node.inputs
    const [normalized, sum, inverse] = node.outputs
    const { epsilon } = node.attributes
    const statistics = { dtype: 'float32', shape: inverse!.shape } as const
    if (residual && x!.rank === 3) {
      const outputs = [normalized!, statistics, statistics, sum!]
      const skip = new Node(
        'SkipSimplifiedLayerNormalization',
        [x, residual, weight],
        outputs,
        { epsilon: epsilon! },
        'com.microsoft',
      )
      return [skip.outputs[0]!, skip.outputs[3]!, inverse!]
    }
    const total = residual ? x!.add(residual) : x!
    const norm = new Node('SimplifiedLayerNormalization', [total, weight], [normalized!], {
      axis: -1,
      epsilon: epsilon!,
    })
    return [norm.outputs[0]!, total, inverse!]
  },
  gradient({ inputs: [, weight], outputs: [, sum, inverse] }, [dy, dsum]) {
    if (!dy) return [dsum, undefined, dsum]
    const x = sum!.mul(inverse!) // of mean square 1
    const product = dy.mul(x)
    const across = dy.mul(weight!).sub(x.mul(product.mul(weight!).mean([-1], { keepdims: true })))
    const dx = plus(across.mul(inverse!), dsum)
    return [dx, product.sum(rowAxes(dy)), dx]
  },
}
