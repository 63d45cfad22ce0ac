/** @file The Auto classes: a repository's `model_type` chooses the architecture, the class chooses the head. */
import type { Repository, Source } from '@webformers/hub'
import type { Head, Json } from '@webformers/models'
import type { LoadingInfo } from '@webformers/runtime'
import { openSource } from './configuration'
import type { InfoOptions, LoadOptions } from './load-options'
import { loadModel, type PreTrainedModel } from './model'
import type {
  BackboneOutput,
  BaseModelOutput,
  CausalLMOutput,
  ContrastiveOutput,
  DepthEstimatorOutput,
  ImageEmbedsOutput,
  KeypointDetectionOutput,
  LogitsOutput,
  MaskGenerationOutput,
  ModelOutput,
  ObjectDetectionOutput,
  PoseEstimatorOutput,
  QuestionAnsweringOutput,
  SegmentationOutput,
  Seq2SeqLMOutput,
  TextEmbedsOutput,
  XVectorOutput,
  ZeroShotObjectDetectionOutput,
} from './outputs'
import { register } from './registry'

/** Loads models with one kind of head. */
export interface AutoModelClass<O extends ModelOutput = ModelOutput> {
  /** Load the model in a repository, at a URL, or in a picked directory.
   * @example
   * await using model = await AutoModelForMaskedLM.fromPretrained('google-bert/bert-base-uncased', { device: 'webgpu' })
   * const { logits } = await model(tokenizer('Paris is the [MASK] of France.')) // shape [1, 9, 30522]
   * const [, info] = await AutoModelForTokenClassification.fromPretrained(repo, { outputLoadingInfo: true })
   * info.missing_keys // ['classifier.bias', 'classifier.weight']: new, and told in a warning
   * @throws {RepositoryNotFoundError} @throws {FileNotFoundError} @throws {GatedRepositoryError} @throws {OfflineError}
   * @throws {UnknownArchitectureError} when nobody has written or registered its `model_type`, or this head of it
   * @throws {TruncatedFileError} @throws {CorruptCheckpointError} @throws {MissingTensorError} @throws {TensorShapeError}
   * @throws {UnsupportedDeviceError} when the device asked for is not there
   * @throws {FrozenModelError} when only an exported graph is there, and it does not give what the class is for
   */
  fromPretrained(
    source: Source | Repository,
    options: LoadOptions & InfoOptions & { outputLoadingInfo: true },
  ): Promise<[model: PreTrainedModel<O>, info: LoadingInfo]>
  fromPretrained(source: Source | Repository, options?: LoadOptions): Promise<PreTrainedModel<O>>
  /** A model whose weights are all new, drawn with `seed`: to be trained from scratch. Like `from_config` in Python.
   * @example
   * const config = { model_type: 'bert', hidden_size: 128, num_hidden_layers: 2, num_attention_heads: 2, vocab_size: 8000 }
   * await using model = await AutoModelForTokenClassification.fromConfig(config, { seed: 1 })
   * model.numParameters() // 1455234
   * @throws {UnknownArchitectureError} @throws {ConfigurationError}
   */
  fromConfig(
    config: Json,
    options?: Pick<LoadOptions, 'device' | 'threads' | 'seed' | 'outputs' | 'signal'>,
  ): Promise<PreTrainedModel<O>>
}

function withHead<O extends ModelOutput>(head: Head): AutoModelClass<O> {
  async function fromPretrained(source: Source | Repository, options: LoadOptions & InfoOptions = {}) {
    const { model, info } = await loadModel<O>(
      (signal) => openSource(source, { ...options, signal }),
      head,
      options,
    )
    return options.outputLoadingInfo ? [model, info] : model
  }
  const fromConfig: AutoModelClass<O>['fromConfig'] = async (config, options = {}) => {
    const open = async (signal: AbortSignal) => (await import('./from-config')).openConfig(config, signal)
    return (await loadModel<O>(open, head, { ...options, dtype: 'fp32', fromScratch: true })).model
  }
  return { fromPretrained: fromPretrained as AutoModelClass<O>['fromPretrained'], fromConfig }
}

/** The bare encoder. Like `AutoModel` in Python. */
export const AutoModel = { .../* @__PURE__ */ withHead<BaseModelOutput>('Model'), register }
/** The encoder alone, also of a model that goes from one sequence to another. Like `AutoModelForTextEncoding` in Python. */
export const AutoModelForTextEncoding = /* @__PURE__ */ withHead<BaseModelOutput>('EncoderModel')
/** Predicts what stands behind mask tokens. Like `AutoModelForMaskedLM` in Python. */
export const AutoModelForMaskedLM = /* @__PURE__ */ withHead<LogitsOutput>('ForMaskedLM')
/** Labels texts. Like `AutoModelForSequenceClassification` in Python. */
export const AutoModelForSequenceClassification =
  /* @__PURE__ */ withHead<LogitsOutput>('ForSequenceClassification')
