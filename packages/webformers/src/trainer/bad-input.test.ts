/** @file What goes wrong in a training: typed errors that say where, and nothing lost. */
import { OutOfMemoryError } from '@webformers/runtime'
import { describe, expect, test } from 'vitest'
import { CollateError, DatasetError, OptionError } from '../errors'
import { tensor } from '../tensor'
import type { TrainerCallback } from './callbacks'
import { LabelRangeError, NonFiniteLossError } from './errors'
import { type Example, examples } from './testing/regression'
import { collate, regressionTrainer, weightsOf } from './testing/regression-trainer'
import type { Batch } from './trainable'

/** One example whose loss is no number; with this seed it is in the third batch. */
const spoiled = (): Example[] =>
  examples(22, 0).map((item) => (item.id === 7 ? { ...item, labels: Number.NaN } : item))

describe('a loss that is no number', () => {
  test('stops, naming step and batch, with the weights and the checkpoint from before it', async () => {
    const { trainer, model, checkpoints } = regressionTrainer({ saveSteps: 2 }, { trainDataset: spoiled() })
    const error = await trainer.train().catch((error) => error)
    expect(error).toBeInstanceOf(NonFiniteLossError)
    expect(error).toMatchObject({ step: 3, batch: 2, items: expect.arrayContaining([7]) })
    expect(error.message).toContain('at step 3, in batch 2 of the epoch')
    const before = regressionTrainer({ maxSteps: 2, saveStrategy: 'no', lrSchedulerType: 'constant' })
    const constant = regressionTrainer({ lrSchedulerType: 'constant' }, { trainDataset: spoiled() })
    await before.trainer.train()
    await expect(constant.trainer.train()).rejects.toThrow(NonFiniteLossError)
    expect(weightsOf(constant.model)).toEqual(weightsOf(before.model))
    expect([...checkpoints.saved.keys()]).toEqual([2])
    expect(model.runs[0]!.disposed).toBe(true)
  })

  test('leaves its step out by choice, and the schedule waits', async () => {
    const skipping = regressionTrainer(
      { onNonFiniteLoss: 'skip', gradientAccumulationSteps: 2, maxSteps: 3, lrSchedulerType: 'linear' },
      { trainDataset: spoiled() },
    )
    await skipping.trainer.train()
    const log = skipping.trainer.state.log_history
    const rates = log.flatMap(({ learning_rate }) => learning_rate ?? [])
    expect(rates.map((rate) => rate / 0.05)).toEqual(
      [1, 2 / 3, 2 / 3].map((rate) => expect.closeTo(rate, 12)),
    )
    expect(weightsOf(skipping.model).every(Number.isFinite)).toBe(true)
    expect(log.every(({ loss = 0 }) => Number.isFinite(loss))).toBe(true)

    // The same as two steps without that one, whose learning rates are those of the first and the last.
    const order = skipping.trail.map(({ batch }) => batch)
    const kept = [...order.slice(0, 2), ...order.slice(4, 6)].flat()
    const byFirst = new Map(examples(22, 0).map((item) => [item.x[0], item]))
    const inOrder = kept.map((x) => byFirst.get(x)!)
    const without = regressionTrainer(
      { gradientAccumulationSteps: 2, maxSteps: 2 },
      {
        trainDataset: inOrder[Symbol.iterator]() as Iterable<Example>,
        optimizers: [undefined, (step) => 1 - step / 3],
      },
    )
    await without.trainer.train()
    expect(weightsOf(without.model)).toEqual(weightsOf(skipping.model))
  })

  test('is in the log when that is wanted', async () => {
    const { trainer } = regressionTrainer(
      { onNonFiniteLoss: 'skip', loggingNanInfFilter: false, maxSteps: 3 },
      { trainDataset: spoiled() },
    )
    await trainer.train()
    expect(trainer.state.log_history.map(({ loss }) => Number.isNaN(loss))).toEqual([
      false,
      false,
      true,
      false,
    ])
  })
})

