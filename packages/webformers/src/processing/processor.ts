/** @file A processor: a tokenizer joined with what makes a model's inputs of images or of sound. */
import { type SaveFilesOptions, type SaveTarget, saveFiles } from '@webformers/hub'
import type {
  AudioInput,
  DetectionOutputs,
  FeatureExtractor,
  FeatureExtractorOptions,
  ImageInputs,
  ImageProcessor,
  ImageProcessorOptions,
} from '@webformers/processors'
import type {
  DecodeOptions,
  IntegerTensor,
  PreTrainedTokenizer,
  TextInput,
  CallOptions as TextOptions,
} from '@webformers/tokenizers'
import { OptionError } from '../errors'
import type { Nested, Tensor } from '../tensor'
import { type GroundedDetection, type GroundedOptions, groundedDetection, queriesOf } from './queries'

/** What a processor is joined of. */
export interface ProcessorParts {
  readonly tokenizer: PreTrainedTokenizer
  readonly imageProcessor: ImageProcessor
  readonly featureExtractor: FeatureExtractor
}
export type PartName = keyof ProcessorParts

/** Where something is on images, in their own pixels. */
export interface Coordinates {
  /** [images][points][x, y], or [images][objects][points][x, y]. */
  inputPoints?: Nested<number>
  /** Of each point 1 where the object is, 0 where it is not: [images][points], or [images][objects][points]. */
  inputLabels?: Nested<number>
  /** [images][boxes][left, top, right, bottom]. */
  inputBoxes?: readonly (readonly (readonly number[])[])[]
}

/** What a processor is called with; which of it there is to take, its class tells. */
export interface ProcessorInputs extends Coordinates {
  /** Of OWL-ViT and OWLv2 what to look for: texts, or a list of them for each image. */
  text?: TextInput
  images?: ImageInputs
  /** OWL-ViT and OWLv2: instead of texts, for each image another one that shows what is looked for. */
  queryImages?: ImageInputs
  audio?: AudioInput | readonly AudioInput[]
}

/** What each part is told; what stands outside goes to the text, and to sound what it knows. Like the keyword arguments of Python's
 * processors. */
export interface ProcessorOptions
  extends Pick<TextOptions, 'padding' | 'truncation' | 'maxLength' | 'addSpecialTokens'> {
  /** Samples a second of bare samples. */
  samplingRate?: number
  textKwargs?: TextOptions
  imagesKwargs?: ImageProcessorOptions
  audioKwargs?: FeatureExtractorOptions & Readonly<Record<string, unknown>>
  signal?: AbortSignal
}

/** A model's inputs by name. */
export type BatchFeature = Record<string, Tensor>

/** A class of processors. */
export interface ProcessorKind {
  /** Python's class. */
  readonly name: string
  readonly parts: readonly PartName[]
  /** What a text is when there is an image or a sound beside it: another input, or what the model should answer. */
  readonly text?: 'input' | 'labels'
  readonly textOptions?: TextOptions
  /** Whether texts and further images say what to look for. */
  readonly queries?: boolean
  /** Tensors of points and boxes, in the coordinates that the model takes. */
  readonly coordinates?: (given: Coordinates, features: BatchFeature, parts: ProcessorParts) => BatchFeature
}

/** A function that makes a model's inputs of texts and images, or of texts and sound. Like `ProcessorMixin` in Python, except that
 * the answer is always tensors, and comes later. */
export interface Processor extends ProcessorParts {
  /** @example
   * await processor({ text: ['a cat', 'a dog'], images: photo }, { padding: true }) // { input_ids, attention_mask, pixel_values }
   * await processor({ audio: recording, text: 'what is said' }) // { input_features, labels }
   * @throws {OptionError} when there is nothing, or something that this class takes none of
   */
  (inputs: ProcessorInputs, options?: ProcessorOptions): Promise<BatchFeature>
  /** Python's class: `CLIPProcessor`. */
  readonly processorClass: string
  /** The text that ids stand for: the tokenizer's. */
  decode(ids: Iterable<number> | IntegerTensor, options?: DecodeOptions): string
  batchDecode(batch: Iterable<Iterable<number>> | IntegerTensor, options?: DecodeOptions): string[]
  /** Boxes of what texts name, and the texts. Like `post_process_grounded_object_detection` in Python.
   * @example
   * const textLabels = [['a cat', 'a remote control']]
   * const outputs = await model(await processor({ text: textLabels, images: photo }))
   * await processor.postProcessGroundedObjectDetection(outputs, { targetSizes: [[480, 640]], textLabels })
   * // [{ scores: [0.71], labels: [0], boxes: [[324.9, 20.4, 640.6, 373.3]], text_labels: ['a cat'] }]
   * @throws {OptionError} when the class has no such method, or there is not one list of texts for each image
   * @throws {ImageProcessorError} when there is not one target size for each image
   */
  postProcessGroundedObjectDetection(
    outputs: DetectionOutputs,
    options?: GroundedOptions,
  ): Promise<GroundedDetection[]>
  /** Save all parts' files, as Python's `save_pretrained` does.
   * @throws {SaveError} @throws {StorageFullError} @throws {PermissionError}
   */
  savePretrained(target: SaveTarget, options?: SaveFilesOptions): Promise<string[]>
}

