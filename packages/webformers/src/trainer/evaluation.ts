/** @file Going through a dataset without training: predictions, labels, and what is measured of them. */
import type { PlainTensor, PlainTensors } from '@webformers/runtime'
import type { DataLoader } from '../data'
import { OptionError } from '../errors'
import { areObjects } from '../objects'
import type { TrainingArguments } from './arguments'
import { checkLabels } from './batches'
import { concatenate } from './concatenate'
import { evaluationScale } from './loss-count'
import { speedMetrics } from './rounding'
import type { Batch, Evaluator, LossOptions, TrainableModel } from './trainable'

/** One array, or a list of them: of several outputs or, with `evalDoConcatBatches: false`, of several batches. */
export type Predictions = PlainTensor | readonly Predictions[]

/** What metrics are computed from. Like `EvalPrediction` in Python. */
export interface EvalPrediction {
  readonly predictions: Predictions
  readonly labelIds: Predictions
  /** With `includeForMetrics: ['inputs']`. */
  readonly inputs?: Predictions
  /** With `includeForMetrics: ['loss']`: that of each example's batch. */
  readonly losses?: PlainTensor<'float32'>
}

/** What a user measures.
 * @param computeResult with `batchEvalMetrics`: whether this is the last batch
 * @example
 * const accuracy: ComputeMetrics = ({ predictions, labelIds }) => ({ accuracy: … })
 */
export type ComputeMetrics = (
  prediction: EvalPrediction,
  computeResult?: boolean,
) => Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>

/** Like `PredictionOutput` in Python. */
export interface PredictionOutput {
  readonly predictions: Predictions | undefined
  readonly labelIds: Predictions | undefined
  readonly metrics: Readonly<Record<string, number>>
}

export interface EvaluationOptions {
  readonly model: TrainableModel
  readonly evaluator: Evaluator
  readonly loader: DataLoader
  readonly args: TrainingArguments
  readonly loss: LossOptions
  readonly computeMetrics: ComputeMetrics | undefined
  readonly preprocessLogits: PreprocessLogits | undefined
  /** Give no predictions. */
  readonly lossOnly: boolean
  readonly prefix: string
  readonly signal: AbortSignal | undefined
  readonly onBatch: (batches: number | undefined) => Promise<void>
}

/** Make less of what a model gives for a batch before it is kept: the best token, say, instead of every token's logits. */
export type PreprocessLogits = (logits: PlainTensors, labels: PlainTensors) => PlainTensors

/** The values of all batches by name. */
type Kept = Record<string, PlainTensor[]>

const keep = (kept: Kept, tensors: PlainTensors) => {
  for (const [name, tensor] of Object.entries(tensors)) {
    kept[name] ??= []
    kept[name].push(tensor)
  }
}

export async function evaluate(options: EvaluationOptions): Promise<PredictionOutput> {
  const { model, evaluator, loader, args, loss, computeMetrics, prefix, signal } = options
  const start = performance.now()
  const labelNames = args.labelNames ?? model.labelNames
  const kept = { outputs: {} as Kept, labels: {} as Kept, inputs: {} as Kept }
  const losses: number[] = []
  let measured: Readonly<Record<string, number>> = {}
  let samples = 0
  for await (const { value, last } of markLast(loader.epoch({ signal }))) {
    const { batch, items } = value
    checkLabels(batch, items, model)
    const labels = picked(batch, labelNames)
    const has = labelNames.length > 0 && Object.keys(labels).length === labelNames.length
    const wanted = [...(has ? ['loss'] : []), ...(options.lossOnly ? [] : model.outputNames)]
    const { loss: mean, ...given } = await evaluator.evaluate(batch, { outputs: wanted, signal })
    const outputs = options.lossOnly ? {} : (options.preprocessLogits?.(given, labels) ?? given)
    const scaled = mean ? Number(mean.data[0]) * evaluationScale(model, loss, batch) : undefined
    if (scaled !== undefined) losses.push(...items.map(() => scaled))
    samples += items.length
    if (args.batchEvalMetrics && computeMetrics && has) {
      const inputs = picked(batch, [model.mainInputName])
      measured = await computeMetrics(
        prediction({ outputs, labels, inputs }, losses.slice(-items.length), args),
        last,
      )
    }
    if (!args.batchEvalMetrics || prefix === 'test') {
      keep(kept.outputs, outputs)
      if (has && !options.lossOnly && !areObjects(labels.labels)) keep(kept.labels, labels)
      if (args.includeForMetrics.includes('inputs')) keep(kept.inputs, picked(batch, [model.mainInputName]))
    }
    await options.onBatch(loader.length)
  }
  const all = {
    outputs: joined(kept.outputs, args),
    labels: joined(kept.labels, args),
    inputs: joined(kept.inputs, args),
  }
  const complete = Object.keys(all.outputs).length > 0 && Object.keys(all.labels).length > 0
  if (computeMetrics && complete && !args.batchEvalMetrics)
    measured = await computeMetrics(prediction(all, losses, args))
  const speed = { samples, steps: Math.ceil(samples / args.perDeviceEvalBatchSize) }
  const metrics = {
    ...prefixed(prefix, { ...measured, ...(losses.length > 0 && { loss: meanOf(losses) }) }),
    ...speedMetrics(prefix, start, speed),
  }
  return { predictions: only(all.outputs), labelIds: only(all.labels), metrics }
}

/** Each value, and whether none comes after it. */
async function* markLast<T>(values: AsyncIterable<T>): AsyncGenerator<{ value: T; last: boolean }> {
  let waiting: { value: T } | undefined
  for await (const value of values) {
    if (waiting) yield { ...waiting, last: false }
    waiting = { value }
  }
  if (waiting) yield { ...waiting, last: true }
}

const picked = (batch: Batch, names: readonly string[]): PlainTensors =>
  Object.fromEntries(names.flatMap((name) => (batch[name] ? [[name, batch[name]]] : [])))

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

function joined(kept: Kept, { evalDoConcatBatches }: TrainingArguments): Record<string, Predictions> {
  const join = (tensors: PlainTensor[]) => (evalDoConcatBatches ? concatenate(tensors) : tensors)
  return Object.fromEntries(Object.entries(kept).map(([name, tensors]) => [name, join(tensors)]))
}

/** A single array is given as it is, several as a list. */
function only(arrays: Readonly<Record<string, Predictions>>): Predictions | undefined {
  const [first, ...others] = Object.values(arrays)
  return first && others.length > 0 ? [first, ...others] : first
}

function prediction(
  { outputs, labels, inputs }: Record<'outputs' | 'labels' | 'inputs', Readonly<Record<string, Predictions>>>,
  losses: readonly number[],
  { includeForMetrics }: TrainingArguments,
): EvalPrediction {
  const [predictions, labelIds] = [only(outputs), only(labels)]
  if (!predictions || !labelIds)
    throw new OptionError('computeMetrics needs predictions: set predictionLossOnly to false.')
  return {
    predictions,
    labelIds,
    ...(includeForMetrics.includes('inputs') && { inputs: only(inputs) }),
    ...(includeForMetrics.includes('loss') && {
      losses: { dtype: 'float32', shape: [losses.length], data: Float32Array.from(losses) },
    }),
  }
}

/** Names as evaluations have them, those that are so already left as they are. */
function prefixed(prefix: string, metrics: Readonly<Record<string, number>>): Record<string, number> {
  const named = (key: string) => (key.startsWith(`${prefix}_`) ? key : `${prefix}_${key}`)
  return Object.fromEntries(Object.entries(metrics).map(([key, value]) => [named(key), value]))
}
