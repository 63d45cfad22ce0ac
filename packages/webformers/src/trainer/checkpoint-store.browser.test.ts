/** @file Checkpoints in a real browser's IndexedDB: whole or not at all, and opened again after the tab was closed. */
import { cache } from '@webformers/hub'
import { afterEach, describe, expect, test } from 'vitest'
import { OptionError } from '../errors'
import type { TrainingOptions } from './arguments'
import { TrainingArguments } from './arguments'
import { browserCheckpoints } from './checkpoint-store'
import { CheckpointError } from './errors'
import { type Example, examples, Regression } from './testing/regression'
import { collate, weightsOf } from './testing/regression-trainer'
import { Trainer } from './trainer'
import type { TrainerOptions } from './trainer-options'

const outputDir = `test-${crypto.randomUUID()}`
const saved = async () =>
  (await cache.list())
    .map(({ repository }) => repository)
    .filter((name) => name.includes(outputDir))
    .toSorted()

function trainerOf(args: TrainingOptions, options: Partial<TrainerOptions<Example>> = {}) {
  const model = new Regression()
  const trainer = new Trainer<Example>({
    model,
    args: new TrainingArguments({
      outputDir,
      removeUnusedColumns: false,
      learningRate: 0.05,
      perDeviceTrainBatchSize: 4,
      loggingSteps: 1,
      ...args,
    }),
    trainDataset: examples(22, 0),
    evalDataset: examples(8, 1000),
    dataCollator: collate,
    ...options,
  })
  return { model, trainer }
}

afterEach(async () => {
  for (const name of await saved()) await cache.remove(name)
})

test('a training is resumed from the last of them, and the oldest go', async () => {
  const whole = trainerOf({ saveStrategy: 'no' })
  await whole.trainer.train()
  const controller = new AbortController()
  const broken = trainerOf(
    { saveSteps: 2, saveTotalLimit: 2 },
    {
      callbacks: [
        { onStepEnd: (_, { global_step }) => (global_step === 11 ? controller.abort() : undefined) },
      ],
    },
  )
  await expect(broken.trainer.train({ signal: controller.signal })).rejects.toMatchObject({
    name: 'AbortError',
  })
  expect(await saved()).toEqual(
    [10, 8].map((step) => `indexeddb://${outputDir}/checkpoint-${step}`).toSorted(),
  )
  const again = trainerOf({ saveSteps: 4 })
  await again.trainer.train({ resumeFromCheckpoint: true })
  expect(weightsOf(again.model)).toEqual(weightsOf(whole.model))
  const losses = ({ trainer }: typeof whole) => trainer.state.log_history.flatMap(({ loss }) => loss ?? [])
  expect(losses(again)).toEqual(losses(whole))
})

test('one that was not written whole is not there', async () => {
  const first = trainerOf({ saveSteps: 3, maxSteps: 3 })
  await first.trainer.train()
  // The tab is closed while the second is written: its last file can not be read any more.
  const second = trainerOf({ saveSteps: 3, maxSteps: 6 })
  const { toFiles } = second.model
  second.model.toFiles = async () => {
    const files = await toFiles.call(second.model)
    if (second.trainer.state.global_step < 6) return files
    const slice = () => {
      throw new DOMException('closed', 'AbortError')
    }
    return Object.assign(files, { 'last.bin': Object.assign(new Blob(['never']), { slice }) })
  }
  await expect(second.trainer.train()).rejects.toThrow('closed')
  expect(await saved()).toEqual([`indexeddb://${outputDir}/checkpoint-3`])
})

test('the best model is loaded at the end, and the model is saved under its name', async () => {
  const { model, trainer } = trainerOf({
    learningRate: 1.5,
    lrSchedulerType: 'constant',
    evalStrategy: 'steps',
    evalSteps: 2,
    saveSteps: 2,
    loadBestModelAtEnd: true,
    saveTotalLimit: 1,
    numTrainEpochs: 1,
  })
  await trainer.train()
  const { best_model_checkpoint, best_metric } = trainer.state
  expect(await saved()).toEqual([best_model_checkpoint])
  const { eval_loss } = await trainer.evaluate()
  expect(eval_loss).toBeCloseTo(best_metric!, 10)
  expect(await trainer.saveModel()).toEqual(['model.safetensors', 'training_args.json'])
  const { 'model.safetensors': file } = await browserCheckpoints(outputDir).open(`indexeddb://${outputDir}`)
  const [weights] = await model.weightsIn({ 'model.safetensors': file! })
  expect(weights).toMatchObject({ shape: [1] })
})

describe('what is not there', () => {
  test('no checkpoint', async () => {
    await expect(trainerOf({}).trainer.train({ resumeFromCheckpoint: true })).rejects.toThrow(CheckpointError)
  })
  test('a name that is none', () => {
    expect(() => browserCheckpoints('../x')).toThrow(OptionError)
  })
})