describe('memory that does not suffice', () => {
  const limited = (rows: number) => (batch: Batch) => {
    if (batch.x!.shape[0]! > rows) throw new OutOfMemoryError('no more')
  }

  test('says what to reduce', async () => {
    const { trainer } = regressionTrainer({}, { onStep: limited(2) })
    const training = trainer.train()
    await expect(training).rejects.toThrow(OutOfMemoryError)
    await expect(training).rejects.toThrow(/perDeviceTrainBatchSize \(now 4.*gradientCheckpointing/)
  })

  test('halves the batch by itself, beginning anew', async () => {
    const auto = regressionTrainer({ autoFindBatchSize: true, maxSteps: 9 }, { onStep: limited(1) })
    const plain = regressionTrainer({ perDeviceTrainBatchSize: 1, maxSteps: 9 })
    await auto.trainer.train()
    await plain.trainer.train()
    expect(auto.trainer.state.train_batch_size).toBe(1)
    expect(weightsOf(auto.model)).toEqual(weightsOf(plain.model))
    expect(auto.model.runs.map(({ disposed }) => disposed)).toEqual([true, true, true])
  })

  test('gives up at a batch of one', async () => {
    const { trainer } = regressionTrainer({ autoFindBatchSize: true }, { onStep: limited(0) })
    await expect(trainer.train()).rejects.toThrow('in batches of 1')
  })
})

describe('data', () => {
  test('a label out of range is told with its item', async () => {
    const { trainer, model, trail } = regressionTrainer(
      {},
      {
        dataCollator: (items) => ({
          ...collate(items),
          labels: tensor(items.map(({ id }) => (id === 20 ? 2 : id % 2))),
        }),
      },
    )
    Object.assign(model.classes, { labels: 2 })
    const error = await trainer.train().catch((error) => error)
    expect(error).toBeInstanceOf(LabelRangeError)
    expect(error).toMatchObject({ input: 'labels', value: 2, below: 2, item: 20 })
    expect(trail.length).toBeGreaterThan(0)
  })

  test('an item that can not be collated is told with its batch', async () => {
    const trainDataset = examples(22, 0).map((item) => (item.id === 7 ? { ...item, x: [1] } : item))
    const { trainer } = regressionTrainer({}, { trainDataset })
    await expect(trainer.train()).rejects.toThrow(CollateError)
  })

  test('a stream that ends too early says how far the training came', async () => {
    const { trainer, model, trail } = regressionTrainer(
      { maxSteps: 10 },
      { trainDataset: examples(22, 0)[Symbol.iterator]() as Iterable<Example> },
    )
    const training = trainer.train()
    await expect(training).rejects.toThrow(DatasetError)
    await expect(training).rejects.toThrow('After 6 of 10 steps')
    expect(trail).toHaveLength(6)
    expect(weightsOf(model)).not.toEqual([0.5, -0.25, 0.125, 0])
  })

  test('a stream needs maxSteps, and can not be grouped', async () => {
    const trainDataset = { async *[Symbol.asyncIterator]() {} }
    await expect(regressionTrainer({}, { trainDataset }).trainer.train()).rejects.toThrow('maxSteps')
    const grouped = regressionTrainer({ maxSteps: 3, groupByLength: true }, { trainDataset })
    await expect(grouped.trainer.train()).rejects.toThrow('groupByLength')
  })

  test('too few examples for a batch', async () => {
    const { trainer } = regressionTrainer({ dataloaderDropLast: true }, { trainDataset: examples(3, 0) })
    await expect(trainer.train()).rejects.toThrow('make no batch of 4')
  })
})

describe('the options of a Trainer', () => {
  const failing = (callbacks: TrainerCallback[]) => regressionTrainer({}, { callbacks }).trainer

  test('contradictions', async () => {
    expect(() => regressionTrainer({ evalStrategy: 'epoch' }, { evalDataset: undefined })).toThrow(
      'no evalDataset',
    )
    const optimizers = (groups: { parameters: string[] }[]) =>
      regressionTrainer({}, { optimizers: [{ kind: 'adamw', groups }] }).trainer.train()
    await expect(optimizers([{ parameters: ['linear.wait'] }])).rejects.toThrow(
      'The nearest one is "linear.weight"',
    )
    await expect(optimizers([{ parameters: ['linear.bias', 'linear.bias'] }])).rejects.toThrow('twice')
    await expect(optimizers([{ parameters: ['linear.bias'] }])).rejects.toThrow('"linear.weight" is trained')
    const frozen = regressionTrainer({})
    for (const parameter of frozen.model.parameters) parameter.trainable = false
    await expect(frozen.trainer.train()).rejects.toThrow('nothing to train')
    const unmeasured = regressionTrainer({ evalStrategy: 'steps', evalSteps: 1, metricForBestModel: 'f1' })
    await expect(unmeasured.trainer.train()).rejects.toThrow('eval_loss')
  })

  test('one training at a time', async () => {
    const { trainer } = regressionTrainer({})
    const first = trainer.train()
    await expect(trainer.train()).rejects.toThrow(OptionError)
    await first
  })

  test('an error of a callback ends the training', async () => {
    const fail = () => {
      throw new RangeError('mine')
    }
    await expect(failing([{ onStepEnd: fail }]).train()).rejects.toThrow('mine')
    await expect(failing([{ onInitEnd: async () => fail() }]).train()).rejects.toThrow('mine')
  })
})