/** Labels tokens. Like `AutoModelForTokenClassification` in Python. */
export const AutoModelForTokenClassification =
  /* @__PURE__ */ withHead<LogitsOutput>('ForTokenClassification')
/** Marks where answers start and end. Like `AutoModelForQuestionAnswering` in Python. */
export const AutoModelForQuestionAnswering =
  /* @__PURE__ */ withHead<QuestionAnsweringOutput>('ForQuestionAnswering')
/** Says what comes next. Like `AutoModelForCausalLM` in Python. */
export const AutoModelForCausalLM = /* @__PURE__ */ withHead<CausalLMOutput>('ForCausalLM')
/** Makes one text of another. Like `AutoModelForSeq2SeqLM` in Python. */
export const AutoModelForSeq2SeqLM = /* @__PURE__ */ withHead<Seq2SeqLMOutput>('ForConditionalGeneration')
/** Chooses among continuations. Like `AutoModelForMultipleChoice` in Python. */
export const AutoModelForMultipleChoice = /* @__PURE__ */ withHead<LogitsOutput>('ForMultipleChoice')
/** Labels images. Like `AutoModelForImageClassification` in Python. */
export const AutoModelForImageClassification =
  /* @__PURE__ */ withHead<LogitsOutput>('ForImageClassification')

/** Labels sounds. Like `AutoModelForAudioClassification` in Python. */
export const AutoModelForAudioClassification =
  /* @__PURE__ */ withHead<LogitsOutput>('ForAudioClassification')
/** Labels each frame of a sound. Like `AutoModelForAudioFrameClassification` in Python. */
export const AutoModelForAudioFrameClassification = /* @__PURE__ */ withHead<LogitsOutput>(
  'ForAudioFrameClassification',
)
/** Tells speakers apart: sounds of one have similar `embeddings`. Like `AutoModelForAudioXVector` in Python. */
export const AutoModelForAudioXVector = /* @__PURE__ */ withHead<XVectorOutput>('ForAudioXVector')
/** Scores tokens at each frame of a sound. Like `AutoModelForCTC` in Python. */
export const AutoModelForCTC = /* @__PURE__ */ withHead<LogitsOutput>('ForCTC')
/** Writes what is said. Like `AutoModelForSpeechSeq2Seq` in Python. */
export const AutoModelForSpeechSeq2Seq = /* @__PURE__ */ withHead<Seq2SeqLMOutput>('ForConditionalGeneration')

/** Finds objects on images: their classes and boxes. Like `AutoModelForObjectDetection` in Python.
 * @example
 * await using model = await AutoModelForObjectDetection.fromPretrained('facebook/detr-resnet-50')
 * const { logits, pred_boxes } = await model(await processor(photo)) // [1, 100, 92] and [1, 100, 4]
 */
export const AutoModelForObjectDetection =
  /* @__PURE__ */ withHead<ObjectDetectionOutput>('ForObjectDetection')
/** Finds what texts name. Like `AutoModelForZeroShotObjectDetection` in Python.
 * @example
 * await using model = await AutoModelForZeroShotObjectDetection.fromPretrained('google/owlvit-base-patch32')
 * const inputs = await processor({ text: [['a cat', 'a remote control']], images: photo })
 * const { logits, pred_boxes } = await model(inputs) // [1, 576, 2] and [1, 576, 4]
 */
export const AutoModelForZeroShotObjectDetection = /* @__PURE__ */ withHead<ZeroShotObjectDetectionOutput>(
  'ForZeroShotObjectDetection',
)
/** Objects with masks, as DETR's panoptic models give. Like `AutoModelForImageSegmentation` in Python. */
export const AutoModelForImageSegmentation =
  /* @__PURE__ */ withHead<SegmentationOutput>('ForImageSegmentation')
/** The same, whatever kind of segmentation is made of it. Like `AutoModelForUniversalSegmentation` in Python. */
export const AutoModelForUniversalSegmentation =
  /* @__PURE__ */ withHead<SegmentationOutput>('ForUniversalSegmentation')
/** Tells the things on images apart. Like `AutoModelForInstanceSegmentation` in Python, which knows no model that is written here. */
export const AutoModelForInstanceSegmentation =
  /* @__PURE__ */ withHead<SegmentationOutput>('ForInstanceSegmentation')
/** Gives each pixel a class. Like `AutoModelForSemanticSegmentation` in Python. */
export const AutoModelForSemanticSegmentation =
  /* @__PURE__ */ withHead<LogitsOutput>('ForSemanticSegmentation')
/** Tells how far away each pixel is. Like `AutoModelForDepthEstimation` in Python. */
export const AutoModelForDepthEstimation =
  /* @__PURE__ */ withHead<DepthEstimatorOutput>('ForDepthEstimation')
/** Finds points that are found again on other images. Like `AutoModelForKeypointDetection` in Python.
 * @example
 * await using model = await AutoModelForKeypointDetection.fromPretrained('magic-leap-community/superpoint')
 * const outputs = await model(await processor(photo))
 * const [found] = await processor.postProcessKeypointDetection(outputs, { targetSizes: [[480, 640]] })
 * found.keypoints // [[123, 45], …]
 */
