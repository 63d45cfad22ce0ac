/** @file Programs and weights in a worker of their own, on WASM or WebGPU. */
export { type AdapterDescription, chooseDevice, type Device, describeAdapter, findAdapter } from './adapter'
export { type Client, type ClientOptions, connect, type ProgramOptions, type TrainingOptions } from './client'
export { toFloat32 } from './convert'
export type { Capabilities } from './engine'
export * from './errors'
export type { CacheReference } from './generation/cache/kept-cache'
export { FILE as CACHE_FILE, openSavedCache } from './generation/cache/saved-cache'
export type { Constraint, ResponseFormat } from './generation/constraint/format'
export { packBytes, type TokenBytes } from './generation/constraint/vocabulary'
export type { Prompt } from './generation/decoder'
export type { Generated } from './generation/decoding'
export type { Hooks as GenerationHooks } from './generation/hooks'
export type { GenerateOptions, LoadedDecoder } from './generation/loaded-decoder'
export type { SequenceBias } from './generation/processors/bias'
export type { Watermarking } from './generation/processors/watermark'
export type { GenerationMode, GenerationRequest, GenerationSettings } from './generation/settings'
export type { Alignment, SpeechOutput, SpeechRequest, TimestampRules } from './generation/speech/request'
export { packTexts, type TokenTexts } from './generation/stop-strings'
export { transitionScores } from './generation/transition-scores'
export { initialEntry } from './initialize'
export type { CallOptions, LoadedExport, LoadedProgram, RunOptions } from './loaded'
export type { ExportedFiles, ExportedPart, FrozenDescription, OnnxFiles } from './onnx/frozen-model'
export type { ValueType } from './onnx/model-file'
export { hash, randomOf } from './random'
export { type LoadingInfo, type Resolved, resolveParameters, type Wanted, type WeightPolicy } from './resolve'
export { type SaveDType, toBFloat16 } from './save'
export {
  isDType,
  type PlainTensor,
  type PlainTensors,
  sizeOf,
  type TensorArrays,
  type TensorDType,
} from './tensor'
export type { LoadedTraining } from './training/loaded-training'
export type {
  Adafactor,
  AdamW,
  Gradients,
  LossScaling,
  Optimizer,
  ParameterGroup,
  SGD,
  StepOptions,
  StepResult,
  Trainable,
  TrainingProgram,
  TrainingState,
  UpdateOptions,
  UpdateResult,
} from './training/program'
