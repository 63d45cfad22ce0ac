/** @file What Adafactor takes from the number of updates, on any device. */
import type { Adafactor } from './program'

/** The learning rate of an update where it follows from the number of updates. */
export function relativeRate({ relativeStep, warmupInit }: Adafactor, step: number, given: number): number {
  if (!relativeStep) return given
  return Math.min(warmupInit ? 1e-6 * step : 1e-2, 1 / Math.sqrt(step))
}

/** How much of the means of squares is kept. */
export const keptSquares = ({ decayRate }: Adafactor, step: number) => 1 - step ** decayRate
