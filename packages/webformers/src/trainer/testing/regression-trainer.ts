/** @file For tests: a Trainer over the regression, with checkpoints in memory. */
import type { Batch, Items } from '../../data'
import { tensor } from '../../tensor'
import { TrainingArguments, type TrainingOptions } from '../arguments'
import { Trainer } from '../trainer'
import type { TrainerOptions } from '../trainer-options'
import { type Example, examples, memoryCheckpoints, Regression, type Watch } from './regression'

export const collate = (items: readonly Example[]): Batch => ({
  x: tensor(items.map(({ x }) => [...x])),
  labels: tensor(Float32Array.from(items, ({ labels }) => labels)),
})

/** What was trained on, in its order: the first coordinate of each example, which no two have in common, and the seed. */
export type Trail = { readonly batch: number[]; readonly seed: number }[]

export interface RegressionTrainer {
  readonly trainer: Trainer<Example>
  readonly model: Regression
  readonly checkpoints: ReturnType<typeof memoryCheckpoints>
  readonly trail: Trail
}

export type RegressionOptions = Omit<Partial<TrainerOptions<Example>>, 'checkpoints'> &
  Watch & { readonly checkpoints?: ReturnType<typeof memoryCheckpoints> }

export function regressionTrainer(
  args: TrainingOptions,
  {
    trainDataset = examples(22, 0),
    checkpoints = memoryCheckpoints(),
    onStep,
    ...options
  }: RegressionOptions = {},
): RegressionTrainer {
  const trail: Trail = []
  const model = new Regression('mean', {
    async onStep(batch, seed) {
      trail.push({ batch: Array.from(batch.x!.data, Number).filter((_, i) => i % 3 === 0), seed })
      await onStep?.(batch, seed)
    },
  })
  const trainer = new Trainer<Example>({
    model,
    args: new TrainingArguments({
      removeUnusedColumns: false,
      learningRate: 0.05,
      perDeviceTrainBatchSize: 4,
      perDeviceEvalBatchSize: 3,
      loggingSteps: 1,
      ...args,
    }),
    trainDataset: trainDataset as Items<Example>,
    evalDataset: examples(8, 1000),
    dataCollator: collate,
    checkpoints,
    ...options,
  })
  return { trainer, model, checkpoints, trail }
}

export const weightsOf = ({ weights }: Regression): number[] => [...weights.weight, ...weights.bias]
