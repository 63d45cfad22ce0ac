/** @file What the optimizers in JavaScript have in common. */
import type { MomentKind } from '../moments'
import type { Gradient } from './gradient'

/** A weight, and what is remembered of it. */
export interface Trained {
  readonly shape: readonly number[]
  readonly values: Float32Array<ArrayBuffer>
  readonly moments: Readonly<Partial<Record<MomentKind, Float32Array<ArrayBuffer>>>>
}

/** One update of one weight. */
export interface Update {
  readonly learningRate: number
  readonly weightDecay: number
  /** Gradients are multiplied by it first. */
  readonly factor: number
  /** Which update it is; the first is 1. */
  readonly step: number
}

/** Changes a weight, and what is remembered of it, in place. */
export type UpdateWeight = (weight: Trained, gradient: Gradient, update: Update) => void
