/** @file What a Trainer does: the halves of it that train and evaluate are fetched when they are needed. */
import type { SaveFilesOptions, SaveTarget } from '@webformers/hub'
import { OutOfMemoryError } from '@webformers/runtime'
import type { DataCollator, Items } from '../data'
import { OptionError } from '../errors'
import type { TrainingArguments } from './arguments'
import type { CallbackHandler, TrainerControl } from './callbacks'
import type { CheckpointStore } from './checkpoint-store'
import type { PredictionOutput } from './evaluation'
import type { LoopHost, ResumeFrom, TrainOutput } from './loop-host'
import { initialState, type LogEntry, type TrainerState } from './state'
import type { LossOptions, TrainableModel, TrainingRun } from './trainable'
import type { EvaluateOptions, TrainerOptions, TrainOptions } from './trainer-options'

export class Work {
  state: TrainerState = initialState()
  /** The training that runs. */
  #run: TrainingRun | undefined
  #busy = false
  #gate: { readonly opened: Promise<void>; readonly open: () => void } | undefined
  /** What the training that runs knows of the model. */
  #training: TrainableModel | undefined
  readonly #begun: Promise<void>

  constructor(
    private readonly options: TrainerOptions,
    private readonly args: TrainingArguments,
    private readonly control: TrainerControl,
    private readonly callbacks: CallbackHandler,
  ) {
    this.#begun = callbacks.call('onInitEnd', args, this.state, control)
    this.#begun.catch(() => {}) // whoever uses the Trainer hears of it
  }

  get paused(): boolean {
    return this.#gate !== undefined
  }

  pause(): void {
    if (this.#gate) return
    let open = () => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    this.#gate = { opened, open }
  }

  resume(): void {
    this.#gate?.open()
    this.#gate = undefined
  }

  async train({ resumeFromCheckpoint, signal }: TrainOptions): Promise<TrainOutput> {
    if (this.#busy)
      throw new OptionError('This Trainer trains already: wait for it, or abort it by its signal.')
    this.#busy = true
    try {
      await this.#begun
      const [{ TrainingLoop }, model, checkpoints] = await Promise.all([
        import('./training-loop'),
        this.#model(),
        this.#checkpoints(),
      ])
      this.#training = model
      const from = resumeFromCheckpoint ? await this.#from(checkpoints, resumeFromCheckpoint) : undefined
      const first = from?.state.train_batch_size ?? this.args.perDeviceTrainBatchSize
      return await this.#fitting(first, async (batchSize) => {
        this.state = from ? structuredClone(from.state) : initialState()
        return TrainingLoop.train(await this.#host(model, checkpoints, batchSize, signal), from)
      })
    } finally {
      this.#training = undefined
      this.#busy = false
    }
  }

  /** With half the examples in a batch for as long as memory does not suffice, if that is wanted. */
  async #fitting<T>(batchSize: number, train: (batchSize: number) => Promise<T>): Promise<T> {
    try {
      return await train(batchSize)
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error
      if (this.args.autoFindBatchSize && batchSize > 1) return this.#fitting(Math.floor(batchSize / 2), train)
      const smaller =
        batchSize > 1
          ? `perDeviceTrainBatchSize (now ${batchSize}; autoFindBatchSize halves it by itself), `
          : ''
      throw new OutOfMemoryError(
        `Training ran out of memory in batches of ${batchSize}. Reduce ${smaller}the length of the texts, or what is trained: ` +
          'freeze parameters or train LoRA adapters; set gradientCheckpointing, or optim "adafactor" or "sgd", which remember less.',
        { cause: error },
      )
    }
  }

