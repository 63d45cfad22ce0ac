/** @file The loss of models that detect objects. Which query stands for which object is settled outside of the graph, from what the
 * model gives; what the graph then computes of it is what Python's `forward` computes. */
import { crossEntropy, type Dim, input, interpolate, product, type Tensor } from '@webformers/graph'
import type { Inputs } from './architecture'
import type { PretrainedConfig } from './configuration'

/** What a configuration says of the loss. */
export interface DetectionConfig extends PretrainedConfig {
  readonly class_cost: number
  readonly bbox_cost: number
  readonly giou_cost: number
  readonly bbox_loss_coefficient: number
  readonly giou_loss_coefficient: number
  readonly eos_coefficient: number
  readonly mask_loss_coefficient?: number
  readonly dice_loss_coefficient?: number
}

/** What labels of layers before the last are called by, before what the last one's are called. */
export const LAYERS_BEFORE = 'auxiliary_'

/** The labels that the graph takes of `logits` [batch, queries, classes + 1] and, where there are some, of `pred_masks` and of
 * `auxiliary_logits` [layers, batch, queries, classes + 1], which earlier layers give. */
export function detectionLabels(outputs: Partial<Inputs>): Inputs {
  const { logits, pred_masks, auxiliary_logits } = outputs
  return {
    ...labelsOf(logits!, '', 'objects'),
    ...(pred_masks && { target_masks: input(['objects', 'mask_height', 'mask_width']) }),
    ...(auxiliary_logits && labelsOf(auxiliary_logits, LAYERS_BEFORE, 'auxiliary_objects')),
  }
}

const labelsOf = ({ shape }: Tensor, prefix: string, objects: string): Inputs => ({
  [`${prefix}target_classes`]: input(shape.slice(0, -1), 'int32'),
  [`${prefix}target_queries`]: input([objects], 'int32'),
  [`${prefix}target_boxes`]: input([objects, 4]),
  [`${prefix}target_weights`]: input([objects]),
})

/** Left, top, right and bottom of boxes whose middle and size are given, [.., 4]. */
function corners(boxes: Tensor) {
  const [x, y, width, height] = [0, 1, 2, 3].map((i) => boxes.at(1, i)) as [Tensor, Tensor, Tensor, Tensor]
  const [across, down] = [width.mul(0.5), height.mul(0.5)]
  return { left: x.sub(across), top: y.sub(down), right: x.add(across), bottom: y.add(down) }
}

const larger = (a: Tensor, b: Tensor) => a.add(b.sub(a).relu())
const smaller = (a: Tensor, b: Tensor) => a.sub(a.sub(b).relu())

/** How well boxes fit, from −1 to 1. */
function generalizedOverlap(boxes: Tensor, others: Tensor): Tensor {
  const [a, b] = [corners(boxes), corners(others)]
  const area = (c: typeof a) => c.right.sub(c.left).mul(c.bottom.sub(c.top))
  const across = smaller(a.right, b.right).sub(larger(a.left, b.left)).relu()
  const down = smaller(a.bottom, b.bottom).sub(larger(a.top, b.top)).relu()
  const inside = across.mul(down)
  const union = area(a).add(area(b)).sub(inside)
  const [width, height] = [
    larger(a.right, b.right).sub(smaller(a.left, b.left)),
    larger(a.bottom, b.bottom).sub(smaller(a.top, b.top)),
  ]
  const around = width.mul(height)
  return inside.div(union).sub(around.sub(union).div(around))
}

/** The rows of `x` [batch, queries, …] that stand for objects. */
const ofObjects = (x: Tensor, queries: Tensor) => {
  const [batch, count, ...rest] = x.shape as [Dim, number, ...Dim[]]
  return x.reshape(product([batch, count]), ...rest).gather(queries)
}

/**
 * The loss: what the classes cost, and for each query that stands for an object what its box costs, and its mask. Earlier layers
 * that show what they would have found cost the same, but for masks.
 * @param outputs `logits`, `pred_boxes` and perhaps `pred_masks`, `auxiliary_logits` and `auxiliary_boxes`
 * @param labels those of `detectionLabels`
 */
