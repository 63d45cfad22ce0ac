/** @file `pipeline(task, source)`: a model, its tokenizer and what a task makes of their answers, as one function. */
import { openRepository, type Repository, type Source } from '@webformers/hub'
import type { Head } from '@webformers/models'
import {
  AutoFeatureExtractor,
  AutoImageProcessor,
  type FeatureExtractor,
  type ImageProcessor,
} from '@webformers/processors'
import { AutoTokenizer, type PreTrainedTokenizer } from '@webformers/tokenizers'
import { readConfiguration } from '../configuration'
import { OptionError } from '../errors'
import type { LoadOptions } from '../load-options'
import { loadModel, type PreTrainedModel } from '../model'
import { AutoProcessor, type Processor } from '../processing'
import type { AudioClassification } from './audio-classification'
import type { AutomaticSpeechRecognition } from './automatic-speech-recognition'
import type { DepthEstimation } from './depth-estimation'
import type { DocumentQuestionAnswering } from './document-question-answering'
import { type FeatureExtraction, featureExtraction } from './feature-extraction'
import { type FillMask, fillMask } from './fill-mask'
import type { ImageClassification } from './image-classification'
import type { ImageFeatureExtraction } from './image-feature-extraction'
import type { ImageSegmentation } from './image-segmentation'
import type { ImagesAndTexts, ImageTextToText } from './image-text-to-text'
import type { ImageToText } from './image-to-text'
import type { MaskGeneration } from './mask-generation'
import type { ObjectDetection } from './object-detection'
import { answerer, type CallOptions } from './pipeline'
import { type QuestionAnswering, type Questions, questionAnswering } from './question-answering'
import type { Preprocessing, TaskDefinition } from './task'
import { type TextClassification, textClassification } from './text-classification'
import type { TextGeneration } from './text-generation'
import type { Summarization, Text2TextGeneration } from './text2text-generation'
import { type TokenClassification, tokenClassification } from './token-classification'
import type { Translation } from './translation'
import type { VisualQuestionAnswering, VisualQuestions } from './visual-question-answering'
import type { ZeroShotAudioClassification } from './zero-shot-audio-classification'
import { type ZeroShotClassification, zeroShotClassification } from './zero-shot-classification'
import type { ZeroShotImageClassification } from './zero-shot-image-classification'

export type { AudioClassificationOptions } from './audio-classification'
export type { AutomaticSpeechRecognitionOptions } from './automatic-speech-recognition'
export type { Chat, ChatMessage } from './chat'
export type { EstimatedDepth } from './depth-estimation'
export type { DocumentQuestionAnsweringOptions } from './document-question-answering'
export type { TextPair } from './encode'
export type { AggregationStrategy, EntityGroup, TokenEntity } from './entities'
export type { FeatureExtractionOptions, Pooling } from './feature-extraction'
export type { FillMaskOptions, MaskFilling } from './fill-mask'
export type { GenerationOptions } from './generation-options'
export type { ImageClassificationOptions } from './image-classification'
export type { ImageFeatureExtractionOptions } from './image-feature-extraction'
export type { ImageSegment, ImageSegmentationOptions } from './image-segmentation'
export type {
  GeneratedFromImages,
  GeneratedTokensFromImages,
  ImagesAndText,
  ImagesAndTexts,
  ImageTextToTextOptions,
} from './image-text-to-text'
export type { ImageToTextOptions } from './image-to-text'
export type { GeneratedMasks, MaskGenerationOptions } from './mask-generation'
export type { Box, RunLengths } from './masks'
export type { DetectedObject, ObjectDetectionOptions } from './object-detection'
export type { Answer, Question, QuestionAnsweringOptions, Questions } from './question-answering'
export type { Classification, TextClassificationOptions } from './text-classification'
export type {
  GeneratedChat,
  GeneratedText,
  GeneratedTokens,
  TextGenerationOptions,
} from './text-generation'
export type { GeneratedSummary, Text2TextGenerationOptions } from './text2text-generation'
export type { TokenClassificationOptions } from './token-classification'
export type { ToolCall } from './tool-calls'
export type { TranslatedText, TranslationOptions } from './translation'
export type {
  VisualQuestion,
  VisualQuestionAnsweringOptions,
  VisualQuestions,
} from './visual-question-answering'
export type { ZeroShotAudioClassificationOptions } from './zero-shot-audio-classification'
export type { ZeroShotClassificationOptions, ZeroShotResult } from './zero-shot-classification'
export type { ZeroShotImageClassificationOptions } from './zero-shot-image-classification'
export type { CallOptions }

