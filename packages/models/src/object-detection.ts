/** @file The loss of models that detect objects. Which query stands for which object is settled outside of the graph, from what the
 * model gives; what the graph then computes of it is what Python's `forward` computes. */
import { crossEntropy, type Dim, input, interpolate, product, type Tensor } from '@webformers/graph'
import type { Inputs } from './architecture'
import { assign } from './assignment'
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

/** The objects of one image. */
export interface ObjectLabels {
  /** [objects] */
  readonly class_labels: ArrayLike<number>
  /** [objects × 4]: the middle, across and down, width and height, as parts of the image's. */
  readonly boxes: ArrayLike<number>
  /** [objects, height, width] of zeros and ones. */
  readonly masks?: { readonly shape: readonly number[]; readonly data: ArrayLike<number> }
}

/** A tensor as whoever runs the graph has it. */
interface Numbers {
  readonly shape: readonly number[]
  readonly data: ArrayLike<number>
}
interface MadeTensor {
  readonly dtype: 'float32' | 'int32'
  readonly shape: number[]
  readonly data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>
}

/** The labels that the graph takes of `logits` [batch, queries, classes + 1] and, where there are some, `pred_masks`. */
export function detectionLabels(logits: Tensor, masks?: Tensor): Inputs {
  const [batch, queries] = logits.shape
  return {
    target_classes: input([batch!, queries!], 'int32'),
    target_queries: input(['objects'], 'int32'),
    target_boxes: input(['objects', 4]),
    target_weights: input(['objects']),
    ...(masks && { target_masks: input(['objects', 'mask_height', 'mask_width']) }),
  }
}

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
 * The loss: what the classes cost, and for each query that stands for an object what its box costs, and its mask.
 * @param outputs `logits`, `pred_boxes` and perhaps `pred_masks`
 * @param labels those of `detectionLabels`
 */
export function detectionLoss(c: DetectionConfig, outputs: Inputs, labels: Inputs): Tensor {
  const { logits, pred_boxes, pred_masks } = outputs
  const { target_classes, target_queries, target_boxes, target_weights, target_masks } = labels
  const boxes = ofObjects(pred_boxes!, target_queries!)
  const difference = boxes.sub(target_boxes!)
  const distance = difference.relu().add(difference.neg().relu()).sum([1])
  const misfit = generalizedOverlap(boxes, target_boxes!).neg().add(1)
  const weighted = (costs: Tensor) => costs.mul(target_weights!).sum([0])
  const losses = [
    weightedCrossEntropy(logits!, target_classes!, c),
    weighted(distance).mul(c.bbox_loss_coefficient),
    weighted(misfit).mul(c.giou_loss_coefficient),
  ]
  if (pred_masks && target_masks) {
    const { focal, dice } = maskLosses(ofObjects(pred_masks, target_queries!), target_masks)
    losses.push(
      weighted(focal).mul(c.mask_loss_coefficient ?? 1),
      weighted(dice).mul(c.dice_loss_coefficient ?? 1),
    )
  }
  return losses.reduce((sum, loss) => sum.add(loss))
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

/**
 * Which query stands for which object, each object for itself, so that it costs the least altogether; as tensors that
 * `detectionLabels` names.
 * @param logits [batch, queries, classes + 1]
 * @param boxes [batch, queries, 4]
 * @param labels the objects of each image
 * @example
 * const matched = matchObjects(config, logits, pred_boxes, [{ class_labels: [3], boxes: [0.5, 0.5, 0.2, 0.1] }])
 * matched.target_queries // int32 [1], e.g. 17
 */
export function matchObjects(
  c: DetectionConfig,
  logits: Numbers,
  boxes: Numbers,
  labels: readonly ObjectLabels[],
): Record<string, MadeTensor> {
  const [batch, queries, classes] = logits.shape as [number, number, number]
  const target = new Int32Array(batch * queries).fill(c.num_labels)
  const found: { query: number; image: number; object: number }[] = []
  for (const [image, { class_labels, boxes: given }] of labels.entries()) {
    const costs = Array.from({ length: queries }, (_, query) => {
      const row = image * queries + query
      const chances = softmax(logits.data, row * classes, classes)
      const box = boxAt(boxes.data, row)
      return Array.from(class_labels, (label, object) => {
        const other = boxAt(given, object)
        const distance = box.reduce((sum, value, i) => sum + Math.abs(value - other[i]!), 0)
        return c.bbox_cost * distance - c.class_cost * chances[label]! - c.giou_cost * overlap(box, other)
      })
    })
    for (const [object, query] of assign(costs).entries()) {
      found.push({ query: image * queries + query, image, object })
      target[image * queries + query] = class_labels[object]!
    }
  }
  const count = Math.max(found.length, 1) // a tensor of nothing is none: a filler does not weigh
  const weights = new Float32Array(count).fill(found.length > 0 ? 1 / found.length : 0)
  const queriesOf = new Int32Array(count)
  const targetBoxes = new Float32Array(count * 4).fill(0.5)
  for (const [i, { query, image, object }] of found.entries()) {
    queriesOf[i] = query
    targetBoxes.set(boxAt(labels[image]!.boxes, object), i * 4)
  }
  return {
    target_classes: { dtype: 'int32', shape: [batch, queries], data: target },
    target_queries: { dtype: 'int32', shape: [count], data: queriesOf },
    target_boxes: { dtype: 'float32', shape: [count, 4], data: targetBoxes },
    target_weights: { dtype: 'float32', shape: [count], data: weights },
    ...(labels.some(({ masks }) => masks) && { target_masks: masksOf(labels, found, count) }),
  }
}

/** The masks of objects, at the left and top of a space that is large enough for all. */
function masksOf(
  labels: readonly ObjectLabels[],
  found: readonly { image: number; object: number }[],
  count: number,
): MadeTensor {
  const shapes = labels.map(({ masks }) => masks?.shape ?? [0, 1, 1])
  const [height, width] = [1, 2].map((axis) => Math.max(...shapes.map((shape) => shape[axis]!))) as [
    number,
    number,
  ]
  const data = new Float32Array(count * height * width)
  for (const [i, { image, object }] of found.entries()) {
    const { masks } = labels[image]!
    const [, rows = 0, columns = 0] = masks?.shape ?? []
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++)
        data[(i * height + y) * width + x] = masks!.data[(object * rows + y) * columns + x]!
  }
  return { dtype: 'float32', shape: [count, height, width], data }
}

const boxAt = (boxes: ArrayLike<number>, index: number) =>
  [0, 1, 2, 3].map((i) => boxes[index * 4 + i]!) as [number, number, number, number]

function softmax(logits: ArrayLike<number>, start: number, count: number): number[] {
  const values = Array.from({ length: count }, (_, i) => logits[start + i]!)
  const most = Math.max(...values)
  const powers = values.map((value) => Math.exp(value - most))
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / total)
}

type Box = readonly [x: number, y: number, width: number, height: number]

/** How well two boxes fit, from −1 to 1. */
function overlap([x, y, width, height]: Box, [u, v, otherWidth, otherHeight]: Box): number {
  const span = (a: number, size: number, b: number, other: number) => ({
    shared: Math.max(Math.min(a + size / 2, b + other / 2) - Math.max(a - size / 2, b - other / 2), 0),
    around: Math.max(a + size / 2, b + other / 2) - Math.min(a - size / 2, b - other / 2),
  })
  const [across, down] = [span(x, width, u, otherWidth), span(y, height, v, otherHeight)]
  const inside = across.shared * down.shared
  const union = width * height + otherWidth * otherHeight - inside
  const around = across.around * down.around
  return inside / union - (around - union) / around
}
