/** @file The callbacks that come with the library. */
import { OptionError } from '../errors'
import type { TrainingArguments } from './arguments'
import type { CallbackContext, TrainerCallback, TrainerControl } from './callbacks'
import type { CallbackState, LogEntry, TrainerState } from './state'

/** When to log, to evaluate, to save and to stop, as the arguments say. Every Trainer has it. Like `DefaultFlowCallback`. */
export class DefaultFlowCallback implements TrainerCallback {
  readonly name = 'DefaultFlowCallback'

  onStepEnd(args: TrainingArguments, state: TrainerState, control: TrainerControl): void {
    const { global_step: step, logging_steps, eval_steps, save_steps, max_steps } = state
    if (step === 1 && args.loggingFirstStep) control.shouldLog = true
    if (args.loggingStrategy === 'steps' && step % logging_steps === 0) control.shouldLog = true
    if (args.evalStrategy === 'steps' && step % eval_steps === 0 && args.evalDelay <= step)
      control.shouldEvaluate = true
    if (args.saveStrategy === 'steps' && save_steps > 0 && step % save_steps === 0) control.shouldSave = true
    if (step < max_steps) return
    control.shouldTrainingStop = true
    if (args.saveStrategy === 'steps') control.shouldSave = true
  }

  onEpochEnd(args: TrainingArguments, state: TrainerState, control: TrainerControl): void {
    if (args.loggingStrategy === 'epoch') control.shouldLog = true
    if (args.evalStrategy === 'epoch' && args.evalDelay <= (state.epoch ?? 0)) control.shouldEvaluate = true
    if (args.saveStrategy === 'epoch') control.shouldSave = true
  }
}

export interface EarlyStoppingOptions {
  /** Evaluations without improvement after which training stops. */
  earlyStoppingPatience?: number
  /** How much better counts as better. */
  earlyStoppingThreshold?: number
}

/** Stop when the metric for the best model gets no better. Like `EarlyStoppingCallback` in Python.
 * @example
 * new Trainer({ …, callbacks: [new EarlyStoppingCallback({ earlyStoppingPatience: 3 })] })
 * @throws {OptionError} when training begins, without `metricForBestModel` or evaluations
 */
export class EarlyStoppingCallback implements TrainerCallback {
  readonly name = 'EarlyStoppingCallback'
  #patience: number
  #threshold: number
  #failures = 0

  constructor({ earlyStoppingPatience = 1, earlyStoppingThreshold = 0 }: EarlyStoppingOptions = {}) {
    this.#patience = earlyStoppingPatience
    this.#threshold = earlyStoppingThreshold
  }

  onTrainBegin({ metricForBestModel, evalStrategy }: TrainingArguments): void {
    if (metricForBestModel === undefined)
      throw new OptionError('EarlyStoppingCallback needs metricForBestModel in TrainingArguments.')
    if (evalStrategy === 'no')
      throw new OptionError(
        'EarlyStoppingCallback needs evalStrategy "steps" or "epoch" in TrainingArguments.',
      )
  }

  onEvaluate(
    args: TrainingArguments,
    state: TrainerState,
    control: TrainerControl,
    { metrics }: CallbackContext,
  ): void {
    const value = metrics?.[evalKey(args.metricForBestModel ?? 'loss')]
    if (value === undefined) return // of several datasets, another one has it
    const { best_metric: best } = state
    const better = best === null || (args.greaterIsBetter ? value > best : value < best)
    const enough = best === null || Math.abs(value - best) > this.#threshold
    this.#failures = better && enough ? 0 : this.#failures + 1
    if (this.#failures >= this.#patience) control.shouldTrainingStop = true
  }

  state(): CallbackState {
    return {
      args: { early_stopping_patience: this.#patience, early_stopping_threshold: this.#threshold },
      attributes: { early_stopping_patience_counter: this.#failures },
    }
  }

  restore({ args, attributes }: CallbackState): void {
    this.#patience = Number(args.early_stopping_patience)
    this.#threshold = Number(args.early_stopping_threshold)
    this.#failures = Number(attributes.early_stopping_patience_counter)
  }
}

/** A metric's name as evaluations give it. */
export const evalKey = (metric: string) => (metric.startsWith('eval_') ? metric : `eval_${metric}`)

/** How far a training or an evaluation has come. */
export interface TrainingProgress {
  readonly phase: 'train' | 'evaluate'
  /** Steps of a training, or batches of an evaluation. */
  readonly done: number
  /** Unknown for a dataset that tells no length. */
  readonly total: number | undefined
  readonly epoch: number
  /** What was logged last. */
  readonly logs: LogEntry
}

/** Tell a function how far a training has come, after each step, log and batch of an evaluation. Like `ProgressCallback` in Python,
 * which draws bars.
 * @example
 * new ProgressCallback(({ done, total, logs }) => { bar.value = done / total; label.textContent = `loss ${logs.loss}` })
 */
export class ProgressCallback implements TrainerCallback {
  readonly name = 'ProgressCallback'
  #logs: LogEntry = {}
  #batches = 0

  constructor(private readonly report: (progress: TrainingProgress) => void) {}

  onTrainBegin(_: TrainingArguments, state: TrainerState): void {
    this.#logs = {}
    this.#tell(state)
  }

  onStepEnd(_: TrainingArguments, state: TrainerState): void {
    this.#tell(state)
  }

  onLog(_: TrainingArguments, state: TrainerState, __: TrainerControl, { logs = {} }: CallbackContext): void {
    this.#logs = logs
    this.#tell(state)
  }

  onPredictionStep(
    _: TrainingArguments,
    state: TrainerState,
    __: TrainerControl,
    { batches }: CallbackContext,
  ): void {
    this.#batches++
    this.report({
      phase: 'evaluate',
      done: this.#batches,
      total: batches,
      epoch: state.epoch ?? 0,
      logs: this.#logs,
    })
  }

  onEvaluate(): void {
    this.#batches = 0
  }

  onPredict(): void {
    this.#batches = 0
  }

  #tell({ global_step, max_steps, epoch }: TrainerState): void {
    this.report({ phase: 'train', done: global_step, total: max_steps, epoch: epoch ?? 0, logs: this.#logs })
  }
}
