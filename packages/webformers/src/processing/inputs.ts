/** @file What processors are called with, and what they give. */
import type {
  AudioInput,
  FeatureExtractorOptions,
  ImageInputs,
  ImageProcessorOptions,
} from '@webformers/processors'
import type { TextInput, CallOptions as TextOptions } from '@webformers/tokenizers'
import type { Nested, Tensor } from '../tensor'

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
  text?: TextInput
  /** Of SmolVLM and Idefics3 as many as the texts have places for, in their order, or a list for each text. */
  images?: ImageInputs
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
