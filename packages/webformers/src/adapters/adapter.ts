/** @file An adapter of a model: what it is, and its numbers. */
import type { AdapterWeights } from './files'
import type { AdapterPlan } from './plan'

export interface Adapter {
  readonly plan: AdapterPlan
  /** By the names of parameters; those of the model that are trained whole are absent as long as they are the model's. */
  readonly weights: AdapterWeights
  /** Whether training changes it. */
  trainable: boolean
}
