/** @file Objects on images as the labels of a loss: which query of the model stands for which of them. */
import {
  type DetectionConfig,
  IGNORED_LABEL,
  matchLayers,
  matchObjects,
  type PretrainedConfig,
} from '@webformers/models'
import { IndexOutOfRangeError, InputError, type PlainTensors } from '@webformers/runtime'
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

/** What objects are matched with: what the last layer gives and, where they have losses too, those before it. */
interface Queries {
  readonly logits: Tensor<'float32'>
  readonly pred_boxes: Tensor<'float32'>
  readonly auxiliary_logits?: Tensor<'float32'>
  readonly auxiliary_boxes?: Tensor<'float32'>
}

/** What of a configuration tells how many layers have losses. */
type Layered = PretrainedConfig & { readonly auxiliary_loss?: boolean; readonly decoder_layers?: number }

/** The names of these outputs. */
export const queryOutputs = ({ auxiliary_loss = false, decoder_layers = 0 }: Layered): string[] => [
  'logits',
  'pred_boxes',
  ...(auxiliary_loss && decoder_layers > 1 ? ['auxiliary_logits', 'auxiliary_boxes'] : []),
]

export const areObjects = (labels: unknown): labels is readonly ImageObjects[] =>
  Array.isArray(labels) &&
  labels.length > 0 &&
  labels.every((each) => typeof each === 'object' && 'class_labels' in each)

/** What the graph of the loss takes where nobody asks for the loss: images without objects. */
export const noObjects = (config: PretrainedConfig, images: number, queries: number): PlainTensors =>
  matchedLabels(
    config,
    {
      logits: blank([images, queries, config.num_labels + 1]),
      pred_boxes: blank([images, queries, 4]),
      ...(queryOutputs(config).length > 2 && blankLayers(config, images, queries)),
    },
    Array.from({ length: images }, () => ({ class_labels: [], boxes: [] })),
  )

const blank = (shape: number[]): Tensor<'float32'> => ({
  dtype: 'float32',
  shape,
  data: new Float32Array(shape.reduce((size, dim) => size * dim, 1)),
})

function blankLayers({ decoder_layers = 0, num_labels }: Layered, images: number, queries: number) {
  const places = [decoder_layers - 1, images, queries]
  return { auxiliary_logits: blank([...places, num_labels + 1]), auxiliary_boxes: blank([...places, 4]) }
}

/** The labels that the graph of the loss takes.
 * @throws {InputError} when there are not as many lists of objects as images, or as many boxes as classes
 * @throws {IndexOutOfRangeError} when a class is none of the model's */
export function matchedLabels(
  config: PretrainedConfig,
  given: PlainTensors,
  labels: readonly ImageObjects[],
): PlainTensors {
  const { logits, pred_boxes, auxiliary_logits, auxiliary_boxes } = given as unknown as Queries
  const numbers = (value: Value) => {
    const { shape, data } = asTensor(value, undefined)
    return { shape, data: Array.from(data, Number) }
  }
  const objects = labels.map(({ class_labels, boxes, masks }) => ({
    class_labels: numbers(class_labels).data,
    boxes: numbers(boxes).data,
    ...(masks !== undefined && { masks: numbers(masks) }),
  }))
  expectObjects(config, logits, objects)
  const c = config as DetectionConfig
  return {
    ...matchObjects(c, logits, pred_boxes, objects),
    ...(auxiliary_logits && auxiliary_boxes && matchLayers(c, auxiliary_logits, auxiliary_boxes, objects)),
  } as PlainTensors
}

function expectObjects(
  { num_labels }: PretrainedConfig,
  { shape: [images] }: Tensor,
  labels: readonly { readonly class_labels: readonly number[]; readonly boxes: readonly number[] }[],
) {
  if (labels.length !== images)
    throw new InputError(
      `There are ${images} images, but the objects of ${labels.length}: labels are a list with an entry for each image, ` +
        '{ class_labels: [], boxes: [] } for one without objects.',
    )
  for (const [image, { class_labels, boxes }] of labels.entries()) {
    if (boxes.length !== 4 * class_labels.length)
      throw new InputError(
        `Image ${image} has ${class_labels.length} class_labels and ${boxes.length} numbers of boxes; each object has a box ` +
          'of 4: the middle, across and down, width and height.',
      )
    for (const [object, label] of class_labels.entries())
      if (!(Number.isInteger(label) && label >= 0 && label < num_labels))
        throw new IndexOutOfRangeError('labels', [image, object], label, num_labels, IGNORED_LABEL)
  }
}
