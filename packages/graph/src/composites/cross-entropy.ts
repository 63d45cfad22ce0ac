/** @file Softmax and cross-entropy with whole-number labels, in one. */
import { GraphError } from '../errors'
import { apply, Node, scalar, sizeTensor, type Tensor } from '../tensor'
import { Float } from '../types'
import { type Composite, float } from './composite'

export interface CrossEntropyOptions {
  /** Rows with this label do not count. */
  ignoreIndex?: number
  /** How much of each label is spread evenly over the classes. */
  labelSmoothing?: number
  reduction?: 'mean' | 'sum'
  /** What the sum is divided by in place of the number of rows that count, as `num_items_in_batch` in Python: a scalar. */
  count?: Tensor
}

export function applyCrossEntropy(logits: Tensor, labels: Tensor, options: CrossEntropyOptions): Tensor {
  const { ignoreIndex = -100, labelSmoothing = 0, reduction = 'mean', count } = options
  const fits = logits.rank > 0 && String(logits.shape.slice(0, -1)) === String(labels.shape)
  if (!fits || labels.dtype !== 'int32' || (count && (count.rank > 0 || count.dtype !== logits.dtype))) {
    throw new GraphError(
      `crossEntropy needs logits [.., classes], int32 labels [..] and a count that is a scalar of the logits' dtype, ` +
        `got [${logits.shape}], ${labels.dtype} [${labels.shape}] and ` +
        `${count ? `${count.dtype} [${count.shape}]` : 'no count'}.`,
    )
  }
  const attributes = {
    ignore_index: ignoreIndex,
    label_smoothing: new Float(labelSmoothing),
    reduction: count ? 'sum' : reduction,
  }
  const sum = new Node('crossEntropy', [logits, labels], [{ dtype: logits.dtype, shape: [] }], attributes)
  return count ? sum.outputs[0]!.div(count) : sum.outputs[0]!
}

export const crossEntropyComposite: Composite = {
  plain(node) {
    const { shifted, total, ignored, places, smoothing, counted } = parts(node)
    const chosen = shifted.gatherElements(places, -1)
    const target =
      smoothing === 0
        ? chosen
        : chosen.mul(1 - smoothing).add(shifted.mean([-1], { keepdims: true }).mul(smoothing))
    const losses = ignored.where(scalar(0, total.dtype), total.log().sub(target))
    const sum = losses.sum(losses.shape.map((_, axis) => axis))
    return [counted ? sum.div(counted) : sum]
  },
  // Softmax less the labels, which are taken off where they stand: no matrix of ones and zeros is made.
  gradient(node, [dy]) {
    const { exponentials, total, ignored, places, smoothing, counted } = parts(node)
    const flow = ignored.where(scalar(0, dy!.dtype), counted ? dy!.div(counted) : dy!)
    const softmax = exponentials.mul(flow.div(total))
    const spread = smoothing === 0 ? softmax : softmax.sub(flow.mul(smoothing).div(classes(softmax)))
    const updates = flow.mul(smoothing - 1)
    const attributes = { axis: softmax.rank - 1, reduction: 'add' }
    return [apply('ScatterElements', [spread, places, updates], softmax, attributes)]
  },
}

/** What both loss and gradient are made of; along the last axis one number for each row, but for those of each class. */
function parts({ inputs: [logits, labels], attributes }: Node) {
  const ignored = labels!.equal(Number(attributes.ignore_index)).unsqueeze(-1)
  const shifted = logits!.sub(logits!.max([-1], { keepdims: true }))
  const exponentials = shifted.exp()
  const axes = ignored.shape.map((_, axis) => axis)
  return {
    ignored,
    places: ignored.where(scalar(0, 'int32'), labels!.unsqueeze(-1)),
    shifted,
    exponentials,
    total: exponentials.sum([-1], { keepdims: true }),
    smoothing: float({ attributes }, 'label_smoothing'),
    counted: attributes.reduction === 'sum' ? undefined : ignored.not().cast(logits!.dtype).sum(axes),
  }
}

const classes = ({ shape, dtype }: Tensor) => sizeTensor(shape.at(-1)!).cast(dtype)