  async #from(checkpoints: CheckpointStore, source: true | string): Promise<ResumeFrom> {
    const [{ openCheckpointFiles }, { readResumption, readState }] = await Promise.all([
      import('./checkpoint-store'),
      import('./checkpoints'),
    ])
    const files = await openCheckpointFiles(checkpoints, source)
    return { files, state: await readState(files), resumption: await readResumption(files) }
  }

  async #host(
    model: TrainableModel,
    checkpoints: CheckpointStore,
    batchSize: number,
    signal: AbortSignal | undefined,
  ): Promise<LoopHost> {
    const work = this
    const { args, control, callbacks, options } = this
    const [optimizer, schedule] = options.optimizers ?? []
    return {
      args,
      model,
      control,
      callbacks,
      checkpoints,
      dataset: options.trainDataset!,
      collate: await this.#collator(model),
      loss: await this.#loss(options.trainDataset!),
      optimizer,
      schedule,
      paddingToken: options.processingClass?.padTokenId ?? undefined,
      batchSize,
      signal,
      get state() {
        return work.state
      },
      set state(state) {
        work.state = state
      },
      get run() {
        return work.#run
      },
      set run(run) {
        work.#run = run
      },
      unpaused: async () => this.#unpaused(signal),
      evaluate: () => this.evaluate(options.evalDataset!, { signal }),
      log: (logs) => this.#log(logs),
      modelFiles: () => this.#files(),
    }
  }

  async #unpaused(signal: AbortSignal | undefined): Promise<void> {
    while (this.#gate) {
      const aborted = new Promise<void>((resolve) =>
        signal?.addEventListener('abort', () => resolve(), { once: true }),
      )
      await Promise.race([this.#gate.opened, aborted])
      signal?.throwIfAborted()
    }
  }

  async evaluate(
    dataset: Items | Readonly<Record<string, Items>>,
    { metricKeyPrefix = 'eval', signal }: EvaluateOptions,
  ): Promise<LogEntry> {
    if (!isOne(dataset)) {
      let all: LogEntry = {}
      for (const [name, one] of Object.entries(dataset))
        all = {
          ...all,
          ...(await this.evaluate(one, { metricKeyPrefix: `${metricKeyPrefix}_${name}`, signal })),
        }
      return all
    }
    const { args, state, control } = this
    const lossOnly = args.predictionLossOnly || this.options.computeMetrics === undefined
    const { metrics } = await this.#evaluation(dataset, metricKeyPrefix, lossOnly, signal)
    await this.#log(metrics)
    const complete = { ...metrics, ...(state.epoch !== null && { epoch: state.epoch }) }
    await this.callbacks.call('onEvaluate', args, this.state, control, { metrics: complete })
    return complete
  }

  async predict(
    dataset: Items,
    { metricKeyPrefix = 'test', signal }: EvaluateOptions,
  ): Promise<PredictionOutput> {
    const { args, control } = this
    const output = await this.#evaluation(dataset, metricKeyPrefix, args.predictionLossOnly, signal)
    await this.callbacks.call('onPredict', args, this.state, control, { metrics: output.metrics })
    return output
  }

  async #evaluation(
    dataset: Items,
    prefix: string,
    lossOnly: boolean,
    signal: AbortSignal | undefined,
  ): Promise<PredictionOutput> {
    await this.#begun
    const [{ evaluate }, { loaderOf }, model] = await Promise.all([
      import('./evaluation'),
      import('./batches'),
      this.#model(),
    ])
    const { args, control, options } = this
    const { perDeviceEvalBatchSize, dataloaderDropLast } = args
    const loss = await this.#loss(dataset)
    const running = this.#run
    const evaluator = running ?? (await model.evaluator(loss))
    try {
      return await evaluate({
        model,
        evaluator,
        loader: loaderOf(dataset, await this.#collator(model), perDeviceEvalBatchSize, dataloaderDropLast),
        args,
        loss,
        computeMetrics: options.computeMetrics,
        preprocessLogits: options.preprocessLogitsForMetrics,
        lossOnly,
        prefix,
        signal,
        onBatch: (batches) => this.callbacks.call('onPredictionStep', args, this.state, control, { batches }),
      })
    } finally {
      if (!running) await evaluator.dispose?.()
    }
  }

  async #log(logs: LogEntry): Promise<void> {
    const { args, state, control } = this
    const counted = args.includeNumInputTokensSeen
    const entry = {
      ...logs,
      ...(state.epoch !== null && { epoch: state.epoch }),
      ...(counted !== false && counted !== 'no' && { num_input_tokens_seen: state.num_input_tokens_seen }),
    }
    state.log_history.push({ ...entry, step: state.global_step })
    await this.callbacks.call('onLog', args, state, control, { logs: entry })
  }

  async saveModel(target: SaveTarget, options: SaveFilesOptions): Promise<string[]> {
    const [{ saveTrained }, model] = await Promise.all([import('./checkpoints'), this.#model()])
    if (this.#run) await model.adopt(await this.#run.weights())
    return saveTrained(target, await this.#files(), this.args, options)
  }

  async #files(): Promise<Record<string, Blob>> {
    const model = await this.#model()
    return { ...(await this.options.processingClass?.toFiles?.()), ...(await model.toFiles({})) }
  }

  /** Asked anew each time: heads may have been pruned and embeddings resized since. */
  async #model(): Promise<TrainableModel> {
    return this.#training ?? this.options.model.trainable()
  }

  async #loss(dataset: Items): Promise<LossOptions> {
    const { labelsOf } = await import('./batches')
    const { labelSmoothingFactor } = this.args
    const labels = await labelsOf(dataset)
    return {
      ...(labels && { labels }),
      ...(labelSmoothingFactor > 0 && { labelSmoothing: labelSmoothingFactor }),
      ...(this.options.computeLoss !== undefined && { computeLoss: this.options.computeLoss }),
    }
  }

  async #collator(model: TrainableModel): Promise<DataCollator> {
    const { collatorFor, standardCollator } = await import('./batches')
    const { dataCollator, processingClass } = this.options
    const chosen = (dataCollator as DataCollator | undefined) ?? standardCollator(processingClass)
    return collatorFor(chosen, model, this.args)
  }

  async #checkpoints(): Promise<CheckpointStore> {
    const { browserCheckpoints } = await import('./checkpoint-store')
    return this.options.checkpoints ?? browserCheckpoints(this.args.outputDir)
  }
}

/** Whether it is a dataset, and no table of several. */
const isOne = (dataset: Items | Readonly<Record<string, Items>>): dataset is Items =>
  Symbol.iterator in dataset || Symbol.asyncIterator in dataset || ('length' in dataset && 'at' in dataset)
