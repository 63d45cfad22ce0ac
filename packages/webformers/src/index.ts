/** @file webformers: the public names. Nothing runs on import. */

export {
  type CachedFile,
  type CachedRepository,
  cache,
  configure,
  type Defaults,
  type Evicted,
  type FileOptions,
  type GivenFiles,
  isCached,
  type PrefetchOptions,
  type Progress,
  type Pushed,
  type PushOptions,
  prefetch,
  type SaveFilesOptions,
  type SaveTarget,
  type Source,
  type Verification,
  type VerifyOptions,
  zipFiles,
} from '@webformers/hub'
export type { Architecture, Head, Heads, Json, PretrainedConfig, TextInputs } from '@webformers/models'
export * from '@webformers/processors'
export type { LoadingInfo, ResponseFormat } from '@webformers/runtime'
export {
  type AddedToken,
  AutoTokenizer,
  type BatchEncoding,
  basicTextNormalizer,
  type CallOptions as TokenizerCallOptions,
  type ChatEncoding,
  type ChatTemplate,
  type ChatTemplateOptions,
  type CtcDecoded,
  type DecodeOptions,
  type DecodeStream,
  decodeAsr,
  englishTextNormalizer,
  type Offsets,
  type PadOptions,
  type PreTrainedTokenizer,
  promptIds,
  type SaveOptions,
  type SpecialTokenFields,
  type TextInput,
  TokenizerError,
  type TokenizerFiles,
  type TokenLike,
  type TrainingProgress,
  type TrainingTexts,
  type TrainOptions,
  type Transcript,
  type WhisperDecoded,
  whisperLanguages,
} from '@webformers/tokenizers'
export type {
  AdapterConfig,
  AddAdapterOptions,
  LoadAdapterOptions,
  LoraConfig,
  ModelAdapters,
  PromptTuningConfig,
  SaveAdapterOptions,
  TaskType,
} from './adapters'
export * from './all-errors'
export {
  AutoBackbone,
  AutoModel,
  type AutoModelClass,
  AutoModelForAudioClassification,
  AutoModelForAudioFrameClassification,
  AutoModelForAudioXVector,
  AutoModelForCausalLM,
  AutoModelForCTC,
  AutoModelForDepthEstimation,
  AutoModelForDocumentQuestionAnswering,
  AutoModelForImageClassification,
  AutoModelForImageSegmentation,
  AutoModelForImageTextToText,
  AutoModelForInstanceSegmentation,
  AutoModelForKeypointDetection,
  AutoModelForMaskedLM,
  AutoModelForMaskGeneration,
  AutoModelForMultipleChoice,
  AutoModelForObjectDetection,
  AutoModelForQuestionAnswering,
  AutoModelForSemanticSegmentation,
  AutoModelForSeq2SeqLM,
  AutoModelForSequenceClassification,
  AutoModelForSpeechSeq2Seq,
  AutoModelForTextEncoding,
  AutoModelForTokenClassification,
  AutoModelForUniversalSegmentation,
  AutoModelForVision2Seq,
  AutoModelForVisualQuestionAnswering,
  AutoModelForZeroShotImageClassification,
  AutoModelForZeroShotObjectDetection,
  CLIPTextModel,
  CLIPTextModelWithProjection,
  CLIPVisionModel,
  CLIPVisionModelWithProjection,
  OwlViTTextModel,
  OwlViTVisionModel,
  Owlv2TextModel,
  Owlv2VisionModel,
  SiglipTextModel,
  SiglipVisionModel,
  VitPoseForPoseEstimation,
} from './auto'
export * from './chat'
export { AutoConfig, type SavableConfig } from './configuration'
/** A dataset's, not the feature extractors' type of that name. */
export type { Features } from './data'
export * from './data'
export type { FeatureOptions, ModelFeatures } from './features'
export type { ModelGeneration } from './generation'
export { DynamicCache } from './generation/cache'
export type { GenerateOptions, Streamer } from './generation/call'
export { GenerationConfig } from './generation/configuration'
export type { GenerateOutput, Segment } from './generation/outputs'
export type { StreamOptions, TextStreamOptions } from './generation/stream'
export type { SpeechGenerateOptions, SpeechOptions } from './generation/whisper/options'
export type { GradientOptions, Gradients } from './gradients'
export * as graph from './graph'
export type { DecoderModelInputs, ModelInputs, PastKeyValues, TextModelInputs } from './inputs'
export type { Call, ModelInternals } from './internals'
export type { ExportedPrecision, LoadOptions, Precision } from './load-options'
export type { Device, PreTrainedModel } from './model'
export type { ImageObjects } from './objects'
export type {
  BackboneOutput,
  BaseModelOutput,
  CausalLMOutput,
  ContrastiveOutput,
  DepthEstimatorOutput,
  ForwardOptions,
  ImageEmbedsOutput,
  ImageGuidedDetectionOutput,
  KeypointDetectionOutput,
  LogitsOutput,
  MaskGenerationOutput,
  ModelOutput,
  ObjectDetectionOutput,
  Patches,
  PoseEstimatorOutput,
  QuestionAnsweringOutput,
  SegmentationOutput,
  Seq2SeqLMOutput,
  TextEmbedsOutput,
  XVectorOutput,
  ZeroShotObjectDetectionOutput,
} from './outputs'
export * from './pipelines'
export * from './processing'
export type { PushModelOptions } from './push'
export type { Registration } from './registry'
export type { ModelFilesOptions, SaveModelOptions } from './save'
export type { ModelSaving } from './saving'
export type {
  CountOptions,
  Embeddings,
  ModelSurgery,
  Parameter,
  PrunedHeads,
  ResizeOptions,
  Selection,
} from './surgery'
export { type DType, type Nested, type Tensor, tensor, toList } from './tensor'
export type { OnnxOptions } from './to-onnx'
export * from './trainer'