export const AutoModelForKeypointDetection =
  /* @__PURE__ */ withHead<KeypointDetectionOutput>('ForKeypointDetection')
/** Draws masks of what is pointed at, as SAM. Like `AutoModelForMaskGeneration` in Python. */
export const AutoModelForMaskGeneration = /* @__PURE__ */ withHead<MaskGenerationOutput>('ForMaskGeneration')

/** Compares images and texts, as CLIP and SigLIP. Like `AutoModelForZeroShotImageClassification` in Python. */
export const AutoModelForZeroShotImageClassification = /* @__PURE__ */ withHead<ContrastiveOutput>('Model')
/** Writes about images. Like `AutoModelForVision2Seq` in Python. */
export const AutoModelForVision2Seq = /* @__PURE__ */ withHead<LogitsOutput>('ForConditionalGeneration')
/** Writes about images and texts. Like `AutoModelForImageTextToText` in Python. */
export const AutoModelForImageTextToText = /* @__PURE__ */ withHead<LogitsOutput>('ForConditionalGeneration')
/** Answers questions about images. Like `AutoModelForVisualQuestionAnswering` in Python. */
export const AutoModelForVisualQuestionAnswering =
  /* @__PURE__ */ withHead<LogitsOutput>('ForQuestionAnswering')
/** Answers questions about documents. Like `AutoModelForDocumentQuestionAnswering` in Python. */
export const AutoModelForDocumentQuestionAnswering =
  /* @__PURE__ */ withHead<LogitsOutput>('ForQuestionAnswering')
/** Gives feature maps of an image, for others to build on. Like `AutoBackbone` in Python. */
export const AutoBackbone = /* @__PURE__ */ withHead<BackboneOutput>('Backbone')
/** The tower of CLIP that reads texts, also of a whole model. Like `CLIPTextModel` in Python. */
export const CLIPTextModel = /* @__PURE__ */ withHead<BaseModelOutput>('TextModel')
/** The same with the projection into the space of images. Like `CLIPTextModelWithProjection` in Python. */
export const CLIPTextModelWithProjection =
  /* @__PURE__ */ withHead<TextEmbedsOutput>('TextModelWithProjection')
/** The tower of CLIP that sees images, also of a whole model. Like `CLIPVisionModel` in Python. */
export const CLIPVisionModel = /* @__PURE__ */ withHead<BaseModelOutput>('VisionModel')
/** The same with the projection into the space of texts. Like `CLIPVisionModelWithProjection` in Python. */
export const CLIPVisionModelWithProjection =
  /* @__PURE__ */ withHead<ImageEmbedsOutput>('VisionModelWithProjection')
/** The tower of OWL-ViT that reads texts, also of a whole model. Like `OwlViTTextModel` in Python. */
export const OwlViTTextModel = /* @__PURE__ */ withHead<BaseModelOutput>('TextModel')
/** The tower of OWL-ViT that sees images, also of a whole model. Like `OwlViTVisionModel` in Python. */
export const OwlViTVisionModel = /* @__PURE__ */ withHead<BaseModelOutput>('VisionModel')
/** The tower of OWLv2 that reads texts, also of a whole model. Like `Owlv2TextModel` in Python. */
export const Owlv2TextModel = /* @__PURE__ */ withHead<BaseModelOutput>('TextModel')
/** The tower of OWLv2 that sees images, also of a whole model. Like `Owlv2VisionModel` in Python. */
export const Owlv2VisionModel = /* @__PURE__ */ withHead<BaseModelOutput>('VisionModel')
/** Tells where the keypoints of bodies are likely to be. Like `VitPoseForPoseEstimation` in Python, which has no Auto class for it.
 * @example
 * const boxes = [[[412.8, 157.6, 53.1, 138.0]]] // of what an object detector found: left, top, width, height
 * const processor = await AutoImageProcessor.fromPretrained('usyd-community/vitpose-base-simple')
 * await using model = await VitPoseForPoseEstimation.fromPretrained('usyd-community/vitpose-base-simple')
 * const outputs = await model(await processor(photo, { boxes })) // heatmaps [1, 17, 64, 48]
 * const [[body]] = await processor.postProcessPoseEstimation(outputs, boxes, { threshold: 0.3 })
 * body.keypoints // [[430.2, 172.5], …]
 */
export const VitPoseForPoseEstimation = /* @__PURE__ */ withHead<PoseEstimatorOutput>('ForPoseEstimation')
/** The tower of SigLIP that reads texts, also of a whole model. Like `SiglipTextModel` in Python. */
export const SiglipTextModel = /* @__PURE__ */ withHead<BaseModelOutput>('TextModel')
/** The tower of SigLIP that sees images, also of a whole model. Like `SiglipVisionModel` in Python. */
export const SiglipVisionModel = /* @__PURE__ */ withHead<BaseModelOutput>('VisionModel')
