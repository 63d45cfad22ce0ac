/** @file `zero-shot-object-detection`: where on images the things are that the caller names. */
import type { DetectionOutputs, ImageInput } from '@webformers/processors'
import { OptionError } from '../errors'
import type { Inputs } from './features'
import { type ImageOutputs, type ImageRow, imageRow, runImages } from './image-rows'
import type { DetectedObject } from './object-detection'
import { type Context, defineTask } from './task'

/** An image, and what to look for on it. */
export interface LabelledImage {
  image: ImageInput
  /** A list, or a string with commas between them. */
  candidateLabels: string | readonly string[]
}
export interface ZeroShotObjectDetectionOptions {
  /** What to look for on images that don't say it themselves: a list, or a string with commas between them. */
  candidateLabels?: string | readonly string[]
  /** Scores have to be above it. Default: 0.1. */
  threshold?: number
  /** How many objects there are at most, those with the best scores. Default: all. */
  topK?: number | null
}

/** An image gives its objects, best first. */
export interface ZeroShotObjectDetection {
  input: ImageInput | LabelledImage
  options: ZeroShotObjectDetectionOptions
  one: DetectedObject[]
  many: DetectedObject[][]
}

interface LabelledRow extends ImageRow {
  readonly labels: readonly string[]
}
interface Found extends Pick<LabelledRow, 'labels' | 'size'> {
  readonly outputs: ImageOutputs
}

export const zeroShotObjectDetection = defineTask({
  head: 'ForZeroShotObjectDetection',
  outputs: ['logits', 'pred_boxes'],
  standard: { source: 'google/owlvit-base-patch32', revision: 'cbc355f' },
  preprocessing: ['tokenizer', 'imageProcessor'],
  settle: ({ candidateLabels = [], threshold = 0.1, topK }: ZeroShotObjectDetectionOptions) => ({
    candidateLabels,
    threshold,
    topK: topK || undefined,
  }),
  async prepare(input: ImageInput | LabelledImage, { candidateLabels }, context): Promise<LabelledRow[]> {
    const own = isLabelled(input) ? input : { image: input, candidateLabels }
    const { candidateLabels: given } = own
    const labels = typeof given === 'string' ? given.split(',') : given
    if (given.length === 0)
      throw new OptionError("Give at least one label: { candidateLabels: ['a cat', 'a remote control'] }.")
    const [row] = await imageRow(own.image, context)
    return [{ ...row, labels }]
  },
  async run(rows: readonly LabelledRow[], { threshold }, context) {
    const outputs = await runImages(rows, context, textsOf(rows, context))
    const found = rows.map(({ labels, size }, i) =>
      objectsOf({ outputs: outputs[i]!, labels, size }, threshold, context),
    )
    return Promise.all(found)
  },
  answer: ([found = []], { topK }): DetectedObject[] =>
    found.toSorted((a, b) => b.score - a.score).slice(0, topK),
})

const isLabelled = (input: ImageInput | LabelledImage): input is LabelledImage =>
  typeof input === 'object' && 'candidateLabels' in input

/** The labels of all images, one below the other; where one has fewer than others, its last stands for those. */
function textsOf(rows: readonly LabelledRow[], { tokenizer }: Context): Inputs {
  const most = Math.max(...rows.map(({ labels }) => labels.length))
  const texts = rows.flatMap(({ labels }) =>
    Array.from({ length: most }, (_, i) => labels[i] ?? labels.at(-1)!),
  )
  const { input_ids, attention_mask } = tokenizer(texts, { padding: true, returnTensors: true })
  return { input_ids, attention_mask } satisfies Inputs
}

/** The objects on one image, label by label: each label is looked for as if it were the only one. */
async function objectsOf(
  { outputs: { logits, pred_boxes }, labels, size }: Found,
  threshold: number,
  { imageProcessor }: Context,
): Promise<DetectedObject[]> {
  const [, patches = 0, queries = 0] = logits!.shape
  const found = labels.map(async (label, query) => {
    const data = Float32Array.from({ length: patches }, (_, i) => logits!.data[i * queries + query]!)
    const own = { logits: { dtype: 'float32', shape: [1, patches, 1], data }, pred_boxes } as DetectionOutputs
    const [one] = await imageProcessor.postProcessObjectDetection(own, { threshold, targetSizes: [size] })
    return one!.scores.map((score, i) => {
      const [xmin = 0, ymin = 0, xmax = 0, ymax = 0] = one!.boxes[i]!.map(Math.trunc)
      return { score, label, box: { xmin, ymin, xmax, ymax } }
    })
  })
  return (await Promise.all(found)).flat()
}