/** Each task with its inputs, its options, and its answers to one input and to many such as I under options O. */
export interface TaskTypes<O = unknown, I = unknown> {
  'feature-extraction': FeatureExtraction<O>
  'text-classification': TextClassification<O>
  'token-classification': TokenClassification<O>
  'fill-mask': FillMask
  'question-answering': QuestionAnswering<O>
  'zero-shot-classification': ZeroShotClassification
  'text-generation': TextGeneration<O, I>
  'text2text-generation': Text2TextGeneration<O>
  summarization: Summarization<O>
  translation: Translation<O>
  'image-to-text': ImageToText
  'image-text-to-text': ImageTextToText<O, I>
  'visual-question-answering': VisualQuestionAnswering
  'document-question-answering': DocumentQuestionAnswering
  'automatic-speech-recognition': AutomaticSpeechRecognition<O>
  'audio-classification': AudioClassification
  'zero-shot-audio-classification': ZeroShotAudioClassification
  'image-classification': ImageClassification
  'image-feature-extraction': ImageFeatureExtraction<O>
  'zero-shot-image-classification': ZeroShotImageClassification
  'object-detection': ObjectDetection
  'image-segmentation': ImageSegmentation
  'depth-estimation': DepthEstimation
  'mask-generation': MaskGeneration
}

const tasks = {
  'feature-extraction': featureExtraction,
  'text-classification': textClassification,
  'token-classification': tokenClassification,
  'fill-mask': fillMask,
  'question-answering': questionAnswering,
  'zero-shot-classification': zeroShotClassification,
} as const satisfies Partial<Record<keyof TaskTypes, unknown>>

type Writing = 'text-generation' | 'text2text-generation' | 'summarization' | 'translation'
/** Tasks that write text: a page that has none of them need not fetch them. */
const writing = {
  'text-generation': async () => (await import('./text-generation')).textGeneration(),
  'text2text-generation': async () => (await import('./text2text-generation')).text2textGeneration(),
  summarization: async () => (await import('./text2text-generation')).summarization(),
  translation: async (task: string) => (await import('./translation')).translation(task),
} as const satisfies Record<Writing, unknown>

/** Tasks that write about images, the same. */
const captioning = {
  'image-to-text': async () => (await import('./image-to-text')).imageToText,
  'image-text-to-text': async () => (await import('./image-text-to-text')).imageTextToText(),
  'visual-question-answering': async () =>
    (await import('./visual-question-answering')).visualQuestionAnswering,
  'document-question-answering': async () =>
    (await import('./document-question-answering')).documentQuestionAnswering,
} as const satisfies Partial<Record<keyof TaskTypes, unknown>>

/** Tasks of sound, the same. */
const sound = {
  'automatic-speech-recognition': async () =>
    (await import('./automatic-speech-recognition')).automaticSpeechRecognition,
  'audio-classification': async () => (await import('./audio-classification')).audioClassification,
  'zero-shot-audio-classification': async () =>
    (await import('./zero-shot-audio-classification')).zeroShotAudioClassification,
} as const satisfies Partial<Record<keyof TaskTypes, unknown>>

