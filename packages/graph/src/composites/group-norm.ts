/** @file Group normalization: over the channels of a group and all their places. */
import { GraphError } from '../errors'
import { type Dim, product } from '../shape'
import { apply, constant, type Tensor } from '../tensor'
import { Float } from '../types'
import { perChannel } from './batch-norm'
import { type Composite, float } from './composite'

/** `x` [batch, channels, …] less the mean of its group of channels, over the group's deviation. */
export function applyGroupNorm(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  groups: number,
  epsilon: number,
): Tensor {
  const channels = x.shape[1]
  if (
    x.rank < 2 ||
    Number(channels) % groups !== 0 ||
    [weight, bias].some(({ shape }) => String(shape) !== String([channels]))
  ) {
    throw new GraphError(
      `groupNorm in ${groups} groups needs x [batch, channels, …], channels divisible by them, weight and bias [channels], ` +
        `got [${x.shape}], [${weight.shape}] and [${bias.shape}].`,
    )
  }
  return apply('groupNorm', [x, weight, bias], x, { groups, epsilon: new Float(epsilon) })
}

/** The groups of each image as rows, [batch, groups, entries]. */
function rowsOf(x: Tensor, groups: number): Tensor {
  const [batch, channels, ...sizes] = x.shape as [Dim, number, ...Dim[]]
  return x.reshape(batch, groups, product([channels / groups, ...sizes]))
}

const scaled = (rows: Tensor, x: Tensor, weight: Tensor, bias: Tensor) =>
  rows
    .reshape(...x.shape)
    .mul(perChannel(weight, x))
    .add(perChannel(bias, x))

export const groupNormComposite: Composite = {
  plain(node) {
    const [x, weight, bias] = node.inputs
    const rows = rowsOf(x!, Number(node.attributes.groups))
    const centered = rows.sub(rows.mean([-1], { keepdims: true }))
    const variance = centered.mul(centered).mean([-1], { keepdims: true })
    return [scaled(centered.div(variance.add(float(node, 'epsilon')).sqrt()), x!, weight!, bias!)]
  },
  // The kernel that takes groups is missing on GPUs; one for channels takes the groups as such.
  fused({ inputs: [x, weight, bias], attributes }) {
    const groups = Number(attributes.groups)
    const rows = rowsOf(x!, groups)
    const all = (value: number) =>
      constant(
        Array.from({ length: groups }, () => value),
        [groups],
        x!.dtype,
      )
    const normal = apply('InstanceNormalization', [rows, all(1), all(0)], rows, {
      epsilon: attributes.epsilon!,
    })
    return [scaled(normal, x!, weight!, bias!)]
  },
}
