/** @file Layer normalization, alone or after adding a residual. */
import { GraphError } from '../errors'
import { alike, broadcast } from '../shape'
import { Node, scalar, type Tensor } from '../tensor'
import { Float } from '../types'
import { type Composite, float, plus, rowAxes } from './composite'

/** Layer normalization of x + residual over the last axis; `sum` is the stream before it was normalized. */
export function applyLayerNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number, residual?: Tensor) {
  if (weight.rank !== 1 || x.shape.at(-1) !== weight.shape[0] || bias.shape[0] !== weight.shape[0]) {
    throw new GraphError(
      `layerNorm needs x [.., size], weight [size] and bias [size], got [${x.shape}], [${weight.shape}] and [${bias.shape}].`,
    )
  }
  const type = { dtype: x.dtype, shape: residual ? broadcast(x.shape, residual.shape) : x.shape }
  const statistics = { dtype: x.dtype, shape: [...type.shape.slice(0, -1), 1] }
  const node = new Node('layerNorm', [x, weight, bias, residual], [type, type, statistics, statistics], {
    epsilon: new Float(epsilon),
  })
  return { normalized: node.outputs[0]!, sum: node.outputs[1]! }
}

export const layerNormComposite: Composite = {
  plain(node) {
    const [x, weight, bias, residual] = node.inputs
    const sum = residual ? x!.add(residual) : x!
    const mean = sum.mean([-1], { keepdims: true })
    const centered = sum.sub(mean)
    const variance = centered.mul(centered).mean([-1], { keepdims: true })
    const deviation = variance.add(float(node, 'epsilon')).sqrt()
    const inverse = scalar(1, deviation.dtype).div(deviation)
    return [centered.div(deviation).mul(weight!).add(bias!), sum, mean, inverse]
  },
  fused(node, _, [, , ...statisticsUsed]) {
    const [x, weight, bias, residual] = node.inputs
    const [normalized, sum, mean, inverse] = node.outputs
    const { epsilon } = node.attributes
    const statistics = { dtype: 'float32', shape: mean!.shape } as const
    if (statisticsUsed.includes(true)) {
      const total = residual ? x!.add(residual) : x!
      const outputs = [normalized!, statistics, statistics]
      const norm = new Node('LayerNormalization', [total, weight, bias], outputs, {
        axis: -1,
        epsilon: epsilon!,
      })
      const [y, ...rest] = norm.outputs
      return [y!, total, ...rest.map((x) => x.cast(mean!.dtype))]
    }
    const same = residual && alike(x!.shape, residual.shape)
    if (same && (x!.rank === 2 || x!.rank === 3)) {
      const outputs = [normalized!, statistics, statistics, sum!]
      const skip = new Node(
        'SkipLayerNormalization',
        [x, residual, weight, bias],
        outputs,
        { epsilon: epsilon! },
        'com.microsoft',
      )
      return [skip.outputs[0]!, skip.outputs[3]!, mean!, inverse!]
    }
    const total = residual ? x!.add(residual) : x!
    const norm = new Node('LayerNormalization', [total, weight, bias], [normalized!], {
      axis: -1,
      epsilon: epsilon!,
    })
    return [norm.outputs[0]!, total, mean!, inverse!]
  },
  gradient({ inputs: [, weight], outputs: [, sum, mean, inverse] }, [dy, dsum]) {
    if (!dy) return [dsum, undefined, undefined, dsum]
    const x = sum!.sub(mean!).mul(inverse!) // centered, of variance 1
    const product = dy.mul(x)
    const scaled = dy.mul(weight!)
    const average = (t: Tensor) => t.mean([-1], { keepdims: true })
    const across = scaled.sub(average(scaled)).sub(x.mul(average(product.mul(weight!))))
    const dx = plus(across.mul(inverse!), dsum)
    return [dx, product.sum(rowAxes(dy)), dy.sum(rowAxes(dy)), dx]
  },
}
