/** @file What a Trainer needs of a model: the model tells what there is to train, and begins a training. */
import type { SavedTensor } from '@webformers/hub'
import type { Optimizer, PlainTensors, TrainingState } from '@webformers/runtime'

/** A batch of examples: a model's inputs, labels among them. */
export type Batch = PlainTensors

/** A parameter as the optimizer sees it. */
export interface TrainableParameter {
  /** Its path in the module tree, as Python names it. */
  readonly name: string
  readonly shape: readonly number[]
  /** Whether it is the weight or bias of a `LayerNorm`, which does not decay whatever its name is. */
  readonly layerNorm: boolean
  /** Frozen parameters get no gradient. */
  readonly trainable: boolean
}

/**
 * How a model's loss follows the number of items, which Python's Trainer tells some models in `num_items_in_batch`:
 * - `'mean'`: it is not told (`forward` takes no further keyword arguments);
 * - `'ignored'`: it is told and takes the mean of the batch all the same;
 * - `'labels'`: it divides by that number instead of the number of labels that count;
 * - `'shifted'`: the same, with labels shifted by one, of which the first counts for nothing.
 */
export type LossCount = 'mean' | 'ignored' | 'labels' | 'shifted'

/** What makes the loss another one than the model's own. */
export interface LossOptions {
  readonly labelSmoothing?: number
  /** The dtype of the labels there are, which tells a classifier's problem where its configuration does not. */
  readonly labels?: 'int32' | 'float32'
  /** The user's own, in graph terms: `(outputs, labels) => lazy scalar`. */
  readonly computeLoss?: unknown
}

export interface TrainingRunOptions extends LossOptions {
  readonly optimizer: Optimizer
  readonly gradientCheckpointing: boolean
  readonly fp16: boolean
  readonly signal?: AbortSignal
}

export interface Evaluator {
  /** Give back the memory. */
  dispose?(): void | Promise<void>
  /** The named outputs, `loss` among them where there are labels, without dropout. */
  evaluate(
    batch: Batch,
    options: { readonly outputs: readonly string[]; readonly signal?: AbortSignal },
  ): Promise<PlainTensors>
}

/** A model in training; `LoadedTraining` of the runtime is one. */
export interface TrainingRun extends Evaluator {
  /** Forward and backward: the gradients of `scale` × loss are added to those that are there. The loss that comes back is not scaled. */
  step(
    batch: Batch,
    options: { readonly seed: number; readonly scale: number; readonly signal?: AbortSignal },
  ): Promise<{ readonly loss: number }>
  /** Change the weights by the gradients that are there, of which none are left. */
  update(options: {
    readonly learningRates: readonly number[]
    readonly maxGradNorm?: number
  }): Promise<{ readonly gradNorm: number | undefined; readonly skipped: boolean }>
  /** Forget the gradients that are there. */
  zeroGrad(): Promise<void>
  state(): Promise<TrainingState>
  restore(state: TrainingState): Promise<void>
  weights(): Promise<readonly SavedTensor[]>
  dispose(): void | Promise<void>
}

/** A model that a Trainer can train. */
export interface TrainableModel {
  /** The inputs it takes, labels among them. */
  readonly inputNames: readonly string[]
  /** The inputs that are labels: `['labels']`, or `['start_positions', 'end_positions']`. */
  readonly labelNames: readonly string[]
  /** The outputs that are predictions. */
  readonly outputNames: readonly string[]
  /** The input that an example is about: `input_ids` or `pixel_values`. */
  readonly mainInputName: string
  readonly parameters: readonly TrainableParameter[]
  readonly lossCount: LossCount
  /** How many classes a label may be of, by the label's name; absent where labels are no classes. */
  readonly classes: Readonly<Record<string, number>>
  /** Evaluate the weights as they are. */
  evaluator(options: LossOptions): Promise<Evaluator>
  /** Begin a training from the weights as they are. */
  training(options: TrainingRunOptions): Promise<TrainingRun>
  /** Take trained weights in the place of those that are there. */
  adopt(weights: readonly SavedTensor[]): Promise<void>
  /** The model as files, floating point in float32, so that a training resumes exactly. */
  toFiles(options: { readonly signal?: AbortSignal }): Promise<Record<string, Blob>>
  /** The weights that are trained, out of such files. */
  weightsIn(files: Readonly<Record<string, Blob>>): Promise<readonly SavedTensor[]>
}

/** What can be given to a Trainer as its model. */
export interface Trainable {
  /** What it is to a Trainer. */
  trainable(): Promise<TrainableModel>
}
