/** @file What the optimizers in JavaScript have in common. */
import type { MomentKind } from '../moments'
import type { Update } from '../update'
import type { Gradient } from './gradient'

/** A weight, and what is remembered of it. */
export interface Trained {
  readonly shape: readonly number[]
  readonly values: Float32Array<ArrayBuffer>
  readonly moments: Readonly<Partial<Record<MomentKind, Float32Array<ArrayBuffer>>>>
  /** The rows of a table of which something is remembered; an optimizer finds out where it needs to know. */
  touched?: Uint8Array | undefined
}

/** Changes a weight, and what is remembered of it, in place. */
export type UpdateWeight = (weight: Trained, gradient: Gradient, update: Update) => void
