/** @file What a model that compares gives of one side alone: its place in the space that both share. */
import type { PlainTensors } from '@webformers/runtime'
import { completeInputs, type ModelInputs } from './inputs'
import type { ImageGuidedDetectionOutput } from './outputs'
import type { Programs } from './programs'
import { requestOf } from './requests'
import type { Tensor } from './tensor'

export interface FeatureOptions {
  /** Images may be of another size than that which the model was made for. Like `interpolate_pos_encoding`. */
  interpolatePosEncoding?: boolean
  signal?: AbortSignal
}

export interface ModelFeatures {
  /** Images as the model compares them, not yet of unit length. Like `get_image_features` in Python.
   * @example
   * const { data } = await model.getImageFeatures(await processor(photo)) // { dtype: 'float32', shape: [1, 512], data: … }
   * @throws {GraphError} when the model does not compare images
   * @throws {InputError}
   */
  getImageFeatures(inputs: ModelInputs, options?: FeatureOptions): Promise<Tensor<'float32'>>
  /** Texts as the model compares them, not yet of unit length. Like `get_text_features` in Python.
   * @throws {GraphError} when the model does not compare texts
   */
  getTextFeatures(inputs: ModelInputs, options?: FeatureOptions): Promise<Tensor<'float32'>>
  /** Sounds as the model compares them. Like `get_audio_features` in Python.
   * @throws {GraphError} when the model does not compare sounds
   */
  getAudioFeatures(inputs: ModelInputs, options?: FeatureOptions): Promise<Tensor<'float32'>>
  /** What SAM makes of an image before it is asked for anything in it: `image_embeddings` of as many calls as there are prompts. Like
   * `get_image_embeddings` in Python.
   * @example
   * const { pixel_values } = await processor(photo)
   * const image_embeddings = await model.getImageEmbeddings(pixel_values) // { dtype: 'float32', shape: [1, 256, 64, 64], data: … }
   * const { pred_masks, iou_scores } = await model({ image_embeddings, input_points: [[[[450, 600]]]] })
   * @throws {GraphError} when the model has none
   */
  getImageEmbeddings(pixels: Pixels, options?: FeatureOptions): Promise<Tensor<'float32'>>
  /** What looks like another image, of which there is one for each: what OWL-ViT detects without a text. Like
   * `image_guided_detection` in Python.
   * @example
   * const inputs = await processor({ images: photo, queryImages: cat })
   * const { logits, target_pred_boxes } = await model.imageGuidedDetection(inputs) // [1, 576, 1] and [1, 576, 4]
   * @throws {GraphError} when the model knows no such thing
   */
  imageGuidedDetection(
    inputs: Readonly<Record<'pixel_values' | 'query_pixel_values', Tensor>>,
    options?: FeatureOptions,
  ): Promise<ImageGuidedDetectionOutput>
}

/** What `imageGuidedDetection` gives. */
const GUIDED = [
  'logits',
  'image_embeds',
  'query_image_embeds',
  'target_pred_boxes',
  'query_pred_boxes',
  'class_embeds',
]

/** The pixels of one image or of several. */
type Pixels = Tensor<'float32'> | { readonly pixel_values: Tensor<'float32'> }

export function featuresOf(model: Programs): ModelFeatures {
  const get =
    (output: string) =>
    async (inputs: ModelInputs, options: FeatureOptions = {}) => {
      const { [output]: features } = await model.during(compute(model, [output], inputs, options))
      return features as Tensor<'float32'>
    }
  return {
    getImageFeatures: get('image_features'),
    getTextFeatures: get('text_features'),
    getAudioFeatures: get('audio_features'),
    getImageEmbeddings: (pixels, options) => {
      const pixel_values = 'data' in pixels ? pixels : pixels.pixel_values
      return get('image_embeddings')({ pixel_values }, options)
    },
    imageGuidedDetection: async (inputs, options = {}) =>
      (await model.during(compute(model, GUIDED, inputs, options))) as unknown as ImageGuidedDetectionOutput,
  }
}

/** What the program of some outputs takes of the inputs; a processor may give those of the other side, too. */
async function compute(
  model: Programs,
  outputs: readonly string[],
  inputs: ModelInputs,
  { signal, ...options }: FeatureOptions,
): Promise<PlainTensors> {
  const plain = requestOf(inputs, options, model.configured.architecture.optional)
  const request = model.adapters?.request(plain) ?? plain
  const loaded = await model.only(outputs, request, signal)
  const { program } = loaded
  const given = Object.entries(completeInputs(request.inputs, program, model.configured))
  const taken = Object.fromEntries(given.filter(([name]) => name in program.inputs))
  return model.using(loaded.run(model.adapters?.feed(taken, program) ?? taken, { signal }))
}
