/** @file What OWL-ViT and OWLv2 look for: lists of texts, as many for each image, and what was found of them. */
import type { Detection, DetectionOptions, DetectionOutputs, ImageProcessor } from '@webformers/processors'
import type { TextInput } from '@webformers/tokenizers'
import { OptionError } from '../errors'

export interface GroundedOptions extends DetectionOptions {
  /** What was looked for on each image; without it `text_labels` is null. */
  textLabels?: readonly (readonly string[])[]
}
/** What was found on one image: boxes, and which texts name them. */
export interface GroundedDetection extends Detection {
  text_labels: string[] | null
}

/** Stands where an image has fewer texts than others. */
const NOTHING = ' '

/** All texts, those of each image one below the other. */
export function queriesOf(text: TextInput): readonly string[] {
  if (typeof text === 'string') return [text]
  const lists = text.filter((each): each is readonly string[] => Array.isArray(each))
  if (lists.length === 0) return text as readonly string[]
  const most = Math.max(...lists.map(({ length }) => length))
  return lists.flatMap((list) => [...list, ...Array<string>(most - list.length).fill(NOTHING)])
}

export async function groundedDetection(
  imageProcessor: ImageProcessor,
  outputs: DetectionOutputs,
  { textLabels, ...options }: GroundedOptions = {},
): Promise<GroundedDetection[]> {
  const found = await imageProcessor.postProcessObjectDetection(outputs, options)
  if (textLabels && textLabels.length !== found.length) {
    throw new OptionError(
      `There are outputs for ${found.length} images, but ${textLabels.length} lists of textLabels. Give one for each image.`,
    )
  }
  return found.map((one, i) => ({
    ...one,
    text_labels: textLabels ? one.labels.map((label) => textLabels[i]![label]!) : null,
  }))
}
