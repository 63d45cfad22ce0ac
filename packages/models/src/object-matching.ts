/** @file Which query of a model stands for which object: the cheapest assignment altogether, as Python's matcher has it. */
import { assign } from './assignment'
import { type DetectionConfig, LAYERS_BEFORE } from './object-detection'

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
    for (const [object, query] of pairs(costs)) {
      found.push({ query: image * queries + query, image, object })
      target[image * queries + query] = class_labels[object]!
    }
  }
  const count = Math.max(found.length, 1) // a tensor of nothing is none: a filler does not weigh
  const objects = labels.reduce((sum, { class_labels }) => sum + class_labels.length, 0)
  const weights = new Float32Array(count).fill(found.length > 0 ? 1 / objects : 0)
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

/** The cheapest pairs of `costs` [queries][objects]: of more objects than queries some are left out. */
function pairs(costs: readonly number[][]): (readonly [object: number, query: number])[] {
  const objects = costs[0]?.length ?? 0
  if (objects <= costs.length) return [...assign(costs).entries()]
  const turned = Array.from({ length: objects }, (_, object) => costs.map((row) => row[object]!))
  const found = assign(turned).map((object, query) => [object, query] as const)
  return found.toSorted(([one], [other]) => one - other)
}

/** The same for what earlier layers would have found, `auxiliary_target_classes` and its like, each layer for itself.
 * @param logits [layers, batch, queries, classes + 1]
 * @param boxes [layers, batch, queries, 4] */
export function matchLayers(
  c: DetectionConfig,
  logits: Numbers,
  boxes: Numbers,
  labels: readonly ObjectLabels[],
): Record<string, MadeTensor> {
  const [layers, batch] = logits.shape as [number, number]
  const together = ({ shape, data }: Numbers) => ({ shape: [layers * batch, ...shape.slice(2)], data })
  const repeated = Array.from({ length: layers }, () => labels.map(({ masks: _, ...rest }) => rest)).flat()
  const { target_classes, target_weights, ...rest } = matchObjects(
    c,
    together(logits),
    together(boxes),
    repeated,
  )
  const named = {
    ...rest,
    target_classes: { ...target_classes!, shape: [layers, batch, ...target_classes!.shape.slice(1)] },
    target_weights: { ...target_weights!, data: Float32Array.from(target_weights!.data, (x) => x * layers) },
  }
  return Object.fromEntries(Object.entries(named).map(([name, x]) => [LAYERS_BEFORE + name, x]))
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
