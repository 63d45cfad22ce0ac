/** @file `AutoProcessor`, and the classes by their names; what they do is fetched when the first is opened. */
import type { FileOptions, Repository, Source } from '@webformers/hub'
import { openSource } from '../configuration'
import type { Processor } from './processor'

export type {
  BatchFeature,
  Coordinates,
  Processor,
  ProcessorInputs,
  ProcessorOptions,
  ProcessorParts,
} from './processor'
export type { GroundedDetection, GroundedOptions } from './queries'

/** A class of processors. */
export interface ProcessorClass {
  /** The processor of a repository: its tokenizer, joined with its image processor or its feature extractor. Like
   * `from_pretrained` in Python.
   * @example
   * const processor = await AutoProcessor.fromPretrained('openai/clip-vit-base-patch32')
   * const inputs = await processor({ text: ['a cat', 'a dog'], images: photo }, { padding: true })
   * const { logits_per_image } = await model(inputs)
   * @throws {RepositoryNotFoundError} @throws {FileNotFoundError} @throws {OfflineError}
   * @throws {OptionError} when no file names a class that is known
   */
  fromPretrained(source: Source | Repository, options?: FileOptions): Promise<Processor>
}

const named = (name?: string): ProcessorClass => ({
  async fromPretrained(source, options = {}) {
    const repository = await openSource(source, options)
    return (await import('./open')).openProcessor(repository, options, name)
  },
})

/** The processor of a repository, of the class that its files name. Like `AutoProcessor` in Python. */
export const AutoProcessor = /* @__PURE__ */ named()
export const BlipProcessor = /* @__PURE__ */ named('BlipProcessor')
export const CLIPProcessor = /* @__PURE__ */ named('CLIPProcessor')
export const ClapProcessor = /* @__PURE__ */ named('ClapProcessor')
/** Takes a list of texts for each image, or an image that shows what is looked for: `processor({ images, queryImages })`. */
export const OwlViTProcessor = /* @__PURE__ */ named('OwlViTProcessor')
/** Takes what `OwlViTProcessor` takes. */
export const Owlv2Processor = /* @__PURE__ */ named('Owlv2Processor')
/** Takes points and boxes: `processor({ images, inputPoints: [[[450, 600]]] })`. */
export const SamProcessor = /* @__PURE__ */ named('SamProcessor')
export const SiglipProcessor = /* @__PURE__ */ named('SiglipProcessor')
/** Texts beside images are labels. */
export const TrOCRProcessor = /* @__PURE__ */ named('TrOCRProcessor')
/** Texts beside sound are labels. */
export const Wav2Vec2Processor = /* @__PURE__ */ named('Wav2Vec2Processor')
/** Texts beside sound are labels. */
export const WhisperProcessor = /* @__PURE__ */ named('WhisperProcessor')
