/** @file Training: the Trainer, its arguments, its callbacks and its schedules. */
export { TrainingArguments } from './arguments'
export { type CallbackContext, type TrainerCallback, TrainerControl } from './callbacks'
export type { PredictionOutput } from './evaluation'
export { EarlyStoppingCallback, type EarlyStoppingOptions, ProgressCallback } from './standard-callbacks'
export type { LogEntry, TrainerState } from './state'
export { Trainer } from './trainer'
