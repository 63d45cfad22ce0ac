/** @file Losses, as torch.nn.functional computes them. */
import { applyCrossEntropy, type CrossEntropyOptions } from './composites/cross-entropy'
import { applyCTCLoss, type CTCLossOptions } from './composites/ctc-loss'
import type { Tensor } from './tensor'

export type { CrossEntropyOptions, CTCLossOptions }

/** The cross-entropy of `logits` [.., classes] and int32 `labels` [..], which are classes or `ignoreIndex`, averaged over the
 * rows that count: NaN where none does. As `torch.nn.functional.cross_entropy`; `labelSmoothing` is that of `LabelSmoother` of
 * transformers, too.
 * @example crossEntropy(logits, labels, { labelSmoothing: 0.1 }) // a scalar, e.g. 0.6931 for two even classes
 * @throws {GraphError} when the shapes do not go together.
 */
export const crossEntropy = (logits: Tensor, labels: Tensor, options: CrossEntropyOptions = {}): Tensor =>
  applyCrossEntropy(logits, labels, options)

/** How unlikely it is that frames spell texts, over all ways to do it. As `torch.nn.functional.ctc_loss` of the logarithms of
 * probabilities.
 * @param logits [batch, frames, classes]
 * @param keep one for each frame that counts, zero behind them, [batch, frames]
 * @param labels int32 [batch, tokens], negative behind the end of a text
 * @example ctcLoss(logits, keep, labels, { blank: 0, reduction: 'sum' }) // a scalar
 * @throws {GraphError} when the shapes do not go together.
 */
export const ctcLoss = (logits: Tensor, keep: Tensor, labels: Tensor, options: CTCLossOptions = {}): Tensor =>
  applyCTCLoss(logits, keep, labels, options)

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