export function detectionLoss(c: DetectionConfig, outputs: Inputs, labels: Inputs): Tensor {
  const { logits, pred_boxes, pred_masks, auxiliary_logits, auxiliary_boxes } = outputs
  const { target_queries, target_weights, target_masks } = labels
  const losses = [objectLoss(c, logits!, pred_boxes!, labels)]
  if (pred_masks && target_masks) {
    const { focal, dice } = maskLosses(ofObjects(pred_masks, target_queries!), target_masks)
    const weighted = (costs: Tensor) => costs.mul(target_weights!).sum([0])
    losses.push(
      weighted(focal).mul(c.mask_loss_coefficient ?? 1),
      weighted(dice).mul(c.dice_loss_coefficient ?? 1),
    )
  }
  if (auxiliary_logits && auxiliary_boxes) {
    const own = Object.entries(labels).flatMap(([name, x]) =>
      name.startsWith(LAYERS_BEFORE) ? [[name.slice(LAYERS_BEFORE.length), x] as const] : [],
    )
    const [layers] = auxiliary_logits.shape
    const given = Object.fromEntries(own)
    const classes = together(given.target_classes!)
    const found = [together(auxiliary_logits), together(auxiliary_boxes)] as const
    losses.push(objectLoss(c, ...found, { ...given, target_classes: classes }, Number(layers)))
  }
  return losses.reduce((sum, loss) => sum.add(loss))
}

/** [layers, batch, …] as [layers × batch, …]. */
const together = (x: Tensor) => {
  const [layers, batch, ...rest] = x.shape
  return x.reshape(product([layers!, batch!]), ...rest)
}

/** What classes and boxes cost. Layers find as many objects each, so that the mean over all is as many times too small as there are
 * layers. */
function objectLoss(c: DetectionConfig, logits: Tensor, boxes: Tensor, labels: Inputs, layers = 1): Tensor {
  const { target_classes, target_queries, target_boxes, target_weights } = labels
  const found = ofObjects(boxes, target_queries!)
  const difference = found.sub(target_boxes!)
  const distance = difference.relu().add(difference.neg().relu()).sum([1])
  const misfit = generalizedOverlap(found, target_boxes!).neg().add(1)
  const weighted = (costs: Tensor) => costs.mul(target_weights!).sum([0])
  return weightedCrossEntropy(logits, target_classes!, c)
    .mul(layers)
    .add(weighted(distance).mul(c.bbox_loss_coefficient))
    .add(weighted(misfit).mul(c.giou_loss_coefficient))
}

/** The mean over all queries, in which those that stand for nothing count less. */
function weightedCrossEntropy(logits: Tensor, classes: Tensor, c: DetectionConfig): Tensor {
  const none = classes.equal(c.num_labels)
  const sumOver = (rows: Tensor) =>
    crossEntropy(logits, rows.where(classes, IGNORED_LABEL), { ignoreIndex: IGNORED_LABEL, reduction: 'sum' })
  const count = (rows: Tensor) => rows.cast('float32').sum([0, 1])
  const [objects, others] = [none.not(), none]
  const whole = sumOver(objects).add(sumOver(others).mul(c.eos_coefficient))
  return whole.div(count(objects).add(count(others).mul(c.eos_coefficient)))
}

/** No class is that. */
const IGNORED_LABEL = -100

/** What each mask [objects, height, width] costs, drawn as large as those that it should be. */
function maskLosses(masks: Tensor, targets: Tensor) {
  const [objects, height, width] = targets.shape
  const size = [height!, width!] as const
  const flat = (x: Tensor) => x.reshape(objects!, product([height!, width!]))
  const x = flat(interpolate(masks.unsqueeze(1), { size, mode: 'bilinear' }))
  const y = flat(targets)
  const share = x.sigmoid()
  const positive = x.relu()
  const entropy = positive.sub(x.mul(y)).add(x.sub(positive.mul(2)).exp().add(1).log())
  const missed = share.add(y).sub(share.mul(y).mul(2)) // 1 − what the right answer was given
  const weight = y.mul(2 * ALPHA - 1).add(1 - ALPHA)
  const both = share.mul(y).sum([1]).mul(2).add(1)
  return {
    focal: entropy.mul(missed).mul(missed).mul(weight).mean([1]),
    dice: both
      .div(
        share
          .sum([1])
          .add(y.sum([1]))
          .add(1),
      )
      .neg()
      .add(1),
  }
}

const ALPHA = 0.25
