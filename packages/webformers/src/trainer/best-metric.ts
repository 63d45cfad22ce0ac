/** @file Which checkpoint is the best by a metric. */
import { OptionError } from '../errors'
import type { TrainingArguments } from './arguments'
import type { CheckpointStore } from './checkpoint-store'
import { evalKey } from './standard-callbacks'
import type { LogEntry, TrainerState } from './state'

export class BestMetric {
  constructor(
    private readonly args: TrainingArguments,
    private readonly checkpoints: CheckpointStore,
  ) {}

  /** The metric that tells the best. @throws {OptionError} when the evaluation has not measured it */
  valueIn(metrics: LogEntry): number {
    const key = evalKey(this.args.metricForBestModel ?? 'loss')
    const value = metrics[key]
    if (value !== undefined) return value
    throw new OptionError(
      `metricForBestModel is "${key}", but the evaluation has measured ${Object.keys(metrics).join(', ')}. ` +
        'Let computeMetrics give it, or name one of these.',
    )
  }

  /** @returns whether it is better than all before. */
  update(state: TrainerState, metrics: LogEntry): boolean {
    const { metricForBestModel, greaterIsBetter, saveStrategy } = this.args
    if (metricForBestModel === undefined) return false
    const value = this.valueIn(metrics)
    const worst = greaterIsBetter ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
    const best = state.best_metric ?? worst
    state.best_metric = best
    if (!(greaterIsBetter ? value > best : value < best)) return false
    state.best_metric = value
    if (saveStrategy !== 'no') state.best_global_step = state.global_step
    return true
  }

  /** A checkpoint of this step is being saved. */
  saved(state: TrainerState, step: number): void {
    if (state.best_global_step === step) state.best_model_checkpoint = this.checkpoints.name(step)
  }
}