/** Tasks of images, the same. */
const images = {
  'image-classification': async () => (await import('./image-classification')).imageClassification,
  'image-feature-extraction': async () => (await import('./image-feature-extraction')).imageFeatureExtraction,
  'zero-shot-image-classification': async () =>
    (await import('./zero-shot-image-classification')).zeroShotImageClassification,
  'object-detection': async () => (await import('./object-detection')).objectDetection,
  'image-segmentation': async () => (await import('./image-segmentation')).imageSegmentation,
  'depth-estimation': async () => (await import('./depth-estimation')).depthEstimation,
  'mask-generation': async () => (await import('./mask-generation')).maskGeneration,
} as const satisfies Partial<Record<keyof TaskTypes, unknown>>

/** All that are fetched when a page asks for them. */
const fetched: Readonly<Record<string, (task: string) => Promise<unknown>>> = {
  ...writing,
  ...captioning,
  ...sound,
  ...images,
}

const aliases = { 'sentiment-analysis': 'text-classification', ner: 'token-classification' } as const

type Aliases = typeof aliases
/** A translation with its languages: `translation_en_to_de`. */
type NamedTranslation = `translation_${string}_to_${string}`
/** The name of a task, or its alias. */
export type Task = keyof TaskTypes | keyof Aliases | NamedTranslation
type Resolved<T extends Task> = T extends keyof Aliases
  ? Aliases[T]
  : T extends keyof TaskTypes
    ? T
    : T extends NamedTranslation
      ? 'translation'
      : never

type InputOf<T extends Task> = TaskTypes[Resolved<T>]['input']
type OptionsOf<T extends Task> = TaskTypes[Resolved<T>]['options']
type One<T extends Task, O, I> = TaskTypes<O, I>[Resolved<T>]['one']
type Many<T extends Task, O, I> = TaskTypes<O, I>[Resolved<T>]['many']
/** An input that stands for several. */
type Several<T extends Task> =
  Resolved<T> extends 'question-answering'
    ? Questions
    : Resolved<T> extends 'visual-question-answering'
      ? VisualQuestions
      : Resolved<T> extends 'image-text-to-text'
        ? ImagesAndTexts
        : never
/** No options. */
type Unsaid = Record<never, never>
/** The options in force: those of the call over those of the pipeline. */
type Over<D, O> = Omit<D, keyof O> & O

/** A task ready to be called. The shape of an answer follows from the input and the options alone, never from how much was
 * found: one input gives one answer, a list gives a list (also a list of one), a stream gives a stream. */
export interface Pipeline<T extends Task = Task, D = Unsaid> extends AsyncDisposable {
  <I extends InputOf<T>, const O extends OptionsOf<T> = Unsaid>(
    input: I,
    options?: O & CallOptions,
  ): Promise<One<T, Over<D, O>, I>>
  <I extends InputOf<T>, const O extends OptionsOf<T> = Unsaid>(
    inputs: readonly I[] | Several<T>,
    options?: O & CallOptions,
  ): Promise<Many<T, Over<D, O>, I>>
  <I extends InputOf<T>, const O extends OptionsOf<T> = Unsaid>(
    inputs: Iterable<I> | AsyncIterable<I>,
    options?: O & CallOptions,
  ): AsyncGenerator<One<T, Over<D, O>, I>>
  /** The text that is written to one input, as it comes: what is new, without beams. To leave the loop ends it. Tasks that write
   * nothing have no stream.
   * @example
   * for await (const text of generate.stream(messages, { maxNewTokens: 256, signal })) answer.textContent += text
   * @throws {OptionError} when the call asks for beams or several answers
   */
  readonly stream: Streaming<T>
  readonly task: Resolved<T>
  readonly model: PreTrainedModel
  /** Of tasks with texts. */
  readonly tokenizer: PreTrainedTokenizer
  /** Of tasks with sound. */
  readonly featureExtractor: FeatureExtractor
  /** Of tasks with images. */
  readonly imageProcessor: ImageProcessor
  /** Of `image-text-to-text`. */
  readonly processor: Processor
  /** Free the model; one that was given ready-made is its owner's to free. */
  dispose(): Promise<void>
}

type Streaming<T extends Task> =
  Resolved<T> extends Writing | 'image-text-to-text' | 'automatic-speech-recognition'
    ? (input: InputOf<T>, options?: OptionsOf<T> & CallOptions) => AsyncGenerator<string, void>
    : undefined

