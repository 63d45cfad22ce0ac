/** @file `pipeline(task, source)`: a model, its tokenizer and what a task makes of their answers, as one function. */
import { openRepository, type Repository, type Source } from '@webformers/hub'
import type { Head } from '@webformers/models'
import type { FeatureExtractor, ImageProcessor } from '@webformers/processors'
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import { readConfiguration } from '../configuration'
import { OptionError } from '../errors'
import { loadModel, type PreTrainedModel } from '../model'
import type { Processor } from '../processing'
import { answerer, type CallOptions } from './pipeline'
import { type PipelineOptions, preprocessingOf } from './preprocessing'
import type { Preprocessing, TaskDefinition } from './task'
import type { InputOf, Many, One, OptionsOf, Resolved, Several, Task, TaskTypes, Writing } from './task-types'
import { definitionOf, nameOf, writesAlways } from './tasks'

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
export type { LabelledImage, ZeroShotObjectDetectionOptions } from './zero-shot-object-detection'
export type { CallOptions, PipelineOptions, Task, TaskTypes }

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
  const definition = await definitionOf(name, task)
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
    const writes = writesAlways(nameOf(task)) || chosen === 'ForConditionalGeneration'
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