export function joined(kind: ProcessorKind, parts: ProcessorParts): Processor {
  const { tokenizer, imageProcessor, featureExtractor } = parts
  const call = (inputs: ProcessorInputs, options: ProcessorOptions = {}) =>
    process(kind, parts, inputs, options)
  const savePretrained = async (target: SaveTarget, options: SaveFilesOptions = {}) => {
    if (featureExtractor) featureExtractor.config.processor_class = kind.name
    if (imageProcessor) Object.assign(imageProcessor.config, { processor_class: kind.name })
    const files = {
      ...(await tokenizer?.toFiles(options)),
      ...imageProcessor?.toFiles(),
      ...featureExtractor?.toFiles(),
    }
    return saveFiles(target, files, options)
  }
  return Object.assign(call, {
    ...parts,
    processorClass: kind.name,
    decode: (ids: Iterable<number> | IntegerTensor, options?: DecodeOptions) =>
      tokenizer.decode(ids, options),
    batchDecode: (batch: Iterable<Iterable<number>> | IntegerTensor, options?: DecodeOptions) =>
      tokenizer.batchDecode(batch, options),
    postProcessGroundedObjectDetection: (outputs: DetectionOutputs, options: GroundedOptions = {}) =>
      groundedDetection(kind, imageProcessor, outputs, options),
    savePretrained,
  })
}

async function process(
  kind: ProcessorKind,
  parts: ProcessorParts,
  inputs: ProcessorInputs,
  options: ProcessorOptions,
): Promise<BatchFeature> {
  check(kind, inputs)
  const { text: given, images, queryImages, audio, ...coordinates } = inputs
  const { signal, samplingRate, textKwargs, imagesKwargs, audioKwargs, ...common } = options
  const features: BatchFeature = {}
  if (images !== undefined)
    Object.assign(features, await parts.imageProcessor(images, { ...imagesKwargs, signal }))
  if (queryImages !== undefined) {
    const { pixel_values } = await parts.imageProcessor(queryImages, { ...imagesKwargs, signal })
    features.query_pixel_values = pixel_values
  }
  if (audio !== undefined) {
    const { addSpecialTokens, ...lengths } = common
    const options = { ...defined(lengths), ...audioKwargs, samplingRate, signal }
    Object.assign(features, await parts.featureExtractor(audio, options))
  }
  if (kind.coordinates) Object.assign(features, kind.coordinates(coordinates, features, parts))
  if (given === undefined || queryImages !== undefined) return features
  const text = kind.queries ? queriesOf(given) : given
  const encoded = await parts.tokenizer.callAsync(typeof text === 'string' ? [text] : text, {
    ...kind.textOptions,
    ...defined(common),
    ...textKwargs,
    returnTensors: true,
    signal,
  })
  const alone = images === undefined && audio === undefined
  if (kind.text === 'labels' && !alone) return { ...features, labels: encoded.input_ids as Tensor }
  return { ...features, ...(encoded as unknown as BatchFeature) }
}

/** @throws {OptionError} */
function check({ name, parts, queries }: ProcessorKind, inputs: ProcessorInputs): void {
  const takes = {
    text: 'tokenizer',
    images: 'imageProcessor',
    queryImages: 'imageProcessor',
    audio: 'featureExtractor',
  } as const
  const known = (Object.keys(takes) as (keyof typeof takes)[]).filter(
    (key) => parts.includes(takes[key]) && (key !== 'queryImages' || queries),
  )
  const given = (Object.keys(takes) as (keyof typeof takes)[]).filter((key) => inputs[key] !== undefined)
  const wrong = given.filter((key) => !known.includes(key))
  if (given.length > 0 && wrong.length === 0) return
  throw new OptionError(
    `${name} takes ${known.join(' and ')}, but was given ${given.join(' and ') || 'nothing'}: ` +
      `processor({ ${known.join(', ')} }).`,
  )
}

const defined = <O extends object>(options: O): O =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as O