/** How a pipeline is loaded. Options of the task beside these hold for every call that does not say otherwise. */
export interface PipelineOptions extends LoadOptions {
  /** Default: the tokenizer in the model's repository. */
  tokenizer?: Source | PreTrainedTokenizer
  /** Default: the feature extractor in the model's repository. */
  featureExtractor?: Source | FeatureExtractor
  /** Default: the image processor in the model's repository. */
  imageProcessor?: Source | ImageProcessor
  /** Default: the processor in the model's repository. */
  processor?: Source | Processor
  batchSize?: number
}

/** A function that does a task with the model of a repository. Like `pipeline` in Python.
 * @param source a repository, a URL, a directory, or a model that is loaded already (then with `tokenizer`);
 * default: the model that Python takes for the task
 * @example
 * await using classify = await pipeline('text-classification', 'distilbert/distilbert-base-uncased-finetuned-sst-2-english')
 * await classify('I love it') // [{ label: 'POSITIVE', score: 0.9999 }]
 * @example
 * await using embed = await pipeline('feature-extraction', repo, { pooling: 'mean', normalize: true })
 * await embed(['a text', 'another']) // { dtype: 'float32', shape: [2, 384], data: Float32Array }
 * for await (const { data } of embed(lines())) index.add(data)
 * @example
 * await using generate = await pipeline('text-generation', 'HuggingFaceTB/SmolLM2-135M-Instruct')
 * const [{ generated_text }] = await generate([{ role: 'user', content: 'Hi' }], { maxNewTokens: 64 })
 * generated_text.at(-1) // { role: 'assistant', content: 'Hello! How can I help you today?' }
 * @example
 * await using translate = await pipeline('translation', 'facebook/nllb-200-distilled-600M', { srcLang: 'eng_Latn', tgtLang: 'deu_Latn' })
 * await translate('Hello') // [{ translation_text: 'Hallo' }]
 * @example
 * await using answer = await pipeline('image-text-to-text', 'HuggingFaceTB/SmolVLM-256M-Instruct')
 * const content = [{ type: 'image', image: photo }, { type: 'text', text: 'What is this?' }]
 * await answer([{ role: 'user', content }], { returnFullText: false }) // [{ input_text: [{ … }], generated_text: ' A cat.' }]
 * @example
 * await using transcribe = await pipeline('automatic-speech-recognition', 'openai/whisper-base')
 * await transcribe('speech.mp3', { returnTimestamps: 'word' }) // { text: ' Hello', chunks: [{ text: ' Hello', timestamp: [0, 0.4] }] }
 * @throws {OptionError} when there is no such task; and all that `fromPretrained` throws
 */
export async function pipeline<T extends Task, const D extends OptionsOf<T> = Unsaid>(
  task: T,
  source?: Source | PreTrainedModel,
  options: PipelineOptions & D = {} as PipelineOptions & D,
): Promise<Pipeline<T, D>> {
  const name = nameOf(task)
  // Each task's own types meet here, where only its name tells which they are.
  const definition = (
    name in fetched ? await fetched[name]!(task) : tasks[name as keyof typeof tasks]
  ) as TaskDefinition<unknown, object, unknown, unknown, unknown, unknown>
  const {
    tokenizer: _words,
    featureExtractor: _sound,
    imageProcessor: _images,
    processor: _both,
    signal,
    ...standard
  } = options
  const [model, preprocessing] = await load(definition, task, source, options)
  const own = typeof source !== 'function'
  const dispose = async () => {
    if (own) await model.dispose()
  }
  const call = answerer(definition, task, preprocessing, model, definition.among?.(standard) ?? standard)
  const properties = { task: name, model, ...preprocessing, dispose, [Symbol.asyncDispose]: dispose }
  return Object.assign(call, properties) as unknown as Pipeline<T, D>
}

