/** @file A model in training on a device: where its weights, their gradients and the optimizer's moments lie. */
import type { TensorEntry } from '@webformers/hub'
import type { PlainTensors } from '../tensor'
import { moments } from './moments'
import type { Gradients, Optimizer, TrainingProgram } from './program'

/** Numbers by the name of their weight, or by that of a moment: `exp_avg:<name of the weight>`. */
export type Vectors = Map<string, Float32Array<ArrayBuffer>>

export interface Backend {
  /** Forward and backward; the gradients are added to those that are there. Gives `loss` and the outputs named. */
  step(inputs: PlainTensors, options: BackendStep): Promise<PlainTensors>
  evaluate(inputs: PlainTensors, outputs: readonly string[]): Promise<PlainTensors>
  /** The norm of all gradients together. */
  gradNorm(): Promise<number>
  /** Change the weights by the gradients times `factor`, and forget these. */
  update(update: BackendUpdate): Promise<void>
  zeroGrad(): void
  gradients(names: readonly string[]): Promise<Gradients>
  /** Copies of weights or moments. */
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
  readonly program: TrainingProgram
  readonly optimizer: Optimizer
  /** What the checkpoint holds, by the name of the parameter. */
  readonly entries: ReadonlyMap<string, TensorEntry>
}

/** The names under which moments are saved, with their shapes. */
export function momentsOf({ trainable }: TrainingProgram, optimizer: Optimizer) {
  return trainable.flatMap(({ name, shape }) =>
    moments(optimizer, shape).map((moment) => ({
      name: `${moment.kind}:${name}`,
      weight: name,
      ...moment,
    })),
  )
}
