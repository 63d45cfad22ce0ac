/** @file Pausing, stopping, and what a Trainer measures and counts. */
import { describe, expect, test } from 'vitest'
import { tensor, toList } from '../tensor'
import { concatenate } from './concatenate'
import type { EvalPrediction } from './evaluation'
import { lossScales } from './loss-count'
import { ProgressCallback, type TrainingProgress } from './standard-callbacks'
import { examples, Regression } from './testing/regression'
import { collate, regressionTrainer, weightsOf } from './testing/regression-trainer'
import type { LossCount } from './trainable'

const tick = () => new Promise((resolve) => setTimeout(resolve, 20))

describe('a training that is paused', () => {
  test('waits between batches, and goes on to the same weights', async () => {
    const plain = regressionTrainer({})
    await plain.trainer.train()
    const { trainer, model, trail } = regressionTrainer(
      {},
      { onStep: () => void (trail.length === 5 && trainer.pause()) },
    )
    const training = trainer.train()
    while (!trainer.paused) await tick()
    await tick()
    expect(trail).toHaveLength(5)
    expect(trainer.state.global_step).toBe(5)
    trainer.resume()
    await training
    expect(weightsOf(model)).toEqual(weightsOf(plain.model))
  })

  test('can be aborted', async () => {
    const controller = new AbortController()
    const { trainer, trail, model } = regressionTrainer(
      {},
      { onStep: () => void (trail.length === 2 && trainer.pause()) },
    )
    const training = trainer.train({ signal: controller.signal })
    while (!trainer.paused) await tick()
    controller.abort(new Error('enough'))
    await expect(training).rejects.toThrow('enough')
    expect(trail).toHaveLength(2)
    expect(model.runs[0]!.disposed).toBe(true)
  })
})

test('a callback stops the training, or the epoch', async () => {
  const stopped = regressionTrainer(
    {},
    {
      callbacks: [
        {
          onStepEnd(_, state, control) {
            control.shouldTrainingStop = state.global_step === 4
          },
        },
      ],
    },
  )
  await stopped.trainer.train()
  expect(stopped.trail).toHaveLength(4)
  const shortened = regressionTrainer(
    { numTrainEpochs: 2 },
    {
      callbacks: [
        {
          onStepEnd(_, state, control) {
            control.shouldEpochStop = state.global_step === 4
          },
        },
      ],
    },
  )
  await shortened.trainer.train()
  expect(shortened.trail).toHaveLength(4 + 6)
})

test('progress is told from the first step to the last', async () => {
  const told: TrainingProgress[] = []
  const { trainer } = regressionTrainer(
    { maxSteps: 4, evalStrategy: 'steps', evalSteps: 4 },
    { callbacks: [new ProgressCallback((progress) => told.push(progress))] },
  )
  await trainer.train()
  const steps = told.filter(({ phase }) => phase === 'train').map(({ done }) => done)
  expect(steps).toEqual(steps.toSorted((a, b) => a - b))
  expect([steps[0], steps.at(-1)]).toEqual([0, 4])
  expect(told.filter(({ phase }) => phase === 'evaluate').map(({ done, total }) => [done, total])).toEqual([
    [1, 3],
    [2, 3],
    [3, 3],
  ])
  expect(told.at(-1)).toMatchObject({ total: 4, logs: { train_loss: expect.any(Number) } })
})

describe('metrics', () => {
  test('come from what they ask for', async () => {
    const seen: EvalPrediction[] = []
    const { trainer } = regressionTrainer(
      { includeForMetrics: ['inputs', 'loss'] },
      {
        computeMetrics: (prediction) => {
          seen.push(prediction)
          return { rows: 8, eval_named: 1 }
        },
        dataCollator: (items) => ({ ...collate(items), input_ids: tensor(items.map(({ id }) => [id])) }),
      },
    )
    const metrics = await trainer.evaluate()
    expect(metrics).toMatchObject({ eval_rows: 8, eval_named: 1, eval_loss: expect.any(Number) })
    const [{ inputs, losses, labelIds }] = seen as [EvalPrediction]
    expect(inputs && 'data' in inputs && [...inputs.data]).toEqual(examples(8, 1000).map(({ id }) => id))
    expect('data' in labelIds && labelIds.data.length).toBe(8)
    const mean = [...losses!.data].reduce((sum, loss) => sum + loss, 0) / 8
    expect(metrics.eval_loss).toBeCloseTo(mean, 6)
  })

  test('can be gathered batch by batch', async () => {
    const sizes: [number, boolean | undefined][] = []
    const { trainer } = regressionTrainer(
      { batchEvalMetrics: true },
      {
        computeMetrics: ({ predictions }, last): Record<string, number> => {
          sizes.push(['data' in predictions ? predictions.data.length : 0, last])
          return last ? { total: sizes.reduce((sum, [size]) => sum + size, 0) } : {}
        },
      },
    )
    expect(await trainer.evaluate()).toMatchObject({ eval_total: 8 })
    expect(sizes).toEqual([
      [3, false],
      [3, false],
      [2, true],
    ])
  })

  test('batches stay apart when they shall', async () => {
    const { trainer } = regressionTrainer({ evalDoConcatBatches: false })
    const { predictions } = await trainer.predict(examples(7, 0))
    const lengths = (predictions as readonly { data: ArrayLike<number> }[]).map(({ data }) => data.length)
    expect(lengths).toEqual([3, 3, 1])
  })

  test('items without labels are predicted without metrics', async () => {
    const { trainer } = regressionTrainer({}, { dataCollator: (items) => ({ x: collate(items).x! }) })
    const { predictions, labelIds, metrics } = await trainer.predict(examples(4, 0))
    expect(predictions && 'data' in predictions && predictions.data).toHaveLength(4)
    expect(labelIds).toBeUndefined()
    expect(Object.keys(metrics)).toEqual(['test_runtime', 'test_samples_per_second', 'test_steps_per_second'])
  })
})