/** @throws {OptionError} naming the tasks there are */
function nameOf(task: Task): keyof TaskTypes {
  if (Object.hasOwn(aliases, task)) return aliases[task as keyof Aliases]
  if (/^translation_[^_]+_to_[^_]+$/.test(task)) return 'translation'
  const all = { ...tasks, ...fetched }
  if (Object.hasOwn(all, task)) return task as keyof TaskTypes
  const known = [...Object.keys(all), ...Object.keys(aliases)].join(', ')
  throw new OptionError(`There is no task "${task}". Known: ${known}.`)
}

type Loadable = Pick<
  TaskDefinition<never, never, never, unknown>,
  'head' | 'outputs' | 'standard' | 'preprocessing'
>

async function load(
  definition: Loadable,
  task: Task,
  source: Source | PreTrainedModel | undefined,
  options: PipelineOptions,
): Promise<[PreTrainedModel, Preprocessing]> {
  if (typeof source === 'function') return [source, await preprocessingOf(definition, undefined, options)]
  const { head, outputs, standard } = definition
  if (source === undefined) {
    if (!standard) throw new OptionError(`No model is known for every ${task}. Name one.`)
    console.warn(
      `webformers: no model was named, so ${standard.source} (revision ${standard.revision}) is used. ` +
        'Name one, so that it stays the same.',
    )
    return load(definition, task, standard.source, { revision: standard.revision, ...options })
  }
  options.signal?.throwIfAborted()
  const failed = new AbortController()
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])])
  // One repository for all, so that model and tokenizer are of one commit.
  const opening = openRepository(source, { ...options, signal })
  const loading = (async () => {
    const chosen = typeof head === 'string' ? head : await headOf(await opening, head, options)
    const writes = nameOf(task) in { ...writing, ...captioning } || chosen === 'ForConditionalGeneration'
    return (await loadModel(() => opening, chosen, { outputs, ...options, writes, signal })).model
  })()
  try {
    const preprocessing = opening.then((repository) =>
      preprocessingOf(definition, repository, { ...options, signal }),
    )
    return await Promise.all([loading, preprocessing])
  } catch (error) {
    failed.abort(error)
    await loading.then((model) => model.dispose()).catch(() => {}) // a model that failed has freed itself
    throw error
  }
}

/** The first of these heads that the model's architecture has, or the first one, which then tells what is missing. */
async function headOf(
  repository: Repository,
  heads: readonly Head[],
  options: PipelineOptions,
): Promise<Head> {
  const { architecture } = await readConfiguration(repository, options)
  return heads.find((head) => head in architecture.heads) ?? heads[0]!
}

/** What the task names, of the model's repository or as the options have it. */
async function preprocessingOf(
  { preprocessing = ['tokenizer'] }: Loadable,
  repository: Repository | undefined,
  options: PipelineOptions,
): Promise<Preprocessing> {
  const parts = preprocessing.map(async (part) => [part, await partOf(part, repository, options)] as const)
  const opened = Object.fromEntries(await Promise.all(parts)) as unknown as Preprocessing
  const { processor } = opened
  if (!processor) return opened
  const { tokenizer, imageProcessor } = processor
  return { ...opened, tokenizer, imageProcessor }
}

type Part = PreTrainedTokenizer | FeatureExtractor | ImageProcessor | Processor

const openers = {
  tokenizer: AutoTokenizer,
  featureExtractor: AutoFeatureExtractor,
  imageProcessor: AutoImageProcessor,
  processor: AutoProcessor,
} as const satisfies Record<keyof Preprocessing, unknown>

async function partOf(
  part: keyof Preprocessing,
  repository: Repository | undefined,
  { [part]: given, ...options }: PipelineOptions,
): Promise<Part> {
  if (typeof given === 'function') return given
  const source = given ?? repository
  if (source === undefined) {
    throw new OptionError(
      `A model that is loaded already needs its ${part}: pipeline(task, model, { ${part} }).`,
    )
  }
  const { config: _ofModel, ggufFile, ...files } = options
  // That file is the model's.
  return openers[part].fromPretrained(source, given === undefined ? { ...files, ggufFile } : files)
}
