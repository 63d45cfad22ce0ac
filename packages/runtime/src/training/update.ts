/** @file What optimizers are told, on any device. */

/** One update of one weight. */
export interface Update {
  readonly learningRate: number
  readonly weightDecay: number
  /** Gradients are multiplied by it first. */
  readonly factor: number
  /** Which update it is; the first is 1. */
  readonly step: number
}
