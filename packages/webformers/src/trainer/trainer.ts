/** @file The Trainer: a model, its data and how it is trained. */
import type { SaveFilesOptions, SaveTarget } from '@webformers/hub'
import type { Items } from '../data'
import { OptionError } from '../errors'
import { TrainingArguments } from './arguments'
import { CallbackHandler, type TrainerCallback, TrainerControl } from './callbacks'
import type { PredictionOutput } from './evaluation'
import type { TrainOutput } from './loop-host'
import { DefaultFlowCallback } from './standard-callbacks'
import type { LogEntry, TrainerState } from './state'
import type { EvaluateOptions, TrainerOptions, TrainOptions } from './trainer-options'
import { Work } from './work'

/**
 * Trains a model, evaluates it, predicts with it. Like `Trainer` in Python, whose order of data, steps, logs and callbacks it keeps.
 * @example
 * const trainer = new Trainer({
 *   model, args: new TrainingArguments({ outputDir: 'spam', numTrainEpochs: 1, evalStrategy: 'epoch' }),
 *   trainDataset, evalDataset, processingClass: tokenizer,
 *   callbacks: [new ProgressCallback(({ done, total }) => { bar.value = done / total })],
 * })
 * await trainer.train() // { globalStep: 250, trainingLoss: 0.1043, metrics: { train_runtime: 61.2, … } }
 * trainer.state.log_history.at(-2) // { eval_loss: 0.0512, eval_runtime: 3.1, …, epoch: 1, step: 250 }
 * await trainer.saveModel() // AutoModelForSequenceClassification.fromPretrained('indexeddb://spam')
 * @throws {OptionError} when options contradict each other
 */
export class Trainer<Item extends object = object> {
  readonly args: TrainingArguments
  readonly control = new TrainerControl()
  readonly #options: TrainerOptions<Item>
  readonly #callbacks: CallbackHandler
  readonly #work: Work

  constructor(options: TrainerOptions<Item>) {
    const { args = new TrainingArguments(), model, processingClass, callbacks = [] } = options
    if (args.evalStrategy !== 'no' && !options.evalDataset)
      throw new OptionError(`evalStrategy is "${args.evalStrategy}", but there is no evalDataset.`)
    this.args = args
    this.#options = options
    this.#callbacks = new CallbackHandler([new DefaultFlowCallback(), ...callbacks], {
      model,
      processingClass,
    })
    this.#work = new Work(options as unknown as TrainerOptions, args, this.control, this.#callbacks)
  }

  /** How far the training has come. */
  get state(): TrainerState {
    return this.#work.state
  }

  /** Whether the training waits to be resumed. */
  get paused(): boolean {
    return this.#work.paused
  }

  /**
   * Train until the steps are done, or a callback or the signal stops it.
   * @throws {CheckpointError} when there is no checkpoint to resume from
   * @throws {NonFiniteLossError} naming step and batch, unless such steps shall be skipped
   * @throws {DatasetError} when the dataset ends before the steps are done @throws {CollateError}
   * @throws {LabelRangeError} when a label is none of the model's
   * @throws {OutOfMemoryError} that says what to reduce @throws {StorageFullError} when a checkpoint finds no room
   */
  train(options: TrainOptions = {}): Promise<TrainOutput> {
    if (!this.#options.trainDataset) throw new OptionError('train() needs a trainDataset.')
    return this.#work.train(options)
  }

  /** Measure the model on the evaluation dataset, or another.
   * @example
   * await trainer.evaluate() // { eval_loss: 0.0512, eval_accuracy: 0.98, eval_runtime: 3.1, …, epoch: 1 }
   */
  evaluate(
    dataset?: Items<Item> | Readonly<Record<string, Items<Item>>>,
    options: EvaluateOptions = {},
  ): Promise<LogEntry> {
    const meant = dataset ?? this.#options.evalDataset
    if (!meant) throw new OptionError('evaluate() needs a dataset, as its argument or as evalDataset.')
    return this.#work.evaluate(meant as Items | Readonly<Record<string, Items>>, options)
  }

  /** What the model says of each item; where these have labels, with metrics.
   * @example
   * const { predictions, labelIds, metrics } = await trainer.predict(dataset)
   * predictions // { dtype: 'float32', shape: [1000, 2], data: Float32Array }
   */
  predict(dataset: Items<Item>, options: EvaluateOptions = {}): Promise<PredictionOutput> {
    return this.#work.predict(dataset as Items, options)
  }

  /** Save the model as it is now, with its tokenizer and the arguments. @returns the paths of the files
   * @param target default: `indexeddb://<outputDir>`
   * @throws {SaveError} @throws {StorageFullError} @throws {PermissionError} */
  saveModel(target?: SaveTarget, options: SaveFilesOptions = {}): Promise<string[]> {
    return this.#work.saveModel(target ?? `indexeddb://${this.args.outputDir}`, options)
  }

  /** Let the training wait after the batch that runs. */
  pause(): void {
    this.#work.pause()
  }

  /** Let it go on. */
  resume(): void {
    this.#work.resume()
  }

  addCallback(callback: TrainerCallback): void {
    this.#callbacks.callbacks.push(callback)
  }

  removeCallback(callback: TrainerCallback): void {
    const at = this.#callbacks.callbacks.indexOf(callback)
    if (at >= 0) this.#callbacks.callbacks.splice(at, 1)
  }
}
