/** @file What Keras's `compile` says of a training: optimizer, loss and metrics, by the names they have there. */
import { OptionError } from '../errors'
import type { ComputeMetrics } from './evaluation'
import type { OptimizerOptions } from './optimizer'

/** Optimizers by Keras's names, with the settings they have there. */
export const optimizers = {
  adam: { kind: 'adamw', learningRate: 1e-3, weightDecay: 0, eps: 1e-7 },
  adamw: { kind: 'adamw', learningRate: 1e-3, weightDecay: 0.004, eps: 1e-7 },
  sgd: { kind: 'sgd', learningRate: 0.01, weightDecay: 0 },
  adafactor: { kind: 'adafactor', learningRate: 1e-3, weightDecay: 0 },
} satisfies Record<string, OptimizerOptions>

export interface CompileOptions {
  /** By its name in Keras, or with settings of its own. Default: AdamW with a learning rate of 5e-5. */
  optimizer?: keyof typeof optimizers | OptimizerOptions
  /** In graph terms: `(outputs, labels) => lazy scalar`. Default: that of the model's head. */
  loss?: unknown
  /** What is measured of the validation data. */
  metrics?: readonly ('accuracy' | ComputeMetrics)[]
}

/** @throws {OptionError} when the optimizer or a metric is unknown */
export function expectCompilable({ optimizer, metrics = [] }: CompileOptions): void {
  if (typeof optimizer === 'string' && !Object.hasOwn(optimizers, optimizer))
    throw new OptionError(
      `There is no optimizer "${optimizer}". There are: ${Object.keys(optimizers).join(', ')}.`,
    )
  const odd = metrics.find((metric) => metric !== 'accuracy' && typeof metric !== 'function')
  if (odd !== undefined)
    throw new OptionError(
      `There is no metric "${odd}": give "accuracy", or a function of predictions and labels.`,
    )
}
