/** @file The Trainer against whole runs of Python's, recorded by reference/trainer.py. */
import { describe, expect, test } from 'vitest'
import type { DataCollator } from '../data'
import { tensor } from '../tensor'
import { recorded } from '../testing/node'
import { TrainingArguments, type TrainingOptions } from './arguments'
import type { TrainerCallback, TrainerControl, TrainerEvent } from './callbacks'
import type { ComputeMetrics } from './evaluation'
import { EarlyStoppingCallback } from './standard-callbacks'
import type { LogEntry, TrainerState } from './state'
import { type Example, examples, memoryCheckpoints, Regression } from './testing/regression'
import { Trainer } from './trainer'

interface Run {
  args: Record<string, unknown>
  model: 'plain' | 'counting'
  patience: number | null
  several: boolean
  batches: number[][]
  events: [string, number, number | null, string][]
  log: LogEntry[]
  timed: string[]
  state: Record<string, number | null>
  best_model_checkpoint: string | null
  checkpoints: string[]
  train_loss: number
  weights: number[]
  predictions: number[]
  label_ids: number[]
  test_metrics: LogEntry
}
const runs: Record<string, Run> = await recorded('trainer/runs')

const camelCase = (name: string) => name.replace(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase())
const camelKeys = (given: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      camelCase(name),
      value && typeof value === 'object' ? camelKeys(value as Record<string, unknown>) : value,
    ]),
  )

const collate =
  (batches: number[][]): DataCollator<Example> =>
  (items) => {
    if (items[0]!.id < 1000) batches.push(items.map(({ id }) => id))
    return {
      x: tensor(items.map(({ x }) => [...x])),
      labels: tensor(Float32Array.from(items, ({ labels }) => labels)),
    }
  }

const computeMetrics: ComputeMetrics = ({ predictions, labelIds }) => {
  const [logits, labels] = [predictions, labelIds].map((array) => ('data' in array ? array.data : []))
  const errors = Array.from(logits as Float32Array, (logit, i) => Math.abs(logit - Number(labels![i])))
  return { mae: errors.reduce((sum, error) => sum + error, 0) / errors.length }
}

const EVENTS: TrainerEvent[] = [
  'onInitEnd',
  'onTrainBegin',
  'onEpochBegin',
  'onStepBegin',
  'onSubstepEnd',
  'onPreOptimizerStep',
  'onOptimizerStep',
  'onStepEnd',
  'onEpochEnd',
  'onEvaluate',
  'onPredict',
  'onSave',
  'onLog',
  'onPredictionStep',
  'onTrainEnd',
]

/** Writes down every event as Python's recorder does. */
function recorder(events: Run['events']): TrainerCallback {
  const flags = (control: TrainerControl) =>
    [
      control.shouldTrainingStop,
      control.shouldEpochStop,
      control.shouldSave,
      control.shouldEvaluate,
      control.shouldLog,
    ]
      .map(Number)
      .join('')
  const python = (event: string) =>
    event.slice(2).replace(/[A-Z]/g, (c, at) => `${at ? '_' : ''}${c.toLowerCase()}`)
  const hook =
    (event: TrainerEvent) => (_: TrainingArguments, state: TrainerState, control: TrainerControl) => {
      events.push([python(event), state.global_step, state.epoch, flags(control)])
    }
  return Object.fromEntries(EVENTS.map((event) => [event, hook(event)]))
}

const TIMES = /_(runtime|per_second)$/
const untimed = (entry: LogEntry): LogEntry =>
  Object.fromEntries(Object.entries(entry).filter(([name]) => !TIMES.test(name) && name !== 'total_flos'))

/** Numbers of the recorded log, those of evaluations as float32 holds them. */
function expectLog(ours: readonly LogEntry[], theirs: readonly LogEntry[]) {
  expect(ours.map((entry) => Object.keys(entry).toSorted())).toEqual(
    theirs.map((entry) => Object.keys(entry).toSorted()),
  )
  for (const [i, entry] of theirs.entries())
    for (const [name, value] of Object.entries(entry)) {
      const off = Math.abs(ours[i]![name]! - value) / Math.max(1e-9, Math.abs(value))
      expect(off, `${name} of entry ${i}: ${ours[i]![name]} and ${value}`).toBeLessThan(
        /^(eval|test)_/.test(name) ? 3e-7 : 1e-9,
      )
    }
}

