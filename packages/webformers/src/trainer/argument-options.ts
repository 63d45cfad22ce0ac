/** @file The options of TrainingArguments, with Python's defaults. */

import {
  choice,
  count,
  flag,
  interval,
  names,
  number,
  optional,
  options,
  share,
  some,
  text,
} from './option-specs'
import type { PlateauKwargs } from './plateau'
import { type SchedulerKwargs, schedulerTypes } from './schedulers'

/** The optimizers there are; `adamw_torch` and `adamw_torch_fused` are one. */
export const optimizerNames = ['adamw_torch_fused', 'adamw_torch', 'adafactor', 'sgd'] as const

export const argumentOptions = {
  /** The name under which checkpoints are kept in the browser: `indexeddb://<outputDir>/checkpoint-500`. */
  outputDir: text('trainer_output'),

  /** When to evaluate. */
  evalStrategy: choice('no', ['no', 'steps', 'epoch']),
  /** Give only the loss when evaluating. */
  predictionLossOnly: flag(false),
  /** Examples in a batch of training. */
  perDeviceTrainBatchSize: count(8, 1),
  /** Examples in a batch of evaluation. */
  perDeviceEvalBatchSize: count(8, 1),
  /** Batches whose gradients make one step. */
  gradientAccumulationSteps: count(1, 1),
  /** Steps or epochs, as `evalStrategy` tells, before the first evaluation. */
  evalDelay: number(0),

  /** The learning rate that the schedule begins or peaks with. */
  learningRate: number(5e-5),
  /** How much weights shrink at each step; biases and the weights of norms do not. */
  weightDecay: number(0),
  adamBeta1: share(0.9),
  adamBeta2: share(0.999),
  adamEpsilon: number(1e-8),
  /** Larger gradients are scaled down to this norm; 0 for never. */
  maxGradNorm: number(1),

  /** How often to go through the dataset; 2.5 for two and a half times. */
  numTrainEpochs: number(3),
  /** Steps to train; takes the place of `numTrainEpochs` when it is above 0. */
  maxSteps: count(-1, -1),
  /** How the learning rate goes on. */
  lrSchedulerType: choice('linear', schedulerTypes),
  /** What the schedule takes besides: `{ numCycles: 3 }`. */
  lrSchedulerKwargs: options<SchedulerKwargs & PlateauKwargs>(),
  /** The part of all steps in which the learning rate grows. */
  warmupRatio: share(0),
  /** Steps in which the learning rate grows; takes the place of `warmupRatio` when it is above 0. */
  warmupSteps: count(0),

  /** When to log. */
  loggingStrategy: choice('steps', ['no', 'steps', 'epoch']),
  /** Log the first step too. */
  loggingFirstStep: flag(false),
  /** Steps from one log to the next; below 1 the part of all steps. */
  loggingSteps: interval(500),
  /** A loss that is no number counts in the log as the mean of the others. */
  loggingNanInfFilter: flag(true),

  /** When to save a checkpoint. */
  saveStrategy: choice('steps', ['no', 'steps', 'epoch', 'best']),
  /** Steps from one checkpoint to the next; below 1 the part of all steps. */
  saveSteps: interval(500),
  /** Checkpoints that are kept, the best one besides. */
  saveTotalLimit: optional(count(0)),
  /** Save no optimizer and no schedule: smaller, and nothing to resume from. */
  saveOnlyModel: flag(false),
  /** On resuming, callbacks go on where the checkpoint left them. */
  restoreCallbackStatesFromCheckpoint: flag(false),

  /** What dropout, masking and the order of the data are drawn from. */
  seed: count(42),
  /** What the order of the data is drawn from, where that shall be another. */
  dataSeed: optional(count(0)),
  /** Compute in half precision where that is safe, with a scaled loss; on WebGPU. */
  fp16: flag(false),

  /** Leave out the last batch when it is not full. */
  dataloaderDropLast: flag(false),
  /** Steps from one evaluation to the next; below 1 the part of all steps. Default: `loggingSteps`. */
  evalSteps: optional(interval(0)),
  /** Leave out what the model does not take before collating. */
  removeUnusedColumns: flag(true),
  /** Which inputs are labels. Default: those of the model's head. */
  labelNames: optional(names([])),

  /** End with the weights of the best checkpoint. */
  loadBestModelAtEnd: flag(false),
  /** What tells the best: `'loss'`, or what `computeMetrics` gives. */
  metricForBestModel: optional(text('loss')),
  /** Whether more of it is better. Default: unless its name ends in "loss". */
  greaterIsBetter: optional(flag(false)),
  /** On resuming, begin the epoch anew instead of going on in its midst. */
  ignoreDataSkip: flag(false),

  /** The part of each label's probability that is spread over all labels. */
  labelSmoothingFactor: share(0),
  optim: choice('adamw_torch_fused', optimizerNames),
  /** Make batches of examples of about one length. */
  groupByLength: flag(false),
  /** Where an example keeps its length, if it does. */
  lengthColumnName: text('length'),

  /** Compute activations again instead of keeping them: less memory, more time. */
  gradientCheckpointing: flag(false),
  /** What `computeMetrics` gets besides predictions and labels. */
  includeForMetrics: some(['inputs', 'loss']),
  /** Join predictions of all batches to one array; otherwise they stay a list. */
  evalDoConcatBatches: flag(true),
  /** When memory does not suffice, begin anew with batches of half the size. */
  autoFindBatchSize: flag(false),
  /** Log how many tokens a second were trained on. */
  includeTokensPerSecond: flag(false),
  /** Count the tokens trained on, all of them or those that are no padding. */
  includeNumInputTokensSeen: choice(false, [false, true, 'no', 'all', 'non_padding']),
  /** Call `computeMetrics` for each batch, the last time with `computeResult: true`. */
  batchEvalMetrics: flag(false),
  /** Evaluate before the first step. */
  evalOnStart: flag(false),

  /** What to do when a loss is no number: end with an error that names step and batch, or leave that step out.
   * Python's trainer goes on with weights that are no numbers. */
  onNonFiniteLoss: choice('stop', ['stop', 'skip']),
}

export type ArgumentValues = {
  readonly [K in keyof typeof argumentOptions]: (typeof argumentOptions)[K]['default']
}
