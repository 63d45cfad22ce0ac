/** @file A training that breaks off and is resumed goes on as if it never had. */
import { CorruptFileError } from '@webformers/hub'
import { describe, expect, test } from 'vitest'
import { Generator } from '../data'
import type { TrainingOptions } from './arguments'
import type { TrainerCallback } from './callbacks'
import { CheckpointError } from './errors'
import { EarlyStoppingCallback } from './standard-callbacks'
import type { LogEntry } from './state'
import { type Example, examples } from './testing/regression'
import { collate, type RegressionOptions, regressionTrainer, weightsOf } from './testing/regression-trainer'
import type { TrainerOptions } from './trainer-options'

const untimed = (log: readonly LogEntry[]) =>
  log.map((entry) =>
    Object.fromEntries(Object.entries(entry).filter(([name]) => !/_(runtime|per_second)$/.test(name))),
  )

/** A tab is closed after this step. */
const closing = (step: number, controller: AbortController): TrainerCallback => ({
  onStepEnd(_, state) {
    if (state.global_step === step) controller.abort()
  },
})

/** Adds noise that it draws, as a collator that masks does. */
const noisy = (): TrainerOptions<Example>['dataCollator'] => {
  const generator = new Generator(5)
  const collator = (items: readonly Example[]) =>
    collate(items.map((item) => ({ ...item, labels: item.labels + generator.rand() })))
  return Object.assign(collator, { generator })
}

/** A dataset that is read anew in each epoch. */
const stream = (): AsyncIterable<Example> => ({
  async *[Symbol.asyncIterator]() {
    yield* examples(22, 0)
  },
})

type Case = [name: string, args: TrainingOptions, options?: () => RegressionOptions]
const cases: Case[] = [
  [
    'AdamW with warm-up, decay and clipping',
    { weightDecay: 0.1, warmupSteps: 3, maxGradNorm: 0.5, saveSteps: 5 },
  ],
  [
    'accumulation',
    { gradientAccumulationSteps: 4, saveSteps: 3, numTrainEpochs: 6, lrSchedulerType: 'cosine' },
  ],
  ['SGD, saved at the end of epochs', { optim: 'sgd', saveStrategy: 'epoch' }],
  ['logs between checkpoints', { loggingSteps: 4, saveSteps: 3 }],
  ['grouped by length', { groupByLength: true, saveSteps: 4 }],
  ['a collator that draws', { saveSteps: 4 }, () => ({ dataCollator: noisy() })],
  ['a stream that begins anew', { maxSteps: 15, saveSteps: 4 }, () => ({ trainDataset: stream() })],
  [
    'a plateau',
    {
      lrSchedulerType: 'reduce_lr_on_plateau',
      lrSchedulerKwargs: { factor: 0.5, patience: 0 },
      learningRate: 1.5,
      evalStrategy: 'steps',
      evalSteps: 1,
      saveSteps: 4,
    },
  ],
  [
    'the best model',
    {
      loadBestModelAtEnd: true,
      evalStrategy: 'steps',
      evalSteps: 2,
      saveSteps: 4,
      learningRate: 1,
      saveTotalLimit: 2,
    },
  ],
]

