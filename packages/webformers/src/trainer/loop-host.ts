/** @file What the training loop gets from its Trainer, and what it gives back. */
import type { DataCollator, Items } from '../data'
import type { TrainingArguments } from './arguments'
import type { CallbackHandler, TrainerControl } from './callbacks'
import type { CheckpointStore } from './checkpoint-store'
import type { Resumption } from './checkpoints'
import type { OptimizerOptions } from './optimizer'
import type { Schedule } from './schedulers'
import type { LogEntry, TrainerState } from './state'
import type { LossOptions, TrainableModel, TrainingRun } from './trainable'

/** What the loop needs of its Trainer. */
export interface LoopHost {
  readonly args: TrainingArguments
  readonly model: TrainableModel
  readonly control: TrainerControl
  readonly callbacks: CallbackHandler
  readonly checkpoints: CheckpointStore
  readonly dataset: Items
  readonly collate: DataCollator
  readonly loss: LossOptions
  readonly optimizer: OptimizerOptions | undefined
  readonly schedule: Schedule | undefined
  readonly paddingToken: number | undefined
  readonly batchSize: number
  readonly signal: AbortSignal | undefined
  state: TrainerState
  /** What evaluates while the training runs. */
  run: TrainingRun | undefined
  /** Waits while the training is paused. */
  unpaused(): Promise<void>
  evaluate(): Promise<LogEntry>
  log(logs: LogEntry): Promise<void>
  modelFiles(): Promise<Record<string, Blob>>
}

/** What a training was. Like `TrainOutput` in Python. */
export interface TrainOutput {
  readonly globalStep: number
  readonly trainingLoss: number
  readonly metrics: LogEntry
}

/** The state and what is beside it in a checkpoint. */
export interface ResumeFrom {
  readonly files: Readonly<Record<string, Blob>>
  readonly state: TrainerState
  readonly resumption: Resumption
}
