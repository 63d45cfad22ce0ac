/** @file Losses, as torch.nn.functional computes them. */
import { applyCrossEntropy, type CrossEntropyOptions } from './composites/cross-entropy'
import type { Tensor } from './tensor'

export type { CrossEntropyOptions }

/** The cross-entropy of `logits` [.., classes] and int32 `labels` [..], which are classes or `ignoreIndex`, averaged over the
 * rows that count: NaN where none does. As `torch.nn.functional.cross_entropy`; `labelSmoothing` is that of `LabelSmoother` of
 * transformers, too.
 * @example crossEntropy(logits, labels, { labelSmoothing: 0.1 }) // a scalar, e.g. 0.6931 for two even classes
 * @throws {GraphError} when the shapes do not go together.
 */
export const crossEntropy = (logits: Tensor, labels: Tensor, options: CrossEntropyOptions = {}): Tensor =>
  applyCrossEntropy(logits, labels, options)

/** The mean of (x − y)², as `torch.nn.functional.mse_loss`.
 * @example meanSquaredError(logits, labels) // a scalar
 */
export function meanSquaredError(x: Tensor, y: Tensor): Tensor {
  const difference = x.sub(y)
  return average(difference.mul(difference))
}

/** The mean over all entries of the cross-entropy of sigmoid(x) and `y`, numbers from 0 to 1, as
 * `torch.nn.functional.binary_cross_entropy_with_logits`.
 * @example binaryCrossEntropyWithLogits(logits, labels) // a scalar, e.g. 0.6931 for logits of 0
 */
export function binaryCrossEntropyWithLogits(x: Tensor, y: Tensor): Tensor {
  const positive = x.relu()
  const negated = x.sub(positive.mul(2)) // −|x|, whose exponential can't overflow
  return average(positive.sub(x.mul(y)).add(negated.exp().add(1).log()))
}

const average = (x: Tensor) => x.mean(x.shape.map((_, axis) => axis))
