/** @file Softmax and cross-entropy with whole-number labels, in one. */
import { GraphError } from '../errors'
import { Float, Node, scalar, type Tensor } from '../tensor'
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
    const [logits, labels] = node.inputs
    const smoothing = float(node, 'label_smoothing')
    const ignored = labels!.equal(Number(node.attributes.ignore_index)).unsqueeze(-1) // [.., 1], as all that follows
    const places = ignored.where(scalar(0, 'int32'), labels!.unsqueeze(-1))
    const shifted = logits!.sub(logits!.max([-1], { keepdims: true }))
    const chosen = shifted.gatherElements(places, -1)
    const target =
      smoothing === 0
        ? chosen
        : chosen.mul(1 - smoothing).add(shifted.mean([-1], { keepdims: true }).mul(smoothing))
    const losses = shifted.exp().sum([-1], { keepdims: true }).log().sub(target)
    const all = losses.shape.map((_, axis) => axis)
    const sum = ignored.where(scalar(0, logits!.dtype), losses).sum(all)
    return [node.attributes.reduction === 'sum' ? sum : sum.div(ignored.not().cast(sum.dtype).sum(all))]
  },
}
