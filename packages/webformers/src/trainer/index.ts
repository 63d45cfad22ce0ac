/** @file Training: the Trainer, its arguments, callbacks and schedules. */
export { TrainingArguments, type TrainingOptions } from './arguments'
export { type CallbackContext, type TrainerCallback, TrainerControl } from './callbacks'
export type { CheckpointStore } from './checkpoint-store'
export type { CompileOptions } from './compile'
export type {
  ComputeMetrics,
  EvalPrediction,
  PredictionOutput,
  Predictions,
  PreprocessLogits,
} from './evaluation'
export type { FitOptions, History } from './keras'
export type { TrainOutput } from './loop-host'
export type { OptimizerGroup, OptimizerOptions } from './optimizer'
export type { Schedule, SchedulerKwargs, SchedulerType } from './schedulers'
export {
  EarlyStoppingCallback,
  type EarlyStoppingOptions,
  ProgressCallback,
  type TrainingProgress,
} from './standard-callbacks'
export type { CallbackState, LogEntry, TrainerState } from './state'
export type { Trainable } from './trainable'
export { Trainer } from './trainer'
export type { EvaluateOptions, ProcessingClass, TrainerOptions, TrainOptions } from './trainer-options'
