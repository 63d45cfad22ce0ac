/** @file Training the Keras way: a Trainer does what `fit` says. */
import type { DataCollator, Items } from '../data'
import { TrainingArguments } from './arguments'
import type { TrainerCallback } from './callbacks'
import { type CompileOptions, optimizers } from './compile'
import type { ComputeMetrics, EvalPrediction, Predictions } from './evaluation'
import { IGNORED } from './loss-count'
import type { OptimizerOptions } from './optimizer'
import type { TrainerState } from './state'
import type { Trainable } from './trainable'
import { Trainer } from './trainer'
import type { ProcessingClass } from './trainer-options'

export interface FitOptions<Item extends object = object> {
  /** How often to go through the data. Default: 1. */
  epochs?: number
  /** Default: 32. */
  batchSize?: number
  /** What to evaluate after each epoch. */
  validationData?: Items<Item>
  callbacks?: readonly TrainerCallback[]
  dataCollator?: DataCollator<Item>
  /** The tokenizer, where batches are to be padded. */
  processingClass?: ProcessingClass
  seed?: number
  signal?: AbortSignal
}

/** What each epoch gave. Like `keras.callbacks.History`. */
export interface History {
  /** The epochs, from 0 on. */
  readonly epoch: readonly number[]
  /** `loss`, and of the validation data `val_loss` and its metrics: a value for each epoch. */
  readonly history: Readonly<Record<string, readonly number[]>>
}

/** Train a model as it was compiled. */
export async function fit<Item extends object>(
  model: Trainable,
  chosen: CompileOptions,
  dataset: Items<Item>,
  options: FitOptions<Item> = {},
): Promise<History> {
  const {
    epochs = 1,
    batchSize = 32,
    validationData,
    callbacks,
    dataCollator,
    processingClass,
    seed,
  } = options
  const trainer = new Trainer<Item>({
    model,
    args: new TrainingArguments({
      numTrainEpochs: epochs,
      perDeviceTrainBatchSize: batchSize,
      perDeviceEvalBatchSize: batchSize,
      evalStrategy: validationData ? 'epoch' : 'no',
      loggingStrategy: 'epoch',
      saveStrategy: 'no',
      lrSchedulerType: 'constant',
      maxGradNorm: 0,
      seed,
    }),
    trainDataset: dataset,
    evalDataset: validationData,
    dataCollator,
    processingClass,
    computeMetrics: chosen.metrics?.length ? measuring(chosen.metrics) : undefined,
    callbacks,
    optimizers: [optimizerOf(chosen)],
    computeLoss: chosen.loss,
  })
  await trainer.train({ signal: options.signal })
  return historyOf(trainer.state)
}

function optimizerOf({
  optimizer = { kind: 'adamw', learningRate: 5e-5 },
}: CompileOptions): OptimizerOptions {
  return typeof optimizer === 'string' ? optimizers[optimizer] : optimizer
}

const measuring =
  (metrics: readonly ('accuracy' | ComputeMetrics)[]): ComputeMetrics =>
  async (prediction) => {
    const measured = metrics.map((metric) =>
      metric === 'accuracy' ? accuracy(prediction) : metric(prediction),
    )
    return Object.assign({}, ...(await Promise.all(measured)))
  }

/** How many of the labels that count are where the logits are largest. */
function accuracy({ predictions, labelIds }: EvalPrediction): { accuracy: number } {
  const [logits, labels] = [first(predictions), first(labelIds)]
  const classes = logits.data.length / labels.data.length
  let [right, counted] = [0, 0]
  for (let i = 0; i < labels.data.length; i++) {
    const label = Number(labels.data[i])
    if (label === IGNORED) continue
    counted++
    const row = logits.data.subarray(i * classes, (i + 1) * classes)
    if (row.every((value) => value <= row[label]!)) right++
  }
  return { accuracy: right / counted }
}

const first = (predictions: Predictions) => {
  let found = predictions
  while (!('data' in found)) found = found[0]!
  return found
}

const OF_AN_EPOCH = /^(loss|eval_(?!runtime$|samples_per_second$|steps_per_second$).+)$/

function historyOf(state: TrainerState): History {
  const history: Record<string, number[]> = {}
  for (const entry of state.log_history)
    for (const [name, value] of Object.entries(entry)) {
      if (!OF_AN_EPOCH.test(name)) continue
      const key = name.replace(/^eval_/, 'val_')
      history[key] ??= []
      history[key].push(value)
    }
  return { epoch: (history.loss ?? []).map((_, epoch) => epoch), history }
}
