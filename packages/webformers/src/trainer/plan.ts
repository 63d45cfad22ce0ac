/** @file How many steps and epochs a training has. */
import { OptionError } from '../errors'
import type { TrainingArguments } from './arguments'

export interface Plan {
  readonly maxSteps: number
  readonly epochs: number
  /** Batches of an epoch; as many as there are to do where the dataset tells no length. */
  readonly batchesPerEpoch: number
  readonly stepsPerEpoch: number
  /** Examples seen in all, as the speed is measured by. */
  readonly samples: number
}

/** @param batches of an epoch, unknown for a stream. @param examples of the dataset, unknown for a stream
 * @throws {OptionError} when a stream comes without `maxSteps`, or an epoch has no batch */
export function planSteps(
  args: TrainingArguments,
  batchSize: number,
  batches: number | undefined,
  examples: number | undefined,
): Plan {
  const { maxSteps: given, gradientAccumulationSteps: accumulation, numTrainEpochs } = args
  const samples = given * batchSize * accumulation
  if (batches === undefined || examples === undefined) {
    if (given > 0)
      return {
        maxSteps: given,
        epochs: Number.MAX_SAFE_INTEGER,
        batchesPerEpoch: given * accumulation,
        stepsPerEpoch: given,
        samples,
      }
    throw new OptionError(
      'The training dataset tells no length: give maxSteps above 0, so that the learning rate can follow the steps.',
    )
  }
  if (batches === 0)
    throw new OptionError(
      `The training dataset has ${examples} examples, which make no batch of ${batchSize}. Give it more, lower perDeviceTrainBatchSize, or leave dataloaderDropLast out.`,
    )
  const stepsPerEpoch = Math.ceil(batches / accumulation)
  const common = { batchesPerEpoch: batches, stepsPerEpoch }
  if (given > 0) return { ...common, maxSteps: given, epochs: Math.ceil(given / stepsPerEpoch), samples }
  return {
    ...common,
    maxSteps: Math.ceil(numTrainEpochs * stepsPerEpoch),
    epochs: Math.ceil(numTrainEpochs),
    samples: examples * numTrainEpochs,
  }
}
