/** @file A call of an image processor: its images loaded, its settings settled, its class's work done. */
import { type ImageInput, type LoadedImage, loadImage } from './decode'
import type { ImageFeatures, ImageProcessorParts, PreprocessOptions } from './definition'
import { ImageProcessorError } from './errors'
import { labelMaps } from './label-maps'
import { pixelValues } from './layout'
import { labelSource } from './palette'
import type { ImageProcessorSettings } from './settings'
import { settleCall } from './settle-config'

/** Options of a call: what goes with the images, and what shall hold instead of the configuration. */
export interface ImageProcessorOptions extends PreprocessOptions, ImageProcessorSettings {
  /** Fetches images that are given by their address. Default: `globalThis.fetch`. */
  fetch?: typeof fetch
}

/** One image, several, or, for Idefics3 and SmolVLM, a list of images for each text. */
export type ImageInputs = ImageInput | readonly ImageInput[] | readonly (readonly ImageInput[])[]

const isList = (given: unknown): given is readonly unknown[] => Array.isArray(given)

export async function preprocess(
  { definition, config }: ImageProcessorParts,
  images: ImageInputs,
  options: ImageProcessorOptions = {},
): Promise<ImageFeatures> {
  const { segmentationMaps, annotations, fetch, signal, ...others } = options
  const { returnRowColInfo, returnSegmentationMasks, masksPath, boxes, ...settings } = others
  const settled = settleCall(definition, config, settings)
  if (segmentationMaps !== undefined && !definition.segmentationMaps)
    throw takesNo(definition.name, 'segmentationMaps')
  if (annotations !== undefined && !definition.annotations) throw takesNo(definition.name, 'annotations')
  if (boxes !== undefined && !definition.boxes) throw takesNo(definition.name, 'boxes')
  const own: LoadedImage[] = []
  const load = async (input: ImageInput) => {
    const image = await loadImage(input, { fetch, signal })
    if (image !== input) own.push(image)
    return image
  }
  try {
    const samples: LoadedImage[][] = []
    for (const sample of samplesOf(images)) {
      const loaded: LoadedImage[] = []
      for (const input of sample) loaded.push(await load(input)) // one at a time: each takes much memory while it is decoded
      samples.push(loaded)
    }
    if (!definition.preprocess && samples.length > 1) throw nested(definition.name)
    const list = (given: PreprocessOptions['annotations']) =>
      given === undefined || isList(given) ? given : [given]
    const features = await (definition.preprocess?.(samples, settled, {
      annotations: list(annotations) as never,
      returnRowColInfo,
      returnSegmentationMasks,
      masksPath,
      boxes,
      signal,
    }) ?? oneByOne(samples[0]!))
    if (segmentationMaps === undefined) return features
    const maps: LoadedImage[] = []
    for (const map of isList(segmentationMaps) ? segmentationMaps : [segmentationMaps])
      maps.push(await load(await labelSource(map as ImageInput, { fetch, signal })))
    return { ...features, labels: await labelMaps(definition, maps, settled, signal) }
  } finally {
    for (const image of own) image.close()
  }

  async function oneByOne(list: readonly LoadedImage[]): Promise<ImageFeatures> {
    const placed = list.map((image) => ({ image, layout: definition.layout(image, settled) }))
    return { pixel_values: await pixelValues(placed, settled, signal) }
  }
}

/** The images of each text; a plain list is of one. */
function samplesOf(images: ImageInputs): readonly (readonly ImageInput[])[] {
  if (!isList(images)) return [[images as ImageInput]]
  if (images.length === 0) throw new ImageProcessorError('There is no image to process.')
  return images.some(isList)
    ? images.map((each) => (isList(each) ? (each as readonly ImageInput[]) : [each as ImageInput]))
    : [images as readonly ImageInput[]]
}

const takesNo = (name: string, option: string) => new ImageProcessorError(`${name} takes no ${option}.`)
const nested = (name: string) =>
  new ImageProcessorError(`${name} takes a list of images, not lists in a list.`)
