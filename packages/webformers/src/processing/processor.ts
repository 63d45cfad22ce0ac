/** @file A processor: a tokenizer joined with what makes a model's inputs of images or of sound. */
import { pythonJson, type SaveFilesOptions, type SaveTarget, saveFiles } from '@webformers/hub'
import type { FeatureExtractor, ImageProcessor } from '@webformers/processors'
import type {
  DecodeOptions,
  IntegerTensor,
  PreTrainedTokenizer,
  CallOptions as TextOptions,
} from '@webformers/tokenizers'
import { OptionError } from '../errors'
import type { Tensor } from '../tensor'
import { applyChatTemplate, type ChatResult, type ProcessorChatOptions } from './chat'
import { type ImagesAmongWords, plainTexts } from './images-among-words'
import type { BatchFeature, Coordinates, ProcessorInputs, ProcessorOptions } from './inputs'

/** What a processor is joined of. */
export interface ProcessorParts {
  readonly tokenizer: PreTrainedTokenizer
  readonly imageProcessor: ImageProcessor
  readonly featureExtractor: FeatureExtractor
}
export type PartName = keyof ProcessorParts

/** A class of processors. */
export interface ProcessorKind {
  /** Python's class. */
  readonly name: string
  readonly parts: readonly PartName[]
  /** What the ids of a text are called when there is an image or a sound beside it: `labels` are what the model should answer.
   * Default: it is another input. */
  readonly text?: readonly string[]
  readonly textOptions?: TextOptions
  /** The same for a text beside an image or a sound. */
  readonly textOptionsBeside?: TextOptions
  /** Tensors of points and boxes, in the coordinates that the model takes. */
  readonly coordinates?: (given: Coordinates, features: BatchFeature, parts: ProcessorParts) => BatchFeature
  /** What processor_config.json says, where it says nothing else; a class without it writes no such file. */
  readonly config?: ProcessorConfig
  /** Files of parts that are not opened here, and are saved as they came. */
  readonly keeps?: readonly string[]
  /** How images stand in texts, where they do. */
  readonly amongWords?: (config: ProcessorConfig, tokenizer: PreTrainedTokenizer) => ImagesAmongWords
  /** What only this class has. */
  readonly methods?: (parts: ProcessorParts) => object
}

/** processor_config.json, and of tokenizer_config.json how tokens are spelled that stand for images. */
export type ProcessorConfig = Readonly<Record<string, unknown>>

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
  /** The texts that a model wrote, without special tokens. Like `post_process_image_text_to_text` in Python. */
  postProcessImageTextToText(
    sequences: Iterable<Iterable<number>> | IntegerTensor,
    options?: DecodeOptions,
  ): string[]
  /** A conversation, or each of a list of them, as the model's template writes it; with `tokenize` and `returnDict` the model's
   * inputs, the images of its messages among them. Like `apply_chat_template` of a processor in Python.
   * @example
   * const content = [{ type: 'image', image: photo }, { type: 'text', text: 'What is this?' }]
   * const messages = [{ role: 'user', content }]
   * await processor.applyChatTemplate(messages, { addGenerationPrompt: true })
   * // '<|im_start|>User:<image>What is this?<end_of_utterance>\nAssistant:'
   * await processor.applyChatTemplate(messages, { addGenerationPrompt: true, tokenize: true, returnDict: true })
   * // { pixel_values, pixel_attention_mask, input_ids, attention_mask }
   * @throws {TokenizerError} when there is no template, or it does not take the conversation
   * @throws {OptionError} when the images are not those that the texts have places for
   */
  applyChatTemplate<
    const Conversation extends readonly object[],
    const Options extends ProcessorChatOptions = Record<never, never>,
  >(conversation: Conversation, options?: Options): Promise<ChatResult<Conversation, Options>>
  /** Save all parts' files, as Python's `save_pretrained` does.
   * @throws {SaveError} @throws {StorageFullError} @throws {PermissionError}
   */
  savePretrained(target: SaveTarget, options?: SaveFilesOptions): Promise<string[]>
}

