/** @file What crosses the boundary when a model is trained: its programs, its optimizer, and all that a resume needs. */
import type { Program } from '@webformers/graph'
import type { SavedTensor } from '@webformers/hub'
import type { PlainTensor, PlainTensors } from '../tensor'

/** A weight that is trained: an input of the programs, where others are parts of them. */
export interface Trainable {
  /** Its own name, which is also that of its input. */
  readonly name: string
  /** The names it may have in the checkpoint, its own first. */
  readonly sources: readonly string[]
  /** As PyTorch lays it out. */
  readonly shape: readonly number[]
  /**
   * A table of which the graph reads nothing but rows, on WASM: the input of its name holds these rows, and so does its gradient.
   * The table itself need not reach the graph at each step.
   */
  readonly lookup?: {
    /** The input whose ids name the rows. */
    readonly ids: string
    /** The row that is never trained. Like `padding_idx` in PyTorch. */
    readonly padding?: number
  }
}

/**
 * A model that can be trained. Both programs take the weights as inputs:
 * - `named`: each under its name;
 * - `flat`: all end to end, in the order of `trainable`, as the input `parameters`; they stay on the GPU.
 */
export interface TrainingProgram {
  /**
   * Forward and backward. Besides the model's inputs it takes `loss_scale`, a scalar by which the loss is multiplied before it is
   * differentiated. Its outputs are `loss`, not multiplied, and
   * - `named`: `gradient:<name>` for each weight;
   * - `flat`: `gradients`, laid out as `parameters` is: the gradients of this batch added to the input `accumulated`.
   */
  readonly step: Program
  /** Forward alone, without dropout. */
  readonly evaluate?: Program
  readonly trainable: readonly Trainable[]
  readonly layout: 'named' | 'flat'
}

/** Weights that share a learning rate and a decay. */
export interface ParameterGroup {
  /** Their names. */
  readonly parameters: readonly string[]
  readonly weightDecay: number
}

/** `torch.optim.AdamW`. */
export interface AdamW {
  readonly kind: 'adamw'
  readonly groups: readonly ParameterGroup[]
  readonly betas: readonly [number, number]
  readonly eps: number
}

/** `torch.optim.SGD`. */
export interface SGD {
  readonly kind: 'sgd'
  readonly groups: readonly ParameterGroup[]
  readonly momentum: number
  readonly nesterov: boolean
}

/** `transformers.optimization.Adafactor`. */
export interface Adafactor {
  readonly kind: 'adafactor'
  readonly groups: readonly ParameterGroup[]
  /** What is added to squared gradients, and the least scale of a weight. */
  readonly eps: readonly [number, number]
  readonly clipThreshold: number
  readonly decayRate: number
  /** The decay of the mean of updates; without it none is kept. */
  readonly beta1?: number
  readonly scaleParameter: boolean
  /** Learning rates follow from the number of steps; those that are given are not used. */
  readonly relativeStep: boolean
  readonly warmupInit: boolean
}

export type Optimizer = AdamW | SGD | Adafactor

/** How the loss is scaled, so that gradients in half precision do not vanish. Like `torch.amp.GradScaler`. */
export interface LossScaling {
  readonly initial: number
  readonly growthFactor: number
  readonly backoffFactor: number
  /** After so many updates without infinity the scale grows. */
  readonly growthInterval: number
}

export interface StepOptions {
  /** What dropout is drawn from. */
  seed?: number
  /** What the loss counts: one over the number of batches whose gradients accumulate. */
  scale?: number
  /** Outputs of the program to read back beside the loss. */
  outputs?: readonly string[]
}

export interface StepResult {
  /** May be infinite or no number. */
  readonly loss: number
  readonly outputs: PlainTensors
}

export interface UpdateOptions {
  /** One for each group. */
  learningRates: readonly number[]
  /** Larger gradients are scaled down to this norm. Like `torch.nn.utils.clip_grad_norm_`. */
  maxGradNorm?: number
}

export interface UpdateResult {
  /** Before clipping; only known where something was clipped by it, or scaled. */
  readonly gradNorm: number | undefined
  /** Whether gradients were infinite, so that the weights stayed and the loss is scaled less. */
  readonly skipped: boolean
}

/** All that a later training needs to go on as if it were this one. */
export interface TrainingState {
  readonly weights: readonly SavedTensor[]
  /** What the optimizer remembers, as `exp_avg:<name of the weight>`. */
  readonly moments: readonly SavedTensor[]
  /** Updates so far. */
  readonly steps: number
  readonly lossScale: LossScaleState
}

export interface LossScaleState {
  readonly scale: number
  /** Updates since it last changed. */
  readonly unchanged: number
}

export type Gradients = Record<string, PlainTensor<'float32'>>
