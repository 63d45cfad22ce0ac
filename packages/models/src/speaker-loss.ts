/** @file The loss of what tells speakers apart: Python's `AMSoftmaxLoss` (https://arxiv.org/abs/1801.05599). */
import { constant, crossEntropy, type Tensor } from '@webformers/graph'
import { numbers } from './spatial'

const SCALE = 30
/** So much closer to its own speaker than to any other a sound shall be. */
const MARGIN = 0.4

/** The loss of cosines [batch, speakers]. */
export function speakerLoss(cosines: Tensor, labels: Tensor): Tensor {
  const speakers = Number(cosines.shape[1])
  const own = constant(numbers(speakers), [1, speakers], 'int32').equal(labels.unsqueeze(1))
  return crossEntropy(own.where(cosines.sub(MARGIN), cosines).mul(SCALE), labels)
}
