/** @file Each task's inputs, options and answers, and the names a task goes by. */
import type { AudioClassification } from './audio-classification'
import type { AutomaticSpeechRecognition } from './automatic-speech-recognition'
import type { DepthEstimation } from './depth-estimation'
import type { DocumentQuestionAnswering } from './document-question-answering'
import type { FeatureExtraction } from './feature-extraction'
import type { FillMask } from './fill-mask'
import type { ImageClassification } from './image-classification'
import type { ImageFeatureExtraction } from './image-feature-extraction'
import type { ImageSegmentation } from './image-segmentation'
import type { ImagesAndTexts, ImageTextToText } from './image-text-to-text'
import type { ImageToText } from './image-to-text'
import type { MaskGeneration } from './mask-generation'
import type { ObjectDetection } from './object-detection'
import type { QuestionAnswering, Questions } from './question-answering'
import type { TextClassification } from './text-classification'
import type { TextGeneration } from './text-generation'
import type { Summarization, Text2TextGeneration } from './text2text-generation'
import type { TokenClassification } from './token-classification'
import type { Translation } from './translation'
import type { VisualQuestionAnswering, VisualQuestions } from './visual-question-answering'
import type { ZeroShotAudioClassification } from './zero-shot-audio-classification'
import type { ZeroShotClassification } from './zero-shot-classification'
import type { ZeroShotImageClassification } from './zero-shot-image-classification'
import type { ZeroShotObjectDetection } from './zero-shot-object-detection'

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
  'zero-shot-object-detection': ZeroShotObjectDetection
  'image-segmentation': ImageSegmentation
  'depth-estimation': DepthEstimation
  'mask-generation': MaskGeneration
}

export const aliases = { 'sentiment-analysis': 'text-classification', ner: 'token-classification' } as const
type Aliases = typeof aliases

/** Tasks that write text. */
export type Writing = 'text-generation' | 'text2text-generation' | 'summarization' | 'translation'
/** A translation with its languages: `translation_en_to_de`. */
type NamedTranslation = `translation_${string}_to_${string}`
/** The name of a task, or its alias. */
export type Task = keyof TaskTypes | keyof Aliases | NamedTranslation
export type Resolved<T extends Task> = T extends keyof Aliases
  ? Aliases[T]
  : T extends keyof TaskTypes
    ? T
    : T extends NamedTranslation
      ? 'translation'
      : never

export type InputOf<T extends Task> = TaskTypes[Resolved<T>]['input']
export type OptionsOf<T extends Task> = TaskTypes[Resolved<T>]['options']
export type One<T extends Task, O, I> = TaskTypes<O, I>[Resolved<T>]['one']
export type Many<T extends Task, O, I> = TaskTypes<O, I>[Resolved<T>]['many']
/** An input that stands for several. */
export type Several<T extends Task> =
  Resolved<T> extends 'question-answering'
    ? Questions
    : Resolved<T> extends 'visual-question-answering'
      ? VisualQuestions
      : Resolved<T> extends 'image-text-to-text'
        ? ImagesAndTexts
        : never
