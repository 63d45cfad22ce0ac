/** @file A model in training on a device: where its weights, their gradients and the optimizer's moments lie. */
import type { TensorEntry } from '@webformers/hub'
import type { Runtime } from '../session'
import type { PlainTensors } from '../tensor'
import type { Gradients, Optimizer, TrainingProgram } from './program'

/** Numbers by the name of their weight, or by that of a moment. */
export type Vectors = Map<string, Float32Array<ArrayBuffer>>

export interface Backend {
  /** Forward and backward; the gradients are added to those that are there. Gives the outputs named. */
  step(inputs: PlainTensors, options: BackendStep): Promise<PlainTensors>
  evaluate(inputs: PlainTensors, outputs: readonly string[]): Promise<PlainTensors>
  /** The norm of all gradients together. */
  gradNorm(): Promise<number>
  /** Change the weights by the gradients times `factor`, and forget these. */
  update(update: BackendUpdate): Promise<void>
  zeroGrad(): void
  gradients(names: readonly string[]): Promise<Gradients>
  /** Weights and moments as they are, to be copied before the next update. */
  read(names: readonly string[]): Promise<Vectors>
  write(vectors: Vectors): Promise<void>
  release(): Promise<void>
}

export interface BackendStep {
  readonly outputs: readonly string[]
  readonly seed: number
  readonly lossScale: number
}

export interface BackendUpdate {
  /** Of each group. */
  readonly learningRates: readonly number[]
  readonly factor: number
  /** Which update it is; the first is 1. */
  readonly step: number
}

/** What a backend is made of. */
export interface Setting {
  readonly runtime: Runtime
  readonly program: TrainingProgram
  readonly optimizer: Optimizer
  /** What the checkpoint holds, by the name of the parameter. */
  readonly entries: ReadonlyMap<string, TensorEntry>
}
