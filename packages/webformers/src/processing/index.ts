/** @file `AutoProcessor`, and the classes by their names; what they do is fetched when the first is opened. */
import type { FileOptions, Repository, Source } from '@webformers/hub'
import { openSource } from '../configuration'
import type { DonutValue } from './donut'
import type { Processor } from './processor'

export type { ProcessorChatOptions } from './chat'
export type { DonutValue } from './donut'
export type { BatchFeature, Coordinates, ProcessorInputs, ProcessorOptions } from './inputs'
export type { Processor, ProcessorParts } from './processor'

/** A class of processors. */
export interface ProcessorClass<P extends Processor = Processor> {
  /** The processor of a repository: its tokenizer, joined with its image processor or its feature extractor. Like
   * `from_pretrained` in Python.
   * @example
   * const processor = await AutoProcessor.fromPretrained('openai/clip-vit-base-patch32')
   * const inputs = await processor({ text: ['a cat', 'a dog'], images: photo }, { padding: true })
   * const { logits_per_image } = await model(inputs)
   * @throws {RepositoryNotFoundError} @throws {FileNotFoundError} @throws {OfflineError}
   * @throws {OptionError} when no file names a class that is known
   */
  fromPretrained(source: Source | Repository, options?: FileOptions): Promise<P>
}

const named = <P extends Processor = Processor>(name?: string): ProcessorClass<P> => ({
  async fromPretrained(source, options = {}) {
    const repository = await openSource(source, options)
    return (await import('./open')).openProcessor(repository, options, name) as Promise<P>
  },
})

export interface DonutProcessor extends Processor {
  /** What the model wrote, as JSON. Like `token2json` in Python.
   * @example
   * processor.token2json('<s_menu><s_name>Latte</s_name><s_price>4.50</s_price></s_menu>')
   * // { menu: { name: 'Latte', price: '4.50' } }
   */
  token2json(text: string): DonutValue
}

/** The processor of a repository, of the class that its files name. Like `AutoProcessor` in Python. */
export const AutoProcessor = /* @__PURE__ */ named()
export const BlipProcessor = /* @__PURE__ */ named('BlipProcessor')
export const CLIPProcessor = /* @__PURE__ */ named('CLIPProcessor')
export const ClapProcessor = /* @__PURE__ */ named('ClapProcessor')
/** Texts beside images are labels, without the tokens that begin and end texts. */
export const DonutProcessor = /* @__PURE__ */ named<DonutProcessor>('DonutProcessor')
/** Images stand among the words of a text, at each `<image>` one. */
export const Idefics3Processor = /* @__PURE__ */ named('Idefics3Processor')
/** Takes points and boxes: `processor({ images, inputPoints: [[[450, 600]]] })`. */
export const SamProcessor = /* @__PURE__ */ named('SamProcessor')
export const SiglipProcessor = /* @__PURE__ */ named('SiglipProcessor')
/** Images stand among the words of a text, at each `<image>` one. */
export const SmolVLMProcessor = /* @__PURE__ */ named('SmolVLMProcessor')
/** Texts beside images are labels. */
export const TrOCRProcessor = /* @__PURE__ */ named('TrOCRProcessor')
/** Texts beside sound are labels. */
export const Wav2Vec2Processor = /* @__PURE__ */ named('Wav2Vec2Processor')
/** Texts beside sound are labels. */
export const WhisperProcessor = /* @__PURE__ */ named('WhisperProcessor')
