/** @file Batch normalization with statistics that stay as they are. */
import { GraphError } from '../errors'
import { apply, scalar, type Tensor } from '../tensor'
import { Float } from '../types'
import { type Composite, float } from './composite'

/** What a batch normalization has: a number for each channel. */
export interface ChannelStatistics {
  readonly weight: Tensor
  readonly bias: Tensor
  readonly running_mean: Tensor
  readonly running_var: Tensor
}

/** Each channel of `x` [batch, channels, …] less its mean, over its deviation. */
export function applyBatchNorm(
  x: Tensor,
  { weight, bias, running_mean, running_var }: ChannelStatistics,
  epsilon: number,
): Tensor {
  const numbers = [weight, bias, running_mean, running_var]
  if (x.rank < 2 || numbers.some(({ shape }) => String(shape) !== String([x.shape[1]]))) {
    throw new GraphError(
      `batchNorm needs x [batch, channels, …] and weight, bias, running_mean and running_var [channels], got [${x.shape}] and ` +
        `${numbers.map(({ shape }) => `[${shape}]`).join(', ')}.`,
    )
  }
  return apply('batchNorm', [x, ...numbers], x, { epsilon: new Float(epsilon) })
}

/** A number for each channel, to be broadcast over `like` [batch, channels, …]. */
export const perChannel = (numbers: Tensor, like: Tensor) =>
  numbers.reshape(numbers.shape[0]!, ...like.shape.slice(2).map(() => 1))

export const batchNormComposite: Composite = {
  plain(node) {
    const [x, weight, bias, mean, variance] = node.inputs
    const deviation = variance!.add(float(node, 'epsilon')).sqrt()
    const centered = x!.sub(perChannel(mean!, x!))
    return [centered.mul(perChannel(weight!.div(deviation), x!)).add(perChannel(bias!, x!))]
  },
  // onnxruntime makes it part of a convolution before it.
  fused: ({ inputs, outputs: [y], attributes: { epsilon } }) => [
    apply('BatchNormalization', inputs, y!, { epsilon: epsilon! }),
  ],
  gradient(node, [dy]) {
    const [x, weight, , mean, variance] = node.inputs
    const inverse = scalar(1, x!.dtype).div(variance!.add(float(node, 'epsilon')).sqrt())
    const axes = x!.shape.map((_, axis) => axis).filter((axis) => axis !== 1)
    const dweight = dy!
      .mul(x!.sub(perChannel(mean!, x!)))
      .sum(axes)
      .mul(inverse)
    return [dy!.mul(perChannel(weight!.mul(inverse), x!)), dweight, dy!.sum(axes)]
  },
}