describe.each(Object.entries(runs))('%s', async (_, run) => {
  const events: Run['events'] = []
  const prepared: number[][] = []
  const model = new Regression(run.model === 'counting' ? 'labels' : 'mean')
  const checkpoints = memoryCheckpoints()
  const stopping = run.patience ? [new EarlyStoppingCallback({ earlyStoppingPatience: run.patience })] : []
  const trainer = new Trainer<Example>({
    model,
    args: new TrainingArguments(camelKeys(run.args) as TrainingOptions),
    trainDataset: examples(22, 0),
    evalDataset: run.several ? { near: examples(8, 1000), far: examples(5, 2000) } : examples(8, 1000),
    dataCollator: collate(prepared),
    computeMetrics,
    callbacks: [recorder(events), ...stopping],
    checkpoints,
  })
  const output = await trainer.train()
  const predicted = await trainer.predict(examples(7, 3000))
  const log = trainer.state.log_history

  test('takes the data in the order of Python', () => {
    const common = Math.min(prepared.length, run.batches.length)
    // Either may have prepared one batch that was not used.
    expect(Math.abs(prepared.length - run.batches.length)).toBeLessThanOrEqual(1)
    expect(prepared.slice(0, common)).toEqual(run.batches.slice(0, common))
  })
  test('calls the callbacks that Python calls, with the same switches', () => {
    expect(events).toEqual(run.events)
  })
  test('logs what Python logs', () => {
    expectLog(log.map(untimed), run.log.map(untimed))
    expect(
      [...new Set(log.flatMap((entry) => Object.keys(entry)))].filter((key) => TIMES.test(key)).toSorted(),
    ).toEqual(run.timed)
    expect(output.trainingLoss).toBeCloseTo(run.train_loss, 12)
  })
  test('ends in the state of Python', () => {
    const { best_metric, ...state } = run.state
    expect(trainer.state).toMatchObject(state)
    if (best_metric === null) expect(trainer.state.best_metric).toBeNull()
    else expect(trainer.state.best_metric).toBeCloseTo(best_metric!, 6)
    expect(trainer.state.best_model_checkpoint?.replace('memory://', '') ?? null).toBe(
      run.best_model_checkpoint,
    )
    expect([...checkpoints.saved.keys()].map((step) => `checkpoint-${step}`)).toEqual(run.checkpoints)
  })
  test('ends with the weights of Python', () => {
    const ours = [...model.weights.weight, ...model.weights.bias]
    for (const [i, weight] of run.weights.entries()) expect(ours[i]).toBeCloseTo(weight, 12)
  })
  test('predicts what Python predicts', () => {
    const { predictions, labelIds, metrics } = predicted
    if (!predictions || !('data' in predictions) || !labelIds || !('data' in labelIds))
      throw new Error('No arrays')
    const { data } = predictions
    type Pair = readonly [label: number, prediction: number]
    const ours = Array.from<number | bigint, Pair>(
      data,
      (value, i): Pair => [Number(labelIds.data[i]), Number(value)],
    )
    const theirs = run.label_ids.map((label, i): Pair => [label, run.predictions[i]!])
    // Grouped by length, Python gives predictions in an order that nobody knows; here they stand as the dataset does.
    const ordered = (pairs: Pair[]) =>
      run.args.group_by_length ? pairs.toSorted(([a], [b]) => a - b) : pairs
    expect(ordered(ours).map(([label]) => label)).toEqual(ordered(theirs).map(([label]) => label))
    for (const [i, [, value]] of ordered(theirs).entries()) expect(ordered(ours)[i]![1]).toBeCloseTo(value, 5)
    expectLog([untimed(metrics)], [untimed(run.test_metrics)])
  })
})
