/** @file What can go wrong while a model is trained; in each case the checkpoints that were saved stay. */
import { WebformersError } from '@webformers/hub'

/** A loss was infinite or no number. */
export class NonFiniteLossError extends WebformersError {
  override readonly name = 'NonFiniteLossError'
  constructor(
    readonly loss: number,
    /** The step that it would have been part of; the first one is 1. */
    readonly step: number,
    /** The batch of its epoch; the first one is 0. */
    readonly batch: number,
    /** Which items of the dataset the batch is made of. */
    readonly items: readonly number[],
  ) {
    super(
      `The loss is ${loss} at step ${step}, in batch ${batch} of the epoch, made of the dataset's items ${items.join(', ')}. ` +
        "The model has the weights from before it. Lower learningRate, look at these items, or leave such steps out with onNonFiniteLoss: 'skip'.",
    )
  }
}

/** A label is none of those the model knows. */
export class LabelRangeError extends WebformersError {
  override readonly name = 'LabelRangeError'
  constructor(
    readonly input: string,
    readonly value: number,
    readonly below: number,
    /** Which item of the dataset has it. */
    readonly item: number,
  ) {
    super(
      `Item ${item} of the dataset has ${value} in "${input}", but this model knows labels from 0 to ${below - 1}, and -100 for what counts for nothing. ` +
        'Load the model with { numLabels }, or correct the labels.',
    )
  }
}

/** There is no checkpoint to resume from, or it lacks what a resume needs. */
export class CheckpointError extends WebformersError {
  override readonly name = 'CheckpointError'
}
