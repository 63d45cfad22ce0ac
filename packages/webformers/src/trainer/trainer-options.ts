/** @file What a Trainer is made of, and what its methods take. */
import type { DataCollator, Items } from '../data'
import type { TrainingArguments } from './arguments'
import type { TrainerCallback } from './callbacks'
import type { CheckpointStore } from './checkpoint-store'
import type { ComputeMetrics, PreprocessLogits } from './evaluation'
import type { OptimizerOptions } from './optimizer'
import type { Schedule } from './schedulers'
import type { Trainable } from './trainable'

/** A tokenizer or an image processor, as a Trainer uses it. */
export interface ProcessingClass {
  readonly padTokenId?: number | null
  /** What is saved beside the model. */
  toFiles?(): Promise<Record<string, Blob>>
}

export interface TrainerOptions<Item extends object = object> {
  model: Trainable
  /** Default: Python's. */
  args?: TrainingArguments
  /** A list or a dataset, or a stream: then with `maxSteps`. */
  trainDataset?: Items<Item>
  /** One, or several by name. */
  evalDataset?: Items<Item> | Readonly<Record<string, Items<Item>>>
  /** Makes batches of items. Default: one that pads, where `processingClass` is a tokenizer, else one that stacks. */
  dataCollator?: DataCollator<Item>
  /** The tokenizer or processor that belongs to the model; it is saved with it. */
  processingClass?: ProcessingClass
  /** What is measured of predictions. */
  computeMetrics?: ComputeMetrics
  /** Makes less of predictions before they are kept. */
  preprocessLogitsForMetrics?: PreprocessLogits
  callbacks?: readonly TrainerCallback[]
  /** An optimizer and a schedule of one's own; the schedule gives the factor of the learning rate at each step. */
  optimizers?: readonly [OptimizerOptions?, Schedule?]
  /** A loss of one's own, in graph terms: `(outputs, labels) => lazy scalar`, the mean over the batch. */
  computeLoss?: unknown
  /** Where checkpoints are kept. Default: IndexedDB, under `args.outputDir`. */
  checkpoints?: CheckpointStore
}

export interface TrainOptions {
  /** `true` for the last checkpoint, or the name of one: `'indexeddb://spam/checkpoint-500'`. */
  resumeFromCheckpoint?: boolean | string
  /** Ends the training; the model keeps the weights it has by then. */
  signal?: AbortSignal
}

export interface EvaluateOptions {
  /** What the names of metrics begin with. Default: `'eval'`, or `'test'` for predictions. */
  metricKeyPrefix?: string
  signal?: AbortSignal
}
