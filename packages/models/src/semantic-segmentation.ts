/** @file The loss of models that give each pixel a class. */
import { crossEntropy, type Dim, input, interpolate, product, type Tensor } from '@webformers/graph'
import type { Inputs } from './architecture'
import type { PretrainedConfig } from './configuration'

/** What a configuration may say of the loss. */
interface SegmentationConfig extends PretrainedConfig {
  readonly semantic_loss_ignore_index?: number
  readonly auxiliary_loss_weight?: number
}

/** The label that does not count where a configuration names none. */
const IGNORED = 255

/** A class for each pixel of `logits` [batch, classes, height, width], however large the labels are. */
export const pixelLabels = (logits: Tensor): Inputs => ({
  labels: input([logits.shape[0]!, 'label_height', 'label_width'], 'int32'),
})

/** The scores are drawn as large as the labels, those of an auxiliary head, too, which count less. */
export function pixelLoss(
  c: SegmentationConfig,
  logits: Tensor,
  auxiliary: Tensor | undefined,
  labels: Tensor,
): Tensor {
  const size = labels.shape.slice(1) as [Dim, Dim]
  const ignoreIndex = c.semantic_loss_ignore_index ?? IGNORED
  const rows = product(labels.shape)
  // As rows: onnxruntime would carry the transposition on to what tells which labels don't count, for which GPUs have no kernel.
  const loss = (scores: Tensor) => {
    const drawn = interpolate(scores, { size, mode: 'bilinear' }).transpose(0, 2, 3, 1)
    return crossEntropy(drawn.reshape(rows, scores.shape[1]!), labels.reshape(rows), { ignoreIndex })
  }
  return auxiliary ? loss(logits).add(loss(auxiliary).mul(c.auxiliary_loss_weight ?? 1)) : loss(logits)
}
