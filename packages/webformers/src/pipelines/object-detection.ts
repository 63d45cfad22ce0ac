/** @file `object-detection`: what is where on images. */
import type { DetectionOutputs, ImageInput } from '@webformers/processors'
import { type ImageRow, imageRow, runImages } from './image-rows'
import { defineTask } from './task'

export interface ObjectDetectionOptions {
  /** Scores have to be above it. Default: 0.5. */
  threshold?: number
}

/** An object, and where it is: in whole pixels of the image as it came. */
export interface DetectedObject {
  score: number
  label: string
  box: { xmin: number; ymin: number; xmax: number; ymax: number }
}

export interface ObjectDetection {
  input: ImageInput
  options: ObjectDetectionOptions
  one: DetectedObject[]
  many: DetectedObject[][]
}

export const objectDetection = defineTask({
  head: 'ForObjectDetection',
  outputs: ['logits', 'pred_boxes'],
  standard: { source: 'facebook/detr-resnet-50', revision: '1d5f47b' },
  preprocessing: ['imageProcessor'],
  settle: ({ threshold = 0.5 }: ObjectDetectionOptions) => ({ threshold }),
  prepare: (image: ImageInput, _, context) => imageRow(image, context),
  async run(rows: readonly ImageRow[], { threshold }, context) {
    const outputs = await runImages(rows, context)
    const found = outputs.map((each, i) =>
      context.imageProcessor.postProcessObjectDetection(each as unknown as DetectionOutputs, {
        threshold,
        targetSizes: [rows[i]!.size],
      }),
    )
    return (await Promise.all(found)).flat()
  },
  answer(
    [{ scores, labels, boxes } = { scores: [], labels: [], boxes: [] }],
    _,
    { config },
  ): DetectedObject[] {
    return scores.map((score, i) => {
      const [xmin = 0, ymin = 0, xmax = 0, ymax = 0] = boxes[i]!.map(Math.trunc)
      return { score, label: config.id2label[labels[i]!]!, box: { xmin, ymin, xmax, ymax } }
    })
  },
})
