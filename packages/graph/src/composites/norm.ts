/** @file Layer normalization, alone or after adding a residual. */
import { GraphError } from '../errors'
import { broadcast } from '../shape'
import { Float, Node, type Tensor } from '../tensor'
import { type Composite, float } from './composite'

/** Layer normalization of x + residual over the last axis; `sum` is the stream before it was normalized. */
export function applyLayerNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number, residual?: Tensor) {
  if (weight.rank !== 1 || x.shape.at(-1) !== weight.shape[0] || bias.shape[0] !== weight.shape[0]) {
    throw new GraphError(
      `layerNorm needs x [.., size], weight [size] and bias [size], got [${x.shape}], [${weight.shape}] and [${bias.shape}].`,
    )
  }
  const type = { dtype: x.dtype, shape: residual ? broadcast(x.shape, residual.shape) : x.shape }
  const node = new Node('layerNorm', [x, weight, bias, residual], [type, type], {
    epsilon: new Float(epsilon),
  })
  return { normalized: node.outputs[0]!, sum: node.outputs[1]! }
}

export const layerNormComposite: Composite = {
  plain(node) {
    const [x, weight, bias, residual] = node.inputs
    const sum = residual ? x!.add(residual) : x!
    const centered = sum.sub(sum.mean([-1], { keepdims: true }))
    const variance = centered.mul(centered).mean([-1], { keepdims: true })
    const deviation = variance.add(float(node, 'epsilon')).sqrt()
    return [centered.div(deviation).mul(weight!).add(bias!), sum]
  },
  fused(node) {
    const [x, weight, bias, residual] = node.inputs
    const [normalized, sum] = node.outputs
    const { epsilon } = node.attributes
    const alike = residual && String(x!.shape) === String(residual.shape)
    if (alike && (x!.rank === 2 || x!.rank === 3)) {
      const statistics = { dtype: 'float32', shape: [...x!.shape.slice(0, -1), 1] } as const
      const outputs = [normalized!, statistics, statistics, sum!]
      const skip = new Node(
        'SkipLayerNormalization',
        [x, residual, weight, bias],
        outputs,
        { epsilon: epsilon! },
        'com.microsoft',
      )
      return [skip.outputs[0]!, skip.outputs[3]!]
    }
    const total = residual ? x!.add(residual) : x!
    const norm = new Node('LayerNormalization', [total, weight, bias], [normalized!], {
      axis: -1,
      epsilon: epsilon!,
    })
    return [norm.outputs[0]!, total]
  },
}