test('predictions of shorter texts are padded with -100', () => {
  const joined = concatenate([
    tensor([[[1, 2]], [[3, 4]]]),
    tensor([
      [
        [5, 6],
        [7, 8],
      ],
    ]),
  ])
  expect(toList(joined)).toEqual([
    [
      [1, 2],
      [-100, -100],
    ],
    [
      [3, 4],
      [-100, -100],
    ],
    [
      [5, 6],
      [7, 8],
    ],
  ])
  expect(toList(concatenate([tensor([1, 2]), tensor([3])]))).toEqual([1, 2, 3])
})

describe('what a batch of several counts', () => {
  const batches = [tensor([[-100, 1, 2]]), tensor([[4, -100, 5]])].map((labels) => ({ labels }))
  const scales = (count: LossCount, options = {}) => lossScales(new Regression(count), options, batches)
  test.each<[LossCount, number[]]>([
    ['mean', [0.5, 0.5]],
    ['ignored', [1, 1]],
    ['labels', [2 / 4, 2 / 4]],
    ['shifted', [2 / 4, 1 / 4]],
  ])('%s', (count, expected) => {
    expect(scales(count)).toEqual(expected)
  })
  test('a loss of another kind', () => {
    expect(scales('shifted', { labelSmoothing: 0.1 })).toEqual([1, 1])
    expect(scales('mean', { labelSmoothing: 0.1 })).toEqual([0.5, 0.5])
    expect(scales('labels', { computeLoss: () => 0 })).toEqual([0.5, 0.5])
  })
})

test('the best checkpoint is saved when it is the best, and loaded at the end', async () => {
  const { trainer, model, checkpoints } = regressionTrainer({
    saveStrategy: 'best',
    loadBestModelAtEnd: true,
    evalStrategy: 'steps',
    evalSteps: 1,
    learningRate: 1.5,
    lrSchedulerType: 'constant',
    maxSteps: 12,
  })
  await trainer.train()
  const { log_history, best_metric, best_model_checkpoint } = trainer.state
  const losses = log_history.flatMap(({ eval_loss }) => eval_loss ?? [])
  const records = losses.flatMap((loss, i) =>
    losses.slice(0, i).every((before) => loss < before) ? [i + 1] : [],
  )
  expect([...checkpoints.saved.keys()]).toEqual(records)
  expect(best_metric).toBe(Math.min(...losses))
  expect(best_model_checkpoint).toBe(checkpoints.name(records.at(-1)!))
  expect(records.at(-1)).toBeLessThan(12)
  const saved = await model.weightsIn(checkpoints.saved.get(records.at(-1)!)!)
  const values = await Promise.all(
    saved.map(async ({ bytes }) => new Float64Array(await new Blob([bytes]).arrayBuffer())),
  )
  expect(values.flatMap((value) => [...value]).toSorted()).toEqual(weightsOf(model).toSorted())
})

test('a step without a label that counts changes nothing, and the schedule goes on', async () => {
  const ignored = examples(22, 0).map((item) => ({ ...item, labels: -100 }))
  const { trainer, model, trail } = regressionTrainer({ maxSteps: 3 }, { trainDataset: ignored })
  Object.assign(model, { lossCount: 'labels' })
  await trainer.train()
  expect(trail).toEqual([])
  expect(weightsOf(model)).toEqual([0.5, -0.25, 0.125, 0])
  expect(trainer.state.log_history[1]).toMatchObject({
    loss: 0,
    learning_rate: expect.closeTo(0.05 * (2 / 3), 12),
  })
})

test('labels that are no whole numbers are told to the model', async () => {
  const told: unknown[] = []
  const { trainer, model } = regressionTrainer({ maxSteps: 1 }, { trainDataset: examples(4, 1) })
  const { training } = model
  model.training = (options) => {
    told.push(options.labels)
    return training.call(model, options)
  }
  await trainer.train()
  expect(told).toEqual(['float32'])
})

test('tokens are counted, with padding or without', async () => {
  const seen = async (includeNumInputTokensSeen: 'all' | 'non_padding') => {
    const { trainer } = regressionTrainer(
      { includeNumInputTokensSeen, maxSteps: 2, perDeviceTrainBatchSize: 2 },
      {
        dataCollator: (items) => ({
          ...collate(items),
          input_ids: tensor([
            [1, 1],
            [1, 0],
          ]),
        }),
        processingClass: { padTokenId: 0 },
      },
    )
    await trainer.train()
    return trainer.state.log_history[1]!.num_input_tokens_seen
  }
  expect(await seen('all')).toBe(8)
  expect(await seen('non_padding')).toBe(6)
})

test('dropout has a seed of its own at each batch', async () => {
  const { trainer, trail } = regressionTrainer({ gradientAccumulationSteps: 2 })
  await trainer.train()
  const seeds = trail.map(({ seed }) => seed)
  expect(new Set(seeds).size).toBe(seeds.length)
})