export function joined(
  kind: ProcessorKind,
  parts: ProcessorParts,
  config: ProcessorConfig = {},
  kept: Readonly<Record<string, Blob>> = {},
): Processor {
  const { tokenizer, imageProcessor, featureExtractor } = parts
  const words = kind.amongWords?.({ ...kind.config, ...config }, tokenizer)
  const call = (inputs: ProcessorInputs, options: ProcessorOptions = {}) =>
    process(kind, parts, words, inputs, options)
  const savePretrained = async (target: SaveTarget, options: SaveFilesOptions = {}) => {
    if (featureExtractor) featureExtractor.config.processor_class = kind.name
    if (imageProcessor) Object.assign(imageProcessor.config, { processor_class: kind.name })
    const files = {
      ...(await tokenizer?.toFiles(options)),
      ...imageProcessor?.toFiles(),
      ...featureExtractor?.toFiles(),
      ...kept,
      ...(kind.config && { [PROCESSOR_FILE]: configFile(kind, config) }),
    }
    return saveFiles(target, files, options)
  }
  const batchDecode = (batch: Iterable<Iterable<number>> | IntegerTensor, options?: DecodeOptions) =>
    tokenizer.batchDecode(batch, options)
  return Object.assign(call, {
    ...parts,
    processorClass: kind.name,
    decode: (ids: Iterable<number> | IntegerTensor, options?: DecodeOptions) =>
      tokenizer.decode(ids, options),
    batchDecode,
    postProcessImageTextToText: (
      sequences: Iterable<Iterable<number>> | IntegerTensor,
      options?: DecodeOptions,
    ) => batchDecode(sequences, { skipSpecialTokens: true, ...options }),
    applyChatTemplate: ((conversation: readonly object[], options: ProcessorChatOptions = {}) =>
      applyChatTemplate(conversation, options, call, tokenizer)) as Processor['applyChatTemplate'],
    savePretrained,
    ...kind.methods?.(parts),
  })
}

export const PROCESSOR_FILE = 'processor_config.json'

const configFile = ({ name, config: standard }: ProcessorKind, config: ProcessorConfig): Blob => {
  const own = Object.keys(standard!).map((key) => [key, config[key] ?? standard![key]] as const)
  return new Blob([...pythonJson({ ...Object.fromEntries(own), processor_class: name }, { ascii: true })])
}

async function process(
  kind: ProcessorKind,
  parts: ProcessorParts,
  words: ImagesAmongWords | undefined,
  inputs: ProcessorInputs,
  options: ProcessorOptions,
): Promise<BatchFeature> {
  check(kind, inputs)
  const { text, images: given, audio, ...coordinates } = inputs
  const { signal, samplingRate, textKwargs, imagesKwargs, audioKwargs, ...common } = options
  const texts = words && text !== undefined ? plainTexts(text, kind.name) : undefined
  const images = words ? words.samples(given, texts) : given
  const features: BatchFeature = {}
  let expanded = texts
  if (images !== undefined) {
    const asked = { ...imagesKwargs, ...(words && { returnRowColInfo: true }), signal }
    const { rows, cols, ...seen } = await parts.imageProcessor(images, asked)
    Object.assign(features, seen)
    expanded = texts && words?.expand(texts, { rows, cols })
  }
  if (audio !== undefined) {
    const { addSpecialTokens, ...lengths } = common
    const sounds = { ...defined(lengths), ...audioKwargs, samplingRate, signal }
    Object.assign(features, await parts.featureExtractor(audio, sounds))
  }
  if (kind.coordinates) Object.assign(features, kind.coordinates(coordinates, features, parts))
  if (text === undefined) return features
  const alone = given === undefined && audio === undefined
  const encoded = await parts.tokenizer.callAsync(expanded ?? (typeof text === 'string' ? [text] : text), {
    ...kind.textOptions,
    ...(!alone && kind.textOptionsBeside),
    ...defined(common),
    ...textKwargs,
    returnTensors: true,
    signal,
  })
  const ids = encoded.input_ids as Tensor
  if (expanded) words?.checkWhole(expanded, ids)
  if (kind.text && !alone) return { ...features, ...Object.fromEntries(kind.text.map((name) => [name, ids])) }
  return { ...features, ...(encoded as unknown as BatchFeature) }
}

/** @throws {OptionError} */
function check({ name, parts }: ProcessorKind, inputs: ProcessorInputs): void {
  const takes = { text: 'tokenizer', images: 'imageProcessor', audio: 'featureExtractor' } as const
  const known = (Object.keys(takes) as (keyof typeof takes)[]).filter((key) => parts.includes(takes[key]))
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