describe.each(cases)('%s', (_, args, options = () => ({})) => {
  test('goes on exactly', async () => {
    const whole = regressionTrainer(args, options())
    await whole.trainer.train()

    const controller = new AbortController()
    const broken = regressionTrainer(args, { ...options(), callbacks: [closing(10, controller)] })
    await expect(broken.trainer.train({ signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    })
    const last = Math.max(...broken.checkpoints.saved.keys())

    const again = regressionTrainer(args, { ...options(), checkpoints: broken.checkpoints })
    await again.trainer.train({ resumeFromCheckpoint: true })
    const { gradientAccumulationSteps = 1 } = args
    expect(last).toBeGreaterThan(0)
    expect(again.trail).toEqual(whole.trail.slice(-again.trail.length))
    expect(again.trail.length).toBeLessThanOrEqual(
      whole.trail.length - (last - 3) * gradientAccumulationSteps,
    )
    expect(untimed(again.trainer.state.log_history)).toEqual(untimed(whole.trainer.state.log_history))
    expect(again.trainer.state).toEqual({ ...whole.trainer.state, log_history: expect.any(Array) })
    expect(weightsOf(again.model)).toEqual(weightsOf(whole.model))
  })
})

test('a step that accumulates is not saved in its midst', async () => {
  const args = { gradientAccumulationSteps: 3, saveSteps: 1 }
  const whole = regressionTrainer(args)
  await whole.trainer.train()
  const controller = new AbortController()
  let batches = 0
  const onStep = () => {
    if (++batches === 8) controller.abort()
  }
  const broken = regressionTrainer(args, { onStep })
  await expect(broken.trainer.train({ signal: controller.signal })).rejects.toThrow()
  const again = regressionTrainer(args, { checkpoints: broken.checkpoints })
  await again.trainer.train({ resumeFromCheckpoint: true })
  expect(weightsOf(again.model)).toEqual(weightsOf(whole.model))
})

test('a checkpoint the browser has lost a part of is passed over for the one before', async () => {
  const first = regressionTrainer({ saveSteps: 4, maxSteps: 12 })
  await first.trainer.train()
  const { checkpoints } = first
  const open = checkpoints.open
  checkpoints.open = async (name) => {
    if (name.endsWith('-12')) throw new CorruptFileError('gone')
    return open(name)
  }
  const again = regressionTrainer({ maxSteps: 12 }, { checkpoints })
  await again.trainer.train({ resumeFromCheckpoint: true })
  expect(again.trail).toEqual(first.trail.slice(8))
  expect(weightsOf(again.model)).toEqual(weightsOf(first.model))
})

test('a checkpoint is named, or there is none', async () => {
  const { checkpoints } = regressionTrainer({})
  const resume = (from: true | string, args: TrainingOptions = {}) =>
    regressionTrainer(args, { checkpoints }).trainer.train({ resumeFromCheckpoint: from })
  await expect(resume(true)).rejects.toThrow(CheckpointError)
  await regressionTrainer({ saveSteps: 5, maxSteps: 10 }, { checkpoints }).trainer.train()
  await resume(checkpoints.name(5), { maxSteps: 10, saveOnlyModel: true })
  await expect(resume(checkpoints.name(10))).rejects.toThrow('saveOnlyModel')
})

test('early stopping goes on counting when callbacks are restored', async () => {
  const args: TrainingOptions = {
    learningRate: 0,
    evalStrategy: 'steps',
    evalSteps: 1,
    saveSteps: 1,
    metricForBestModel: 'loss',
    numTrainEpochs: 5,
  }
  const stopping = () => new EarlyStoppingCallback({ earlyStoppingPatience: 4 })
  const controller = new AbortController()
  const broken = regressionTrainer(args, { callbacks: [stopping(), closing(4, controller)] })
  await expect(broken.trainer.train({ signal: controller.signal })).rejects.toThrow()
  const { checkpoints } = broken
  const stopped = async (restoreCallbackStatesFromCheckpoint: boolean) => {
    const again = regressionTrainer(
      { ...args, restoreCallbackStatesFromCheckpoint, saveStrategy: 'no' },
      { checkpoints, callbacks: [stopping()] },
    )
    await again.trainer.train({ resumeFromCheckpoint: checkpoints.name(3) })
    return again.trainer.state.global_step
  }
  // The first evaluation is the best, those of steps 2 to 5 are no better.
  expect(await stopped(true)).toBe(5)
  expect(await stopped(false)).toBe(7)
})

test('ignoreDataSkip begins the epoch anew', async () => {
  const first = regressionTrainer({ saveSteps: 4, maxSteps: 8 })
  await first.trainer.train()
  const again = regressionTrainer({ maxSteps: 8, ignoreDataSkip: true }, { checkpoints: first.checkpoints })
  await again.trainer.train({ resumeFromCheckpoint: first.checkpoints.name(4) })
  expect(again.trail.map(({ batch }) => batch)).toEqual(first.trail.slice(0, 4).map(({ batch }) => batch))
})

test('what a checkpoint holds is what Python calls it', async () => {
  const { trainer, checkpoints } = regressionTrainer({ saveSteps: 6, maxSteps: 6, warmupRatio: 0.1 })
  await trainer.train()
  const files = checkpoints.saved.get(6)!
  const read = async (name: string) => JSON.parse(await files[name]!.text())
  expect(Object.keys(files).toSorted()).toEqual([
    'model.safetensors',
    'optimizer.safetensors',
    'progress.json',
    'rng_state.json',
    'scaler.json',
    'scheduler.json',
    'trainer_state.json',
    'training_args.json',
  ])
  expect(await read('trainer_state.json')).toMatchObject({ global_step: 6, max_steps: 6, epoch: 1 })
  expect(await read('training_args.json')).toMatchObject({ learning_rate: 0.05, warmup_ratio: 0.1 })
})
