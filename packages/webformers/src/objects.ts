/** @file Objects on images as the labels of a loss: which query of the model stands for which of them. */
import { type DetectionConfig, matchObjects, type PretrainedConfig } from '@webformers/models'
import type { PlainTensors } from '@webformers/runtime'
import { asTensor, type Value } from './inputs'
import type { Tensor } from './tensor'

/** The objects of one image, as Python's detectors take them, and as their image processors make them of annotations. */
export interface ImageObjects {
  /** [objects] */
  readonly class_labels: Value
  /** [objects, 4]: the middle, across and down, width and height, as parts of the image's. */
  readonly boxes: Value
  /** [objects, height, width] of zeros and ones. */
  readonly masks?: Value
}

/** What objects are matched with. */
export interface Queries {
  readonly logits: Tensor<'float32'>
  readonly pred_boxes: Tensor<'float32'>
}

export const areObjects = (labels: unknown): labels is readonly ImageObjects[] =>
  Array.isArray(labels) &&
  labels.length > 0 &&
  labels.every((each) => typeof each === 'object' && 'class_labels' in each)

/** The labels that the graph of the loss takes. */
export function matchedLabels(
  config: PretrainedConfig,
  { logits, pred_boxes }: Queries,
  labels: readonly ImageObjects[],
): PlainTensors {
  const numbers = (value: Value) => {
    const { shape, data } = asTensor(value, undefined)
    return { shape, data: Array.from(data, Number) }
  }
  const objects = labels.map(({ class_labels, boxes, masks }) => ({
    class_labels: numbers(class_labels).data,
    boxes: numbers(boxes).data,
    ...(masks !== undefined && { masks: numbers(masks) }),
  }))
  return matchObjects(config as DetectionConfig, logits, pred_boxes, objects) as PlainTensors
}
