/** @file The tasks by name: those of texts are here, the others are fetched when a page asks for them. */
import { OptionError } from '../errors'
import { featureExtraction } from './feature-extraction'
import { fillMask } from './fill-mask'
import { questionAnswering } from './question-answering'
import type { TaskDefinition } from './task'
import { aliases, type Task, type TaskTypes, type Writing } from './task-types'
import { textClassification } from './text-classification'
import { tokenClassification } from './token-classification'
import { zeroShotClassification } from './zero-shot-classification'

const tasks = {
  'feature-extraction': featureExtraction,
  'text-classification': textClassification,
  'token-classification': tokenClassification,
  'fill-mask': fillMask,
  'question-answering': questionAnswering,
  'zero-shot-classification': zeroShotClassification,
} as const satisfies Partial<Record<keyof TaskTypes, unknown>>

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
  'zero-shot-object-detection': async () =>
    (await import('./zero-shot-object-detection')).zeroShotObjectDetection,
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

/** What a pipeline does for a task. Each task's own types meet here, where only its name tells which they are. */
export const definitionOf = async (name: keyof TaskTypes, task: Task) =>
  (name in fetched ? await fetched[name]!(task) : tasks[name as keyof typeof tasks]) as TaskDefinition<
    unknown,
    object,
    unknown,
    unknown,
    unknown,
    unknown
  >

/** Whether a task's answers are written by its model, of whatever head. */
export const writesAlways = (name: keyof TaskTypes): boolean => name in writing || name in captioning

/** The name of a task, also of an alias. @throws {OptionError} naming the tasks there are */
export function nameOf(task: Task): keyof TaskTypes {
  if (Object.hasOwn(aliases, task)) return aliases[task as keyof typeof aliases]
  if (/^translation_[^_]+_to_[^_]+$/.test(task)) return 'translation'
  const all = { ...tasks, ...fetched }
  if (Object.hasOwn(all, task)) return task as keyof TaskTypes
  const known = [...Object.keys(all), ...Object.keys(aliases)].join(', ')
  throw new OptionError(`There is no task "${task}". Known: ${known}.`)
}
